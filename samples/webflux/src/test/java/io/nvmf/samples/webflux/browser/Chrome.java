package io.nvmf.samples.webflux.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A headless Chromium with a profile of its own, which asks nobody but the gateway. */
final class Chrome implements AutoCloseable {

    private static final String BROWSER = System.getProperty("nvmf.chromium", "/usr/bin/chromium");
    private static final String DRIVER = System.getProperty("nvmf.chromedriver", "/usr/bin/chromedriver");

    private final ChromeDriver driver;
    private final Path downloads;

    private Chrome(ChromeDriver driver, Path downloads) {
        this.driver = driver;
        this.downloads = downloads;
    }

    /**
     * Starts it.
     *
     * @param directory for its profile and for what it downloads
     */
    static Chrome start(Path directory) {
        Path downloads = directory.resolve("downloads");
        ChromeOptions options = new ChromeOptions();
        options.setBinary(BROWSER);
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--lang=en",
                "--user-data-dir=" + directory.resolve("profile"));
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        // Given, so that Selenium does not look for one in the network.
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(new File(DRIVER))
                .usingAnyFreePort()
                .build();
        ChromeDriver driver = new ChromeDriver(service, options);
        driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(30));
        driver.executeCdpCommand(
                "Browser.setDownloadBehavior", Map.of("behavior", "allow", "downloadPath", downloads.toString()));
        return new Chrome(driver, downloads);
    }

    ChromeDriver driver() {
        return driver;
    }

    Path downloads() {
        return downloads;
    }

    /** Runs a script in the page. */
    Object run(String script) {
        return driver.executeScript(script);
    }

    /** The number that a script returns. */
    long number(String script) {
        return ((Number) run(script)).longValue();
    }

    /** The list of texts that a script returns. */
    List<String> texts(String script) {
        return ((List<?>) run(script)).stream().map(String::valueOf).toList();
    }

    /** Makes the window as large as this, in CSS pixels. */
    Chrome size(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        return this;
    }

    /**
     * Sets what the user prefers.
     *
     * @param scheme {@code light} or {@code dark}
     * @param motion {@code reduce} or {@code no-preference}
     */
    Chrome preferences(String scheme, String motion) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", scheme),
                                Map.of("name", "prefers-reduced-motion", "value", motion))));
        return this;
    }

    /**
     * Makes the page's network as slow as this, so that a transfer lasts long enough to be watched.
     *
     * @param bytesPerSecond in each direction; 0 for no limit
     */
    Chrome limit(long bytesPerSecond) {
        long rate = bytesPerSecond == 0 ? -1 : bytesPerSecond;
        driver.executeCdpCommand("Network.enable", Map.of());
        driver.executeCdpCommand(
                "Network.emulateNetworkConditions",
                Map.of("offline", false, "latency", 0, "downloadThroughput", rate, "uploadThroughput", rate));
        return this;
    }

    /** Writes what is to be seen. */
    void screenshot(Path file) {
        Object data = driver.executeCdpCommand("Page.captureScreenshot", Map.of("format", "png"))
                .get("data");
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, Base64.getDecoder().decode(String.valueOf(data)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails if the browser has complained of anything since this was asked last. */
    void assertNoErrors() {
        assertThat(errors()).as("errors in the browser's console").isEmpty();
    }

    /** What the browser has complained of since this was asked last. */
    List<String> errors() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
