package io.nvmf.rdma.testing;

import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaLimits;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The operations of one end, from their calls to their completions. Event loop only. */
final class MemoryOutgoing {

    private final RdmaLimits limits;
    private final Consumer<Runnable> later;
    private final Consumer<MemoryOperation> leave;

    /** Called and not completed, in order of the calls. */
    private final Set<MemoryOperation> posted = new LinkedHashSet<>();

    private final Queue<MemoryOperation> issued = new ArrayDeque<>();
    private final Queue<MemoryOperation> waitingReads = new ArrayDeque<>();
    private int openReads;
    private boolean flushComes;

    /**
     * The operations of an end.
     *
     * @param limits how many there may be
     * @param later runs something in a later turn
     * @param leave lets an operation go to the peer
     */
    MemoryOutgoing(RdmaLimits limits, Consumer<Runnable> later, Consumer<MemoryOperation> leave) {
        this.limits = limits;
        this.later = later;
        this.leave = leave;
    }

    /**
     * Begins, or refuses.
     *
     * @param ended why there is nothing to begin any more, null if the connection lives
     */
    void start(MemoryOperation operation, @Nullable String ended) {
        if (ended != null) {
            refuse(operation, RdmaException.Kind.FLUSHED, ended);
        } else if (operation.kind == MemoryOperation.Kind.READ && limits.readsOut() == 0) {
            refuse(operation, RdmaException.Kind.EXHAUSTED, "the peer serves no reads");
        } else if (posted.size() >= limits.sends()) {
            refuse(operation, RdmaException.Kind.EXHAUSTED, limits.sends() + " operations are under way");
        } else {
            posted.add(operation);
            issued.add(operation);
            if (!flushComes) {
                flushComes = true;
                later.accept(this::flush);
            }
        }
    }

    private void refuse(MemoryOperation operation, RdmaException.Kind kind, String why) {
        later.accept(() -> operation.complete(new RdmaException(kind, why)));
    }

    /** Lets what was issued leave. */
    void flush() {
        flushComes = false;
        for (MemoryOperation next = issued.poll(); next != null; next = issued.poll()) {
            if (next.kind == MemoryOperation.Kind.READ) {
                waitingReads.add(next);
                startReads();
            } else {
                leave.accept(next);
            }
        }
    }

    private void startReads() {
        while (openReads < limits.readsOut()) {
            MemoryOperation next = waitingReads.poll();
            if (next == null) {
                return;
            }
            openReads++;
            leave.accept(next);
        }
    }

    /** The peer has taken or answered it. */
    void done(MemoryOperation operation) {
        if (posted.remove(operation)) {
            if (operation.kind == MemoryOperation.Kind.READ) {
                openReads--;
                startReads();
            }
            operation.complete(null);
        }
    }

    /** Completes everything, in order of the calls. Nothing is started any more. */
    void end(String why) {
        issued.clear();
        waitingReads.clear();
        for (Iterator<MemoryOperation> all = posted.iterator(); all.hasNext(); ) {
            MemoryOperation next = all.next();
            all.remove();
            next.complete(new RdmaException(RdmaException.Kind.FLUSHED, why));
        }
    }
}
