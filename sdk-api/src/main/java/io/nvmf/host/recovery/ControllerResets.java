package io.nvmf.host.recovery;

import io.nvmf.host.association.Association;
import io.nvmf.recovery.ControllerState;
import io.nvmf.transport.Termination;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The resets that users ask for, one at a time. Confined to the tasks. */
final class ControllerResets {

    private final ControllerRecovery recovery;
    private final SerialTasks tasks;

    /** Completes those who wait for the reset that is under way. */
    private Sinks.@Nullable Empty<Void> waiting;

    /** Whether the controller has confirmed that it carries out nothing any more. */
    private boolean disabled;

    ControllerResets(ControllerRecovery recovery, SerialTasks tasks) {
        this.recovery = recovery;
        this.tasks = tasks;
    }

    boolean isUnderWay() {
        return waiting != null;
    }

    boolean isDisabled() {
        return disabled;
    }

    /**
     * Begins a reset, or joins the one that is under way.
     *
     * @param done told when there is a new association, or why there is none
     * @param subsystem whether the whole subsystem is reset
     */
    void begin(Sinks.Empty<Void> done, boolean subsystem) {
        if (!recovery.isOpen()) {
            done.tryEmitError(recovery.closedFailure());
            return;
        }
        if (!recovery.recovers()) {
            done.tryEmitError(new IllegalStateException("a reset needs recovery, and there is none"));
            return;
        }
        Sinks.@Nullable Empty<Void> others = waiting;
        if (others != null) {
            others.asMono().subscribe(null, done::tryEmitError, done::tryEmitEmpty);
            return;
        }
        waiting = done;
        if (!(recovery.state() instanceof ControllerState.Live) || !recovery.isLive()) {
            return; // the association that is being made will do
        }
        recovery.resetting();
        Association old = recovery.association();
        Mono<Void> asked = subsystem ? old.resetSubsystem() : old.disable();
        asked.subscribe(
                nothing -> {},
                failure -> tasks.run(() -> asked(old, subsystem, failure)),
                () -> tasks.run(() -> asked(old, subsystem, null)));
    }

    private void asked(Association old, boolean subsystem, @Nullable Throwable failure) {
        if (old != recovery.association() || !old.isLive()) {
            return; // it was lost meanwhile, and that is being dealt with
        }
        if (failure instanceof UnsupportedOperationException) {
            recovery.notReset();
            end(failure);
            return;
        }
        disabled = failure == null && !subsystem;
        old.end(new Termination.Closed(Termination.Side.LOCAL, "the controller is reset"));
    }

    /**
     * The reset that is under way is over, if there is one.
     *
     * @param failure null if there is a new association
     */
    void end(@Nullable Throwable failure) {
        disabled = false;
        Sinks.@Nullable Empty<Void> done = waiting;
        waiting = null;
        if (done == null) {
            return;
        }
        if (failure == null) {
            done.tryEmitEmpty();
        } else {
            done.tryEmitError(failure);
        }
    }
}
