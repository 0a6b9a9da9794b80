package io.nvmf;

import io.nvmf.observation.OperationEvent;
import io.nvmf.observation.OperationOutcome;
import io.nvmf.observation.RecoveryOperation;
import io.nvmf.recovery.ControllerState;
import io.nvmf.recovery.ControllerState.Connecting;
import io.nvmf.recovery.ControllerState.Live;
import io.nvmf.recovery.ControllerState.Lost;
import io.nvmf.recovery.ControllerState.Reconnecting;
import io.nvmf.recovery.ControllerState.Resetting;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes operations of the states of a controller: each recovery is one. States come one after the other. */
final class ObservedRecovery {

    private final Observing observing;
    private final Function<RecoveryOperation, @Nullable ObservedOperation> begin;

    /** How many associations there have been. */
    private int generation;

    /** The one that goes on, if any. */
    private @Nullable Current current;

    /**
     * @param begin tells of the beginning of one
     */
    ObservedRecovery(Observing observing, Function<RecoveryOperation, @Nullable ObservedOperation> begin) {
        this.observing = observing;
        this.begin = begin;
    }

    /** The controller is in another state. */
    void changed(ControllerState state) {
        if (state instanceof Resetting) {
            start(RecoveryOperation.Cause.RESET, Optional.empty());
        } else if (state instanceof Reconnecting waiting) {
            if (current == null) {
                start(RecoveryOperation.Cause.LOSS, waiting.reason());
            } else {
                current.failed(waiting.reason());
            }
        } else if (state instanceof Connecting && current != null) {
            current.attempt();
        } else if (state instanceof Live live) {
            // the same association as before, if the controller could not be reset
            end(live.generation() == generation ? OperationOutcome.CANCELLED : OperationOutcome.COMPLETED);
            generation = live.generation();
        } else if (state.isFinal()) {
            end(state instanceof Lost ? OperationOutcome.FAILED : OperationOutcome.CANCELLED);
        }
    }

    private void start(RecoveryOperation.Cause cause, Optional<Throwable> reason) {
        Current started = new Current(observing, cause, reason);
        started.operation = begin.apply(started);
        current = started;
    }

    private void end(OperationOutcome outcome) {
        Current ending = current;
        current = null;
        if (ending != null) {
            ending.end(outcome);
        }
    }

    /** One recovery. */
    private static final class Current extends ObservedDetails implements RecoveryOperation {

        private final Observing observing;
        private final Cause cause;
        private @Nullable ObservedOperation operation;
        private volatile int controllerId;
        private volatile int attempts;
        private volatile Optional<Throwable> lastFailure;
        private boolean attempting;

        Current(Observing observing, Cause cause, Optional<Throwable> reason) {
            super(observing);
            this.observing = observing;
            this.cause = cause;
            this.lastFailure = reason;
            this.controllerId = observing.controllerId();
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
        void attempt() {
            attempts++;
            attempting = true;
            event(OperationEvent.ATTEMPT);
        }

        /** Also told before the first attempt after a reset, which has no reason then. */
        void failed(Optional<Throwable> reason) {
            if (attempting) {
                attempting = false;
                lastFailure = reason;
                event(OperationEvent.ATTEMPT_FAILED);
            }
        }

        private void event(OperationEvent event) {
            if (operation != null) {
                operation.event(event);
            }
        }

        void end(OperationOutcome outcome) {
            controllerId = observing.controllerId();
            if (operation != null) {
                operation.end(outcome, outcome == OperationOutcome.FAILED ? lastFailure.orElse(null) : null);
            }
        }

        @Override
        public Cause cause() {
            return cause;
        }

        @Override
        public int controllerId() {
            return controllerId;
        }

        @Override
        public int attempts() {
            return attempts;
        }

        @Override
        public Optional<Throwable> lastFailure() {
            return lastFailure;
        }
    }
}
