package io.nvmf.samples.webflux.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes go into namespaces and come out of them again, and the page says truly how far they are. */
class TransfersIT {

    private static final int MIB = 1 << 20;

    private static GatewayApp gateway;
    private static Chrome chrome;
    private static TestFile file;

    private GatewayPage page;

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        file = TestFile.create(directory.resolve("disk.img"), 256 * MIB, 1);
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
    void uploads256MiBWithABarThatMovesAndTheChecksumOfTheFile() {
        chrome.limit(80 * MIB);
        GatewayPage.Row row = page.upload(1, file.path(), "0");

        assertThat(row.max()).isEqualTo(file.size());
        Set<Long> seen = new TreeSet<>();
        GatewayPage.untilTransferred(
                () -> {
                    long value = row.value();
                    assertThat(seen).allMatch(before -> before <= value);
                    seen.add(value);
                    return !row.tone().equals("busy");
                },
                "the upload ends");
        assertThat(seen).filteredOn(value -> value > 0 && value < file.size()).hasSizeGreaterThan(5);
        assertThat(row.tone()).as(row.detail()).isEqualTo("good");
        assertThat(row.detail()).startsWith("256 MiB in ").endsWith("CRC-32C " + file.crc32c());
    }

    @Test
    void downloadsTheBytesThatWereUploaded() throws IOException {
        page.upload(1, file.path(), "128 MiB").awaitEnd();
        page.action(1, "Download").click();

        Path downloaded = chrome.downloads().resolve("namespace-1.bin");
        GatewayPage.untilTransferred(() -> Files.exists(downloaded), "the download is complete");
        assertThat(Files.size(downloaded)).isEqualTo(512L * MIB);
        try (InputStream expected = Files.newInputStream(file.path());
                InputStream actual = Files.newInputStream(downloaded)) {
            actual.skipNBytes(128L * MIB);
            byte[] theirs = new byte[MIB];
            for (long at = 0; at < file.size(); at += MIB) {
                assertThat(actual.readNBytes(theirs, 0, MIB)).isEqualTo(MIB);
                assertThat(theirs).as("from byte %d", at).isEqualTo(expected.readNBytes(MIB));
            }
        }
    }

    @Test
    void readsBackWhatWasUploadedAndFindsTheSameChecksum() {
        GatewayPage.Row upload = page.upload(1, file.path(), "12345");
        upload.awaitEnd();
        upload.press("Read back");

        GatewayPage.Row row = page.newest();
        row.awaitEnd();
        assertThat(row.detail()).endsWith("CRC-32C " + file.crc32c() + ", the same as was uploaded");
    }

    @Test
    void anUploadThatIsCancelledEndsAtOnceAndTheNextOneWorks() {
        chrome.limit(40 * MIB);
        GatewayPage.Row row = page.upload(1, file.path(), "0");
        row.awaitBeyond(0.05);
        row.press("Cancel");

        assertThat(row.tone()).isEqualTo("idle");
        assertThat(row.detail()).startsWith("Cancelled after ");
        chrome.limit(0);
        GatewayPage.Row next = page.upload(1, file.path(), "0");
        next.awaitEnd();
        assertThat(next.detail()).endsWith(file.crc32c());
    }

    @Test
    void whatDoesNotFitIsRefusedInTheDialogBeforeAnythingIsSent() {
        page.action(2, "Upload").click();
        page.one("#upload-file").sendKeys(file.path().toString());
        page.one("#upload-form [type=submit]").click();

        assertThat(page.text("#upload-file-error")).isEqualTo("This file is larger than the namespace, by 192 MiB.");
        assertThat(page.one("#upload-file").getDomAttribute("aria-invalid")).isEqualTo("true");
        assertThat(page.all("#transfers .transfer")).isEmpty();
    }

    @Test
    void transfersOfOtherClientsAreShownToo() {
        chrome.run("fetch(new URL('/api/namespaces/3/data', location.origin), {headers: {Range: 'bytes=0-4294967295'}})"
                + ".then(response => window.other = response.body.cancel.bind(response.body))");

        GatewayPage.until(() -> !page.all("#transfers .transfer").isEmpty(), "the other's transfer is shown");
        assertThat(page.text("#transfers .transfer-title")).isEqualTo("Download from namespace 3");
        chrome.run("window.other()");
        page.newest().awaitTone("idle");
        assertThat(page.newest().detail()).startsWith("Ended by the client after ");
    }
}
