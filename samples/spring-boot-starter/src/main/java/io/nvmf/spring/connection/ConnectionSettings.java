package io.nvmf.spring.connection;

import java.time.Duration;

/**
 * How a connection lives.
 *
 * @param startup when it is made
 * @param startupTimeout how long the start of the application waits for it, if it does
 * @param shutdownTimeout how long the stop of the application waits for its end
 * @param firstDelay time between the first two attempts; each further time is twice as long
 * @param maxDelay longest time between two attempts
 * @param keepTrying whether attempts follow each other without anybody asking
 */
public record ConnectionSettings(
        StartupMode startup,
        Duration startupTimeout,
        Duration shutdownTimeout,
        Duration firstDelay,
        Duration maxDelay,
        boolean keepTrying) {

    /** A random part of it is left out, up to a quarter, so that services do not all come at the same moment. */
    Duration delayBefore(int attempt, double chance) {
        long delay = firstDelay.toMillis();
        long most = maxDelay.toMillis();
        for (int doubled = 2; doubled < attempt && delay < most; doubled++) {
            delay *= 2;
        }
        return Duration.ofMillis(Math.round(Math.min(delay, most) * (1 - chance / 4)));
    }
}
