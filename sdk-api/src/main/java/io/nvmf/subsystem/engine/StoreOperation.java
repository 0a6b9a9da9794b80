package io.nvmf.subsystem.engine;

import io.nvmf.spec.Status;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** A command that moves no data and is done when the store is. */
final class StoreOperation implements StoreCall.Listener<Void> {

    private static final Logger LOG = LoggerFactory.getLogger(StoreOperation.class);

    private final TargetQueue queue;
    private final int commandId;
    private final String operation;
    private final Object store;

    StoreOperation(TargetQueue queue, int commandId, String operation, Object store) {
        this.queue = queue;
        this.commandId = commandId;
        this.operation = operation;
        this.store = store;
    }

    void start(Supplier<Mono<Void>> call) {
        Mono<Void> work;
        try {
            work = call.get();
        } catch (Throwable e) { // whatever a store throws is the end of this command, and of nothing else
            answered(null, e);
            return;
        }
        StoreCall.await(queue, operation, store, work, this);
    }

    @Override
    public void answered(@Nullable Void nothing, @Nullable Throwable failure) {
        queue.complete(commandId, failure == null ? Status.SUCCESS : failed(failure));
    }

    static Status failed(Throwable failure) {
        LOG.warn("the store failed to write: {}", failure.toString());
        LOG.debug("the store failed to write", failure);
        return TargetStatus.WRITE_FAULT;
    }
}
