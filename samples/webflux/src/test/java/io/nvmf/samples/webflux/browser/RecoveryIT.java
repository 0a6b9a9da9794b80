package io.nvmf.samples.webflux.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The target goes away in the middle of a transfer and comes back; the page says so, and the transfer goes on. */
class RecoveryIT {

    private static final long MIB = 1 << 20;

    private static GatewayApp gateway;
    private static Chrome chrome;
    private static TestFile file;

    private GatewayPage page;

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        file = TestFile.create(directory.resolve("disk.img"), 256 * MIB, 2);
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
        chrome.size(1280, 960).limit(0);
        page = GatewayPage.open(chrome, gateway.url());
    }

    @AfterEach
    void noErrors() {
        chrome.assertNoErrors();
    }

    @Test
    void anUploadWaitsForTheTargetAndGoesOnToTheRightChecksum() throws Exception {
        chrome.limit(40 * MIB);
        GatewayPage.Row row = page.upload(1, file.path(), "0");
        row.awaitBeyond(0.1);
        page.interrupt();

        page.awaitState("reconnecting");
        assertThat(page.text("#state-detail")).startsWith("Attempt ");
        assertThat(chrome.driver().getTitle()).isEqualTo("Reconnecting · NVMe gateway");
        row.awaitTone("paused");
        assertThat(row.detail()).endsWith("waiting for the target");
        page.awaitState("live");
        chrome.limit(0);
        row.awaitEnd();
        assertThat(row.detail()).endsWith(file.crc32c());
        assertThat(page.text("#events")).contains("The association is lost. Reconnecting.", "The association is live.");
        assertThat(stored(1, file.size())).isEqualTo(file.crc32c());
    }

    @Test
    void readingWaitsForTheTargetAndGoesOnToTheRightChecksum() throws Exception {
        long length = 1L << 30;
        GatewayPage.Row row = page.verify(3, "0", "1 GiB");
        row.awaitBeyond(0.05);
        page.interrupt();

        page.awaitState("reconnecting");
        row.awaitTone("paused");
        page.awaitState("live");
        row.awaitEnd();
        assertThat(row.detail()).endsWith("CRC-32C " + stored(3, length));
    }

    @Test
    void theCountdownMovesWhileTheTargetIsAway() {
        page.interrupt();
        page.awaitState("reconnecting");

        GatewayPage.until(() -> page.text("#state-detail").matches("Attempt \\d+, next in \\d\\.\\d s"), "it counts");
        String first = page.text("#state-detail");
        GatewayPage.until(() -> !page.text("#state-detail").equals(first), "it counts down");
        page.awaitState("live");
        assertThat(page.text("#state-detail")).startsWith("Up for ");
    }

    @Test
    void aRefusalIsShownAsASentence() {
        page.interrupt();
        page.awaitState("reconnecting");
        page.interrupt();

        GatewayPage.until(() -> page.one("#interrupt-error").isDisplayed(), "the refusal is shown");
        assertThat(page.text("#interrupt-error")).isEqualTo("The controller is cut off already.");
        page.awaitState("live");
        assertThat(chrome.errors()).allMatch(error -> error.contains("409")); // the browser's own note of the answer
    }

    /** The checksum of the beginning of a namespace, read without a browser. */
    private static String stored(int nsid, long length) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(gateway.url() + "api/namespaces/" + nsid + "/data"))
                .header("Range", "bytes=0-" + (length - 1))
                .build();
        try (InputStream in = HttpClient.newHttpClient()
                .send(request, BodyHandlers.ofInputStream())
                .body()) {
            return TestFile.crc32c(in);
        }
    }
}
