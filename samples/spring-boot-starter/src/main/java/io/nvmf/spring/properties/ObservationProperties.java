package io.nvmf.spring.properties;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What traces see.
 *
 * @param enabled Whether connecting, recovery, discovery and transfers are observed, where there is an ObservationRegistry.
 * @param commands Whether each command is observed, too. For looking into something, not for every day.
 */
public record ObservationProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("false") boolean commands) {}
