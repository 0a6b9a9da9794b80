package io.nvmf.samples.webflux.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;

/** The page, in the words of its users. */
final class GatewayPage {

    /** What a test waits for comes within this time. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Transfers of gigabytes end within this time, on a machine that has other things to do as well. */
    private static final Duration TRANSFER = Duration.ofMinutes(2);

    private static final Duration GLANCE = Duration.ofMillis(50);

    private final ChromeDriver driver;

    private GatewayPage(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Opens it, and waits until everything is there. */
    static GatewayPage open(Chrome chrome, String url) {
        GatewayPage page = new GatewayPage(chrome.driver());
        chrome.driver().get(url);
        page.awaitState("live");
        until(() -> page.all("#namespace-rows tr[data-nsid]").size() >= 3, "all namespaces are listed");
        until(() -> page.text("#feed-text").equals("Live updates"), "events arrive");
        return page;
    }

    static void until(Callable<Boolean> condition, String what) {
        await(what).atMost(PATIENCE).pollInterval(GLANCE).until(condition);
    }

    /** For the ends of transfers. */
    static void untilTransferred(Callable<Boolean> condition, String what) {
        await(what).atMost(TRANSFER).pollInterval(GLANCE).until(condition);
    }

    WebElement one(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    List<WebElement> all(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    String text(String selector) {
        return one(selector).getText();
    }

    /** The state of the association that is shown. */
    String state() {
        return String.valueOf(one("#connection").getDomAttribute("data-state"));
    }

    void awaitState(String state) {
        until(() -> state().equals(state), "the association is " + state);
    }

    /** A button of a namespace's row. */
    WebElement action(int nsid, String label) {
        return all("tr[data-nsid='" + nsid + "'] .button").stream()
                .filter(button -> button.getText().startsWith(label))
                .findFirst()
                .orElseThrow();
    }

    /** Uploads through the dialog. */
    Row upload(int nsid, Path file, String offset) {
        action(nsid, "Upload").click();
        one("#upload-file").sendKeys(file.toString());
        WebElement field = one("#upload-offset");
        field.clear();
        field.sendKeys(offset);
        one("#upload-form [type=submit]").click();
        return newest();
    }

    /** Reads through the dialog. */
    Row verify(int nsid, String offset, String length) {
        action(nsid, "Verify").click();
        for (String[] field : new String[][] {{"#verify-offset", offset}, {"#verify-length", length}}) {
            WebElement input = one(field[0]);
            input.clear();
            input.sendKeys(field[1]);
        }
        one("#verify-form [type=submit]").click();
        return newest();
    }

    /** Opens a chart's table. The browser tells the page of it, and only then the page fills it. */
    void openTable(String chart) {
        one("#" + chart + " summary").click();
        until(() -> !all("#" + chart + " tbody tr").isEmpty(), "the table is filled");
    }

    void interrupt() {
        one("#interrupt").click();
    }

    /** The row of the transfer that was begun last. */
    Row newest() {
        return new Row(one("#transfers .transfer"));
    }

    /** A transfer. */
    static final class Row {

        private final WebElement root;

        private Row(WebElement root) {
            this.root = root;
        }

        /** {@code busy}, {@code paused}, {@code good}, {@code bad} or {@code idle}. */
        String tone() {
            return String.valueOf(root.getDomAttribute("data-tone"));
        }

        /** How far the bar is, in bytes. */
        long value() {
            return Double.valueOf(bar().getDomProperty("value")).longValue();
        }

        long max() {
            return Double.valueOf(bar().getDomProperty("max")).longValue();
        }

        private WebElement bar() {
            return root.findElement(By.tagName("progress"));
        }

        /** The small print. */
        String detail() {
            return root.findElement(By.className("transfer-detail")).getText();
        }

        void press(String label) {
            root.findElements(By.tagName("button")).stream()
                    .filter(button -> button.getText().startsWith(label))
                    .findFirst()
                    .orElseThrow()
                    .click();
        }

        void awaitTone(String tone) {
            until(() -> tone().equals(tone), "the transfer is " + tone);
        }

        /** Waits until it has ended well. */
        void awaitEnd() {
            untilTransferred(() -> !List.of("busy", "paused").contains(tone()), "the transfer ends");
            assertThat(tone()).as(detail()).isEqualTo("good");
        }

        void awaitBeyond(double part) {
            until(() -> value() > part * max(), "the bar is beyond " + part);
        }
    }
}
