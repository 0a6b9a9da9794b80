package io.nvmf.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.TestExecutionListener;

/**
 * The defaults of Awaitility for every test: what has to come may take 30 s, and is looked for every few milliseconds. By itself
 * Awaitility looks for the first time after 100 ms and gives up after 10 s.
 */
public final class AwaitilityDefaults implements TestExecutionListener {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(2);

    static {
        Awaitility.setDefaultTimeout(PATIENCE);
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(POLL);
    }

    /** For the service loader. */
    public AwaitilityDefaults() {}
}
