package io.nvmf.spring.properties;

import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.health.ConnectionHealth;
import java.time.Duration;

/** Makes the health of connections of properties. */
public final class HealthMapping {

    private static final Duration LEAST_TIMEOUT = Duration.ofMillis(1);
    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration MAX_TIME_TO_LIVE = Duration.ofHours(1);

    private final Duration timeout;
    private final Duration timeToLive;
    private final boolean failOnCriticalWarning;

    /**
     * A mapping of some properties.
     *
     * @param properties the properties
     * @throws InvalidNvmePropertyException if a property is out of range
     */
    public HealthMapping(HealthProperties properties) {
        Limits limits = new Limits("nvmf.health");
        this.timeout = limits.range("timeout", properties.timeout(), LEAST_TIMEOUT, MAX_TIMEOUT);
        this.timeToLive = limits.range("time-to-live", properties.timeToLive(), Duration.ZERO, MAX_TIME_TO_LIVE);
        this.failOnCriticalWarning = properties.failOnCriticalWarning();
    }

    /**
     * The health of a connection.
     *
     * @param connection whose
     * @return checks it when asked
     */
    public ConnectionHealth health(NvmeConnection connection) {
        return new ConnectionHealth(connection, timeout, timeToLive, failOnCriticalWarning);
    }
}
