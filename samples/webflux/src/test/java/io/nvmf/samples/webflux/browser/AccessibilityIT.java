package io.nvmf.samples.webflux.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.WebElement;

/** People who do not see the page, or not well, find everything; so do those with a small screen. */
class AccessibilityIT {

    private static GatewayApp gateway;
    private static Chrome chrome;

    private GatewayPage page;

    @BeforeAll
    static void start(@TempDir Path directory) {
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
        chrome.size(1280, 960).preferences("light", "no-preference");
        page = GatewayPage.open(chrome, gateway.url());
    }

    @AfterEach
    void noErrors() {
        chrome.assertNoErrors();
    }

    @Test
    void thePageHasATitleALanguageLandmarksAndOneFirstHeading() {
        assertThat(chrome.driver().getTitle()).isEqualTo("NVMe gateway");
        assertThat(page.one("html").getDomAttribute("lang")).isEqualTo("en");
        assertThat(page.all("h1")).hasSize(1);
        assertThat(page.all("h1, h2, h3, h4, h5, h6").get(0).getTagName()).isEqualTo("h1");
        assertThat(page.all("h3, h4, h5, h6")).isEmpty();
        for (String landmark : List.of("header", "main", "footer")) {
            assertThat(page.all("body > " + landmark)).as(landmark).hasSize(1);
        }
        assertThat(page.all("section:not([aria-labelledby])")).isEmpty();
    }

    @Test
    void everyControlBarChartAndDialogHasAName() {
        page.verify(3, "0", "1 MiB").awaitEnd();
        List<WebElement> named =
                page.all("a, button, input, progress, summary, dialog, table, section, svg[role=img], [tabindex='0']");

        assertThat(named).hasSizeGreaterThan(30);
        for (WebElement element : named) {
            if (element.isDisplayed()) {
                assertThat(element.getAccessibleName())
                        .as(element.getDomProperty("outerHTML"))
                        .isNotBlank();
            }
        }
    }

    @Test
    void namesOfControlsTellThemApart() {
        List<String> names = page.all("main button, main a").stream()
                .filter(WebElement::isDisplayed)
                .map(WebElement::getAccessibleName)
                .toList();

        assertThat(names)
                .contains("Download namespace 1", "Download namespace 2")
                .doesNotHaveDuplicates();
    }

    @Test
    void everyReferenceLeadsToAnElementAndNoIdIsThereTwice() {
        List<String> broken = chrome.texts("""
                const broken = [];
                for (const name of ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls'])
                    for (const element of document.querySelectorAll(`[${name}]`))
                        for (const id of element.getAttribute(name).split(/\\s+/))
                            if (!document.getElementById(id)) broken.push(`${name} ${id}`);
                const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
                return broken.concat(ids.filter((id, at) => ids.indexOf(id) !== at));
                """);

        assertThat(broken).isEmpty();
    }

    @Test
    void fieldsOfDialogsAreLabelledAndDescribed() {
        page.action(1, "Upload").click();
        assertThat(page.one("#upload-dialog").getAccessibleName()).isEqualTo("Upload into namespace 1");
        assertThat(page.one("#upload-file").getAccessibleName()).isEqualTo("File");
        assertThat(page.one("#upload-offset").getAccessibleName()).isEqualTo("Write from byte");
        for (WebElement input : page.all("input")) {
            String id = input.getDomAttribute("id");
            assertThat(page.all("label[for='" + id + "']")).as(id).hasSize(1);
            assertThat(input.getDomAttribute("aria-describedby")).as(id).isNotBlank();
        }
        page.one("#upload-form [data-close]").click();
    }

    @ParameterizedTest
    @ValueSource(strings = {"light", "dark"})
    void everyTextCanBeReadInBothSchemes(String scheme) {
        chrome.preferences(scheme, "reduce");
        page.verify(3, "0", "1 MiB").awaitEnd();
        page.openTable("throughput");
        assertThat(Contrast.tooLow(chrome)).isEmpty();

        page.action(1, "Upload").click();
        page.one("#upload-form [type=submit]").click(); // shows an error
        assertThat(page.one("#upload-file-error").isDisplayed()).isTrue();
        assertThat(Contrast.tooLow(chrome)).isEmpty();
        page.one("#upload-form [data-close]").click();

        GatewayPage.Row row = page.verify(3, "0", "8 GiB");
        page.interrupt();
        page.awaitState("reconnecting");
        row.awaitTone("paused");
        assertThat(Contrast.tooLow(chrome)).isEmpty();
        row.press("Cancel");
        page.awaitState("live");
    }

    @Test
    void theContrastOfKnownColoursIsAsPublished() {
        assertThat(Contrast.ratio(Contrast.parse("rgb(0, 0, 0)"), Contrast.parse("rgb(255, 255, 255)")))
                .isEqualTo(21);
        assertThat(Contrast.ratio(Contrast.parse("rgb(118, 118, 118)"), Contrast.parse("rgb(255, 255, 255)")))
                .isBetween(4.54, 4.55);
    }

    @Test
    void nothingIsReadAloudWhileFiguresMove() {
        chrome.run("""
                window.changes = [];
                window.samples = 0;
                const live = document.querySelectorAll('[aria-live], [role=status], [role=alert], [role=log], output');
                const noted = new MutationObserver((all) => all.forEach((one) => changes.push(one.target.textContent)));
                live.forEach((one) => noted.observe(one, {childList: true, characterData: true, subtree: true}));
                const drawing = document.querySelector('#throughput svg');
                new MutationObserver(() => samples++).observe(drawing, {childList: true});
                """);
        GatewayPage.Row row = page.verify(3, "0", "2 GiB");
        GatewayPage.until(() -> chrome.number("return samples") >= 3, "the charts move");
        assertThat(chrome.texts("return changes")).isEmpty();
        row.awaitEnd();
        GatewayPage.until(() -> !chrome.texts("return changes").isEmpty(), "the end is read aloud");

        assertThat(chrome.texts("return changes")).singleElement().asString().contains(": done. 2 GiB in ");
    }

    @Test
    void chartsSayInWordsWhatTheyShow() {
        page.verify(3, "0", "512 MiB").awaitEnd();

        GatewayPage.until(
                () -> page.one("#throughput svg").getAccessibleName().matches(".*Read: now .*, at most [1-9].*B/s.*"),
                "the chart has seen the reading");
        page.openTable("throughput");
        assertThat(page.all("#throughput tbody tr")).hasSize(12);
        assertThat(page.all("#throughput thead th"))
                .extracting(WebElement::getText)
                .containsExactly("Seconds ago", "Read", "Write");
    }

    @Test
    void nothingMovesForThoseWhoDoNotWantIt() {
        chrome.preferences("light", "reduce");
        page.interrupt();
        page.awaitState("reconnecting");

        assertThat(chrome.number("return document.getAnimations().length")).isZero();
        page.awaitState("live");
    }

    @ParameterizedTest
    @ValueSource(ints = {320, 390, 768, 1024, 1920})
    void thePageFitsTheWidthOfTheScreen(int width) {
        chrome.size(width, 800);
        GatewayPage.until(
                () -> chrome.number("return document.documentElement.clientWidth") <= width, "the window is so wide");

        assertThat(chrome.number("return document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                .isZero();
        List<String> small = chrome.texts("""
                return [...document.querySelectorAll('button, a.button, input')].filter((one) => one.checkVisibility())
                    .filter((one) => { const r = one.getBoundingClientRect(); return r.height < 24 || r.width < 24; })
                    .map((one) => one.outerHTML);
                """);
        assertThat(small).isEmpty();
    }
}
