package io.nvmf.samples.webflux.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/** Everything that the page does can be done with the keyboard, and the focus is always to be seen. */
class KeyboardIT {

    /** More steps than the page has. */
    private static final int MOST_STEPS = 60;

    private static GatewayApp gateway;
    private static Chrome chrome;
    private static TestFile file;

    private GatewayPage page;

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        file = TestFile.create(directory.resolve("small.img"), 4 << 20, 3);
        gateway = GatewayApp.open();
        chrome = Chrome.start(directory);
    }

    @AfterAll
    static void stop() {
        chrome.close();
        gateway.close();
    }

    @BeforeEach
    void open() {
        chrome.size(1280, 960);
        page = GatewayPage.open(chrome, gateway.url());
    }

    @AfterEach
    void noErrors() {
        chrome.assertNoErrors();
    }

    @Test
    void aFileIsUploadedAndReadBack() {
        tabTo("Upload into namespace 1");
        press(Keys.ENTER);
        focused().sendKeys(file.path().toString()); // the system's dialog, which follows Enter, is not the page's
        tabTo("Write from byte");
        replaceBy("1 MiB");
        press(Keys.ENTER);
        GatewayPage.Row upload = page.newest();
        upload.awaitEnd();

        tabTo("Read back small.img into namespace 1");
        press(Keys.SPACE);
        GatewayPage.until(() -> page.all("#transfers .transfer").size() == 2, "it is being read");
        page.newest().awaitEnd();
        assertThat(page.newest().detail()).contains(file.crc32c());
    }

    @Test
    void aNamespaceIsVerified() {
        tabTo("Verify namespace 3");
        press(Keys.ENTER);
        press(Keys.TAB);
        assertThat(focused().getAccessibleName()).isEqualTo("How much");
        replaceBy("8 MiB");
        press(Keys.ENTER);

        page.newest().awaitEnd();
        assertThat(page.newest().detail()).startsWith("8 MiB in ");
    }

    @Test
    void escapeClosesADialogAndTheFocusGoesBackToItsButton() {
        tabTo("Upload into namespace 2");
        press(Keys.ENTER);
        assertThat(page.one("#upload-dialog").isDisplayed()).isTrue();
        press(Keys.ESCAPE);

        GatewayPage.until(() -> !page.one("#upload-dialog").isDisplayed(), "the dialog closes");
        assertThat(focused().getAccessibleName()).isEqualTo("Upload into namespace 2");
    }

    @Test
    void aMistakeTakesTheFocusToItsField() {
        tabTo("Verify namespace 1");
        press(Keys.ENTER);
        replaceBy("much");
        press(Keys.ENTER);

        assertThat(focused().getDomAttribute("id")).isEqualTo("verify-offset");
        assertThat(page.text("#verify-offset-error"))
                .isEqualTo("This is no number of bytes. Write 4096 or 64 MiB, for example.");
        press(Keys.ESCAPE);
    }

    @Test
    void theSkipLinkComesFirstAndLeadsToTheNamespaces() {
        press(Keys.TAB);
        assertThat(focused().getAccessibleName()).isEqualTo("Skip to the namespaces");
        assertThat(focused().getLocation().getY()).isNotNegative();
        press(Keys.ENTER);
        GatewayPage.until(() -> "content".equals(focused().getDomAttribute("id")), "the link is followed");
        press(Keys.TAB);

        assertThat(focused().getAccessibleName()).isEqualTo("Refresh");
    }

    @Test
    void theFocusIsSeenWhereverItIs() {
        page.verify(3, "0", "1 MiB").awaitEnd(); // so that the list's buttons are there
        page.one("h1").click();
        int steps = 0;
        do {
            press(Keys.TAB);
            Object outline = chrome.run("const style = getComputedStyle(document.activeElement);"
                    + "return document.activeElement === document.body ? 'none there'"
                    + " : `${style.outlineStyle} ${parseFloat(style.outlineWidth) >= 2}`");
            assertThat(outline).as(focused().getAccessibleName()).isIn("solid true", "none there");
        } while (!focused().getTagName().equals("body") && ++steps < MOST_STEPS);
        assertThat(steps).isBetween(15, MOST_STEPS - 1);
    }

    private void tabTo(String name) {
        for (int step = 0; step < MOST_STEPS; step++) {
            if (focused().getAccessibleName().equals(name)) {
                return;
            }
            press(Keys.TAB);
        }
        throw new AssertionError("The Tab key does not lead to \"" + name + '"');
    }

    private static WebElement focused() {
        return chrome.driver().switchTo().activeElement();
    }

    private static void replaceBy(String text) {
        new Actions(chrome.driver())
                .keyDown(Keys.CONTROL)
                .sendKeys("a")
                .keyUp(Keys.CONTROL)
                .sendKeys(text)
                .perform();
    }

    private static void press(CharSequence... keys) {
        new Actions(chrome.driver()).sendKeys(keys).perform();
    }
}
