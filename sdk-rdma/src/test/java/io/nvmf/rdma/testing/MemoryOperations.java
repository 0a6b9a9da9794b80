package io.nvmf.rdma.testing;

import io.nvmf.rdma.spi.RdmaException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What was called and has not been completed, in order of the calls. Event loop only. */
final class MemoryOperations {

    private final Deque<MemoryOperation> called = new ArrayDeque<>();

    void add(MemoryOperation operation) {
        called.add(operation);
    }

    /** How many are there and not refused or done. */
    int posted() {
        int posted = 0;
        for (MemoryOperation operation : called) {
            posted += operation.isSettled() ? 0 : 1;
        }
        return posted;
    }

    /** Tells of those that are settled, each kind in order. Not from within a call of a user. */
    void completeSettled() {
        for (MemoryOperation next = takeSettled(); next != null; next = takeSettled()) {
            next.complete();
        }
    }

    private @Nullable MemoryOperation takeSettled() {
        Set<MemoryOperation.Kind> waiting = EnumSet.noneOf(MemoryOperation.Kind.class);
        for (Iterator<MemoryOperation> all = called.iterator(); all.hasNext(); ) {
            MemoryOperation operation = all.next();
            if (!operation.isSettled()) {
                waiting.add(operation.kind);
            } else if (!waiting.contains(operation.kind)) {
                all.remove();
                return operation;
            }
        }
        return null;
    }

    /** Completes everything, in order of the calls. */
    void flush(String why) {
        for (MemoryOperation next = called.poll(); next != null; next = called.poll()) {
            next.settle(new RdmaException(RdmaException.Kind.FLUSHED, why));
            next.complete();
        }
    }
}
