package io.nvmf.subsystem.engine;

import io.nvmf.spec.Status;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * What happens after a host has written CC.SHN: the I/O that is under way is waited for, but not for ever, since it can
 * wait for data of the host; then the stores are flushed. One at a time, however often a host resets and shuts down.
 * State belongs to the event loop of the controller.
 */
final class Shutdown {

    /** How long I/O is waited for; well below RTD3E, which is for the flush as well. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

    private final Controller controller;
    private boolean running;
    private @Nullable List<TargetQueue> next;

    Shutdown(Controller controller) {
        this.controller = controller;
    }

    /** Begins, or will when the one before is through; {@link Controller#shutDownComplete()} tells the end. */
    void start(Collection<TargetQueue> ioQueues) {
        if (running) {
            next = List.copyOf(ioQueues);
            return;
        }
        running = true;
        Mono<Void> idle = Mono.when(ioQueues.stream().map(TargetQueue::idle).toList())
                .timeout(PATIENCE, Mono.fromRunnable(this::impatient), controller.timer());
        // Stores are asked on the event loop, whoever ended the wait.
        idle.subscribe(
                nothing -> {}, failure -> {}, () -> controller.execute(() -> controller.flushAll(this::flushed)));
    }

    private void impatient() {
        LOG.warn("{}: I/O is still under way {} after the host has shut it down", controller, PATIENCE);
    }

    private void flushed(Status result) {
        if (!result.isSuccess()) {
            LOG.warn("{}: flush at shutdown failed: {}", controller, result);
        }
        through();
    }

    private void through() {
        running = false;
        List<TargetQueue> again = next;
        if (again == null) {
            controller.shutDownComplete();
        } else {
            next = null;
            start(again);
        }
    }
}
