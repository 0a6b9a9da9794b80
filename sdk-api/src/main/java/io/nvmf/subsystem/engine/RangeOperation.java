package io.nvmf.subsystem.engine;

import io.nvmf.spec.Status;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.transport.EventLoopTasks;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A command that changes ranges of a store without data: Write Zeroes and Dataset Management. The ranges are cut into
 * pieces, and each piece has a turn of the event loop to itself, so that a small command which means much work stops
 * nobody else.
 */
final class RangeOperation extends WaitingCommand implements StoreCall.Listener<Void>, Runnable {

    private final String operation;
    private final Namespace namespace;
    private final Ranges ranges;
    private final long piece;
    private final Work work;
    private final End end;

    private int range;
    private long done;
    private boolean over;

    /** What is done with a piece; may throw. */
    interface Work {

        /** Changes a piece of the store. */
        Mono<Void> start(BlockStore store, long offset, long length);
    }

    /** What is to happen at the end. */
    interface End {

        /** All is done, or not. */
        void ended(Status status);
    }

    /**
     * Prepares the operation.
     *
     * @param operation what it is, for people
     * @param ranges what it changes
     * @param piece most bytes in one turn
     */
    RangeOperation(
            TargetQueue queue,
            int commandId,
            String operation,
            Namespace namespace,
            Ranges ranges,
            long piece,
            Work work,
            End end) {
        super(queue, commandId);
        this.operation = operation;
        this.namespace = namespace;
        this.ranges = ranges;
        this.piece = piece;
        this.work = work;
        this.end = end;
    }

    /** Starts the next piece, or ends. */
    @Override
    public void run() {
        if (over) {
            return;
        }
        queue.waiting().remove(this);
        if (range == ranges.count()) {
            end.ended(Status.SUCCESS);
            return;
        }
        if (queue.ended()) {
            end.ended(TargetStatus.INTERNAL_ERROR);
            return;
        }
        long offset = ranges.offset(range) + done;
        long length = Math.min(piece, ranges.length(range) - done);
        BlockStore store = namespace.storeOf(offset, length);
        if (store == null) {
            end.ended(namespace.refusal());
            return;
        }
        done += length;
        if (done == ranges.length(range)) {
            range++;
            done = 0;
        }
        Mono<Void> started;
        try {
            started = work.start(store, offset, length);
        } catch (Throwable e) { // whatever a store throws is the end of this command, and of nothing else
            answered(null, e);
            return;
        }
        StoreCall.await(queue, operation, store, started, this);
    }

    @Override
    public void answered(@Nullable Void nothing, @Nullable Throwable failure) {
        if (failure != null) {
            end.ended(StoreOperation.failed(queue, failure));
        } else if (range == ranges.count()) {
            end.ended(Status.SUCCESS);
        } else {
            queue.waiting().add(this);
            EventLoopTasks.later(queue.executor(), this);
        }
    }

    @Override
    Namespace namespace() {
        return namespace;
    }

    /** Between two pieces. */
    @Override
    boolean abort(Status status) {
        over = true;
        queue.waiting().remove(this);
        end.ended(status);
        return true;
    }
}
