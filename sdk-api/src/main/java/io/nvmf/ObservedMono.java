package io.nvmf;

import io.nvmf.observation.OperationOutcome;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.observability.DefaultSignalListener;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * What Reactor tells of a {@code Mono} that is an operation. It has done what it was to do when it has emitted: who
 * cancels it afterwards has got what it wanted.
 */
final class ObservedMono<T> extends DefaultSignalListener<T> {

    private final Consumer<? super T> result;
    private final @Nullable ObservedOperation operation;

    private ObservedMono(Consumer<? super T> result, @Nullable ObservedOperation operation) {
        this.result = result;
        this.operation = operation;
    }

    /**
     * Observes each subscription.
     *
     * @param work what is done
     * @param result learns what it has come to before the end is told
     * @param begin tells of the beginning, given the context of the subscriber
     */
    static <T> Mono<T> of(
            Mono<T> work, Consumer<? super T> result, Function<ContextView, @Nullable ObservedOperation> begin) {
        return work.tap(context -> new ObservedMono<>(result, begin.apply(context)));
    }

    @Override
    public Context addToContext(Context context) {
        return operation == null ? context : operation.context(context);
    }

    @Override
    public void doOnNext(T value) {
        result.accept(value);
        end(OperationOutcome.COMPLETED, null);
    }

    @Override
    public void doOnComplete() {
        end(OperationOutcome.COMPLETED, null);
    }

    @Override
    public void doOnError(Throwable error) {
        end(OperationOutcome.FAILED, error);
    }

    @Override
    public void doOnCancel() {
        end(OperationOutcome.CANCELLED, null);
    }

    private void end(OperationOutcome outcome, @Nullable Throwable failure) {
        if (operation != null) {
            operation.end(outcome, failure);
        }
    }
}
