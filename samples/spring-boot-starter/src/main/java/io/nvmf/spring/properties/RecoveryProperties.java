package io.nvmf.spring.properties;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What happens when the association with a controller is lost.
 *
 * @param enabled Whether a lost association is made anew. If not, the controller ends with it, and the next use of the connection makes another one.
 * @param firstDelay Time between the first attempt and the second, 1ms..365d. Each further time is twice as long.
 * @param maxDelay Longest time between two attempts, 1ms..365d.
 * @param lossTimeout How long attempts are made until the controller is given up, 1ms..365d.
 * @param failFast How long commands wait for a new association before they fail, up to 365d. Zero lets them wait until the controller is given up.
 * @param quiesceTime After which time a lost association can no longer carry out a command, up to 365d. Zero goes by what the controller says.
 * @param repeatWrites Whether writes whose outcome is unknown are sent again.
 * @param statusRetries How often a command is sent again that was answered with an error that can go away, 0..1000.
 */
public record RecoveryProperties(
        @Nullable Boolean enabled,
        @Nullable Duration firstDelay,
        @Nullable Duration maxDelay,
        @Nullable Duration lossTimeout,
        @Nullable Duration failFast,
        @Nullable Duration quiesceTime,
        @Nullable Boolean repeatWrites,
        @Nullable Integer statusRetries) {}
