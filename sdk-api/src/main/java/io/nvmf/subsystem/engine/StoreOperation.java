package io.nvmf.subsystem.engine;

import io.nvmf.spec.Status;
import io.nvmf.subsystem.BlockStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** A command that moves no data and is done when the store is. */
final class StoreOperation implements StoreCall.Listener<Void> {

    private static final Logger LOG = LoggerFactory.getLogger(StoreOperation.class);

    private final TargetQueue queue;
    private final int commandId;
    private final Namespace namespace;

    private StoreOperation(TargetQueue queue, int commandId, Namespace namespace) {
        this.queue = queue;
        this.commandId = commandId;
        this.namespace = namespace;
    }

    /** Flushes the store of a namespace, and ends the command with that. */
    static void flush(TargetQueue queue, int commandId, Namespace namespace) {
        new StoreOperation(queue, commandId, namespace).flush();
    }

    private void flush() {
        BlockStore store = namespace.storeInUse();
        if (store == null) {
            queue.complete(commandId, TargetStatus.INVALID_NAMESPACE);
            return;
        }
        Mono<Void> work;
        try {
            work = store.flush();
        } catch (Throwable e) { // whatever a store throws is the end of this command, and of nothing else
            answered(null, e);
            return;
        }
        StoreCall.await(queue, "flush", store, work, this);
    }

    @Override
    public void answered(@Nullable Void nothing, @Nullable Throwable failure) {
        queue.complete(commandId, failure == null ? Status.SUCCESS : failed(queue, failure));
    }

    static Status failed(TargetQueue queue, Throwable failure) {
        LOG.warn("{}: the store failed to write: {}", queue, failure.toString());
        LOG.debug("the store failed to write", failure);
        return TargetStatus.WRITE_FAULT;
    }
}
