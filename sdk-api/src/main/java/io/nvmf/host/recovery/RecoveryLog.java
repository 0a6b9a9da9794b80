package io.nvmf.host.recovery;

import io.nvmf.host.association.Association;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;

/**
 * What becomes of a controller whose association is lost, in one line each. Lines begin with the name of the
 * association that they are about: the one that was lost, until there is another. In the tasks.
 */
final class RecoveryLog {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerRecovery.class);

    private static final double NANOS_PER_SECOND = 1e9;

    private final String target;
    private final Scheduler timer;

    /** Attempts since the last association was lost. */
    private int attempts;

    RecoveryLog(String target, Scheduler timer) {
        this.target = target;
        this.timer = timer;
    }

    /** The next attempt has a time; why the one before has failed is told once, as it hardly ever changes. */
    void waits(Association lost, int attempt, Duration delay, @Nullable Throwable reason) {
        attempts++;
        if (attempts == 2 && reason != null) {
            LOG.info(
                    "[{}] the first attempt to reach {} again has failed, the next is in {} ms: {}",
                    lost.id(),
                    target,
                    delay.toMillis(),
                    reason.toString());
        }
        LOG.debug("[{}] attempt {} to reach {} is in {} ms", lost.id(), attempt, target, delay.toMillis(), reason);
    }

    /** There is another association. */
    void recovered(Association lost, Association made, int generation, long lostAt) {
        if (LOG.isInfoEnabled()) {
            LOG.info(
                    "[{}] recovered: association {} of {} with {}, after {} without one, in place of [{}]",
                    made.id(),
                    generation,
                    target,
                    attempts == 1 ? "the first attempt" : attempts + " attempts",
                    since(lostAt),
                    lost.id());
        }
        attempts = 0;
    }

    /**
     * There will be no other.
     *
     * @param lostAt when it was lost; null if nothing was tried
     */
    void gaveUp(Association lost, @Nullable Long lostAt) {
        if (lostAt == null) {
            LOG.debug("[{}] there is no recovery", lost.id());
        } else if (LOG.isInfoEnabled()) {
            LOG.info("[{}] {} is given up after {} without an association", lost.id(), target, since(lostAt));
        }
    }

    private String since(long nanos) {
        return String.format(Locale.ROOT, "%.3f s", (timer.now(TimeUnit.NANOSECONDS) - nanos) / NANOS_PER_SECOND);
    }
}
