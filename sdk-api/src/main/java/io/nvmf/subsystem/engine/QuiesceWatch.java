package io.nvmf.subsystem.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the I/O queues of an association, and says so if a store takes longer for them than hosts were told (CQT). */
final class QuiesceWatch {

    private static final Logger LOG = LoggerFactory.getLogger(QuiesceWatch.class);

    private final Controller controller;
    private final Collection<TargetQueue> queues;
    private final Duration quiesceTime;

    /** Written on the event loop of the controller, read on the timer. */
    private volatile boolean quiet;

    QuiesceWatch(Controller controller, Collection<TargetQueue> queues) {
        this.controller = controller;
        this.queues = queues;
        this.quiesceTime = controller.limits().quiesceTime();
    }

    /** On the event loop of the controller. */
    void start() {
        Quiescence.of(controller, queues, this::stopped, () -> quiet = true);
    }

    private void stopped() {
        if (!quiet && !quiesceTime.isZero()) {
            controller.timer().schedule(this::look, quiesceTime.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        if (!quiet) {
            queues.forEach(queue -> queue.execute(() -> warn(queue)));
        }
    }

    private void warn(TargetQueue queue) {
        queue.describeStuck()
                .forEach(call -> LOG.warn("still at work after the command quiesce time of {}: {}", quiesceTime, call));
    }
}
