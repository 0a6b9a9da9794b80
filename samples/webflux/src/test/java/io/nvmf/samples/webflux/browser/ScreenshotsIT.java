package io.nvmf.samples.webflux.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pictures of the documentation. They are taken in every run, so that what they show is known to be reachable, and
 * kept in {@code docs/images} if {@code nvmf.screenshots} names that directory.
 */
class ScreenshotsIT {

    private static final long MIB = 1 << 20;
    private static final long LARGEST = 200 * 1024;
    private static final Path IMAGES = Path.of(System.getProperty("nvmf.screenshots", "target/screenshots"));

    @Test
    void picturesOfAnUploadThatIsCutAndOfItsEnd(@TempDir Path directory) throws IOException {
        TestFile file = TestFile.create(directory.resolve("disk.img"), 256 * MIB, 5);
        try (GatewayApp gateway = GatewayApp.open();
                Chrome chrome = Chrome.start(directory)) {
            chrome.size(1280, 1060).preferences("light", "reduce");
            GatewayPage page = GatewayPage.open(chrome, gateway.url());
            page.verify(3, "0", "1 GiB").awaitEnd();
            page.one("#clear-transfers").click();
            chrome.limit(24 * MIB);
            GatewayPage.Row row = page.upload(1, file.path(), "0");
            row.awaitBeyond(0.35);
            picture(chrome, "gateway-upload-light");
            page.interrupt();
            row.awaitTone("paused");
            GatewayPage.until(() -> page.text("#state-detail").contains("next in"), "an attempt is waited for");
            chrome.preferences("dark", "reduce");
            picture(chrome, "gateway-reconnecting-dark");
            page.awaitState("live");
            chrome.limit(0);
            row.awaitEnd();
            row.press("Read back");
            GatewayPage.untilTransferred(
                    () -> page.newest().detail().endsWith("the same as was uploaded"), "it is read back");
            picture(chrome, "gateway-verified-dark");
            chrome.preferences("light", "reduce").size(390, 844);
            picture(chrome, "gateway-narrow-light");
            chrome.assertNoErrors();
        }
    }

    private static void picture(Chrome chrome, String name) throws IOException {
        chrome.run("document.activeElement.blur(); window.scrollTo(0, 0);");
        Path file = IMAGES.resolve(name + ".png");
        chrome.screenshot(file);
        assertThat(Files.size(file)).as(name).isLessThanOrEqualTo(LARGEST);
    }
}
