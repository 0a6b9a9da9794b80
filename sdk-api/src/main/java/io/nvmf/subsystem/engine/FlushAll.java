package io.nvmf.subsystem.engine;

import io.nvmf.spec.Status;
import io.nvmf.subsystem.BlockStore;
import java.util.Collection;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Flushes all stores of a subsystem, one after the other, also when one of them fails. Event loop only. */
final class FlushAll implements StoreCall.Listener<Void> {

    private final TargetQueue queue;
    private final Iterator<Namespace> namespaces;
    private final RangeOperation.End end;
    private Status status = Status.SUCCESS;
    private boolean running;
    private boolean again;

    FlushAll(TargetQueue queue, Collection<Namespace> namespaces, RangeOperation.End end) {
        this.queue = queue;
        this.namespaces = namespaces.iterator();
        this.end = end;
    }

    void run() {
        again = true;
        if (running) {
            return;
        }
        running = true;
        while (again) {
            again = false;
            next();
        }
        running = false;
    }

    private void next() {
        if (!namespaces.hasNext()) {
            end.ended(status);
            return;
        }
        BlockStore store = namespaces.next().storeInUse();
        if (store == null) {
            again = true;
            return;
        }
        Mono<Void> flushed;
        try {
            flushed = store.flush();
        } catch (Throwable e) { // whatever a store throws is the end of this flush, and of nothing else
            answered(null, e);
            return;
        }
        StoreCall.await(queue, "flush", store, flushed, this);
    }

    @Override
    public void answered(@Nullable Void nothing, @Nullable Throwable failure) {
        if (failure != null) {
            status = StoreOperation.failed(queue, failure);
        }
        run();
    }
}
