package io.nvmf.spring.properties;

import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the health of connections is checked. Whether it is checked at all is "management.health.nvmf.enabled".
 *
 * @param timeout How long a check takes at most, 1ms..1m. If a live controller has not answered by then, its own health is unknown.
 * @param timeToLive How long an answer of the controller counts, up to 1h.
 * @param failOnCriticalWarning Whether a critical warning of the controller takes the service out of rotation.
 */
public record HealthProperties(
        @DefaultValue("2s") Duration timeout,
        @DefaultValue("10s") Duration timeToLive,
        @DefaultValue("false") boolean failOnCriticalWarning) {}
