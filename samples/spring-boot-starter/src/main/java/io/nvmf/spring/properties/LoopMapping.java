package io.nvmf.spring.properties;

import io.nvmf.spring.connection.LoopSettings;
import java.time.Duration;
import reactor.netty.resources.LoopResources;

/** Makes the settings of event loops of properties. */
public final class LoopMapping {

    private static final int MAX_THREADS = 1024;
    private static final Duration MAX_QUIET_PERIOD = Duration.ofMinutes(1);
    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(10);

    private final LoopProperties properties;
    private final Limits limits = new Limits("nvmf.loops");

    /**
     * A mapping of some properties.
     *
     * @param properties the properties
     */
    public LoopMapping(LoopProperties properties) {
        this.properties = properties;
    }

    /**
     * The settings.
     *
     * @return the settings
     * @throws InvalidNvmePropertyException if a property is out of range, or contradicts another
     */
    public LoopSettings settings() {
        int threads = properties.threads() == null
                ? LoopResources.DEFAULT_IO_WORKER_COUNT
                : (int) limits.range("threads", properties.threads(), 1, MAX_THREADS);
        Duration quietPeriod = limits.range(
                "shutdown-quiet-period", properties.shutdownQuietPeriod(), Duration.ZERO, MAX_QUIET_PERIOD);
        Duration timeout = limits.range("shutdown-timeout", properties.shutdownTimeout(), Duration.ZERO, MAX_TIMEOUT);
        limits.notLonger("shutdown-quiet-period", quietPeriod, "shutdown-timeout", timeout);
        return new LoopSettings(threads, quietPeriod, timeout);
    }
}
