package io.nvmf.spring.properties;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What meters count.
 *
 * @param enabled Whether commands and connections are metered, where there is a MeterRegistry.
 */
public record MetricsProperties(@DefaultValue("true") boolean enabled) {}
