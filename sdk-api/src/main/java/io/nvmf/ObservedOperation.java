package io.nvmf;

import io.nvmf.observation.OperationEvent;
import io.nvmf.observation.OperationObserver;
import io.nvmf.observation.OperationOutcome;
import io.nvmf.transport.JvmFailures;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.util.context.Context;

/**
 * One operation that somebody hears of. Sees to it that its end is told once, and that an observer that throws disturbs
 * nobody. Any thread.
 */
final class ObservedOperation {

    private static final Logger LOG = LoggerFactory.getLogger(ObservedOperation.class);

    private final OperationObserver observer;
    private final AtomicBoolean ended = new AtomicBoolean();

    private ObservedOperation(OperationObserver observer) {
        this.observer = observer;
    }

    /**
     * Whether an observer wants to hear of something.
     *
     * @param question to the observer
     * @return its answer; false if it throws
     */
    static boolean wanted(BooleanSupplier question) {
        try {
            return question.getAsBoolean();
        } catch (Throwable thrown) {
            failed(thrown);
            return false;
        }
    }

    /**
     * An operation begins.
     *
     * @param begin tells of it
     * @return null if nobody wants to hear the rest
     */
    static @Nullable ObservedOperation begin(Supplier<@Nullable OperationObserver> begin) {
        try {
            OperationObserver observer = begin.get();
            return observer == null ? null : new ObservedOperation(observer);
        } catch (Throwable thrown) {
            failed(thrown);
            return null;
        }
    }

    /** The context for what belongs to the operation. */
    Context context(Context context) {
        try {
            return Objects.requireNonNull(observer.context(context), "the context of an observer");
        } catch (Throwable thrown) {
            failed(thrown);
            return context;
        }
    }

    void event(OperationEvent event) {
        if (!ended.get()) {
            try {
                observer.event(event);
            } catch (Throwable thrown) {
                failed(thrown);
            }
        }
    }

    void end(OperationOutcome outcome, @Nullable Throwable failure) {
        if (ended.compareAndSet(false, true)) {
            try {
                observer.end(outcome, failure);
            } catch (Throwable thrown) {
                failed(thrown);
            }
        }
    }

    private static void failed(Throwable thrown) {
        JvmFailures.throwIfJvmFailure(thrown);
        LOG.warn("the observer of an operation has thrown", thrown);
    }
}
