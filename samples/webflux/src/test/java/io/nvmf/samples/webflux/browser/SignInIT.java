package io.nvmf.samples.webflux.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a password: the browser asks for it once, and everything that the page does afterwards has it. */
class SignInIT {

    @Test
    void whoSignsInCanDoEverything(@TempDir Path directory) throws IOException {
        TestFile file = TestFile.create(directory.resolve("small.img"), 4 << 20, 4);
        try (GatewayApp gateway = GatewayApp.withPassword("correct-horse");
                Chrome chrome = Chrome.start(directory)) {
            GatewayPage page = GatewayPage.open(chrome, "http://gateway:correct-horse@" + gateway.authority() + "/");
            GatewayPage.Row upload = page.upload(1, file.path(), "0");
            upload.awaitEnd();
            upload.press("Read back");

            page.newest().awaitEnd();
            assertThat(page.newest().detail()).contains(file.crc32c());
            chrome.assertNoErrors();
        }
    }

    @Test
    void whoDoesNotSeesNothing(@TempDir Path directory) {
        try (GatewayApp gateway = GatewayApp.withPassword("correct-horse");
                Chrome chrome = Chrome.start(directory)) {
            chrome.driver().get(gateway.url());

            assertThat(chrome.driver().getPageSource()).doesNotContain("NVMe gateway", "namespace");
        }
    }
}
