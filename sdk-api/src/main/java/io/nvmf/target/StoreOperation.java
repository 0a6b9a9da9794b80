package io.nvmf.target;

import io.nvmf.spec.Status;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** A command that moves no data and is done when the store is. */
final class StoreOperation implements CoreSubscriber<Void> {

    private static final Logger LOG = LoggerFactory.getLogger(StoreOperation.class);

    private final TargetQueue queue;
    private final int commandId;

    StoreOperation(TargetQueue queue, int commandId) {
        this.queue = queue;
        this.commandId = commandId;
    }

    void start(Supplier<Mono<Void>> call) {
        Mono<Void> work = work(call);
        if (work instanceof Callable<?> inPlace) {
            queue.complete(commandId, callInPlace(inPlace));
        } else {
            work.subscribe(this);
        }
    }

    /** A store that throws fails like one that signals an error. */
    static Mono<Void> work(Supplier<Mono<Void>> call) {
        try {
            return call.get();
        } catch (RuntimeException e) {
            return Mono.error(e);
        }
    }

    /** Does what a store can do at once, see {@link BlockStore}. */
    static Status callInPlace(Callable<?> work) {
        try {
            work.call();
            return Status.SUCCESS;
        } catch (Exception e) {
            return failed(e);
        }
    }

    static Status failed(Throwable failure) {
        LOG.warn("the store failed to write: {}", failure.toString());
        LOG.debug("the store failed to write", failure);
        return Statuses.WRITE_FAULT;
    }

    @Override
    public void onSubscribe(Subscription s) {
        s.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(@Nullable Void nothing) {
        // A Mono<Void> has no element.
    }

    @Override
    public void onError(Throwable failure) {
        queue.execute(() -> queue.complete(commandId, failed(failure)));
    }

    @Override
    public void onComplete() {
        queue.execute(() -> queue.complete(commandId, Status.SUCCESS));
    }
}
