package io.nvmf.host.queue;

import io.nvmf.transport.Termination;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Whether a queue takes commands, and who hears that it does not any more. Two things stop it. A request for an orderly
 * end drains it: what was submitted before may still succeed. The end of its queue pair ends it, whether it was
 * draining or not. Event loop only, but for the two publishers.
 */
final class QueueClosing {

    private final Failures failures;
    private final Set<QueueListener> listeners = new LinkedHashSet<>();
    private final Sinks.One<Termination> terminated = Sinks.one();
    private final Sinks.Empty<Void> drained = Sinks.empty();

    private boolean draining;
    private @Nullable Termination termination;

    QueueClosing(Failures failures) {
        this.failures = failures;
    }

    /** How the queue pair ended, once {@link #tellEnd} was called. Any thread. */
    Mono<Termination> termination() {
        return terminated.asMono();
    }

    /** Completes when {@link #checkDrained} has found nothing left. Any thread. */
    Mono<Void> drained() {
        return drained.asMono();
    }

    /** Why no command is taken any more; null if commands are taken. */
    @Nullable
    RuntimeException refusal() {
        return isOpen() ? null : reason();
    }

    /** What commands fail with that are not taken because the queue, or its event loop, has ended or is about to. */
    RuntimeException reason() {
        return failures.closed(termination);
    }

    void add(QueueListener listener) {
        listeners.add(listener);
    }

    void remove(QueueListener listener) {
        listeners.remove(listener);
    }

    /** Takes no commands from now on; listeners hear of it. */
    void drain() {
        draining = true;
        tell(failures.closed(null));
    }

    /**
     * Completes the drain, if there is one and nothing is left to wait for.
     *
     * @param idle whether no command has a slot or waits for one
     */
    void checkDrained(boolean idle) {
        if (draining && (idle || termination != null)) {
            drained.tryEmitEmpty();
        }
    }

    boolean isOpen() {
        return !draining && termination == null;
    }

    /** The queue pair has ended: no command is taken from now on. */
    void ended(Termination how) {
        termination = how;
    }

    /** Tells the listeners that the queue takes no more commands. */
    void tell(RuntimeException failure) {
        for (QueueListener listener : List.copyOf(listeners)) {
            UserCallBacks.run(() -> listener.queueClosed(failure));
        }
    }

    /** Tells how the queue pair ended, after all commands have been failed. */
    void tellEnd(Termination how) {
        terminated.tryEmitValue(how);
    }
}
