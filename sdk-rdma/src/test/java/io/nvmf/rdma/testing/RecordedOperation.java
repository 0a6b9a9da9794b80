package io.nvmf.rdma.testing;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaCompletion;
import io.nvmf.rdma.spi.RdmaException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A message, write or read of a test, and what its provider told of it. */
final class RecordedOperation implements RdmaCompletion {

    enum Kind {
        SEND,
        WRITE,
        READ
    }

    final Kind kind;

    /** In the order of the calls of its end. */
    final int number;

    private final RdmaEndpoint end;

    /** What the provider gives back before it tells; this object has a reference of its own. */
    private final List<ByteBuf> given;

    private final AtomicInteger completions = new AtomicInteger();
    private volatile @Nullable RdmaException failure;
    private volatile Runnable then = () -> {};
    private boolean calling;

    RecordedOperation(Kind kind, int number, RdmaEndpoint end, List<ByteBuf> given) {
        this.kind = kind;
        this.number = number;
        this.end = end;
        this.given = given;
        given.forEach(ByteBuf::retain);
    }

    /** Makes the call that starts it; event loop only. */
    void start(Runnable call) {
        calling = true;
        try {
            call.run();
        } catch (RuntimeException | Error refused) {
            takeBack();
            throw refused;
        } finally {
            calling = false;
        }
    }

    /** What happens when it completes, in the call-back. */
    RecordedOperation then(Runnable action) {
        then = action;
        return this;
    }

    @Override
    public void completed(@Nullable RdmaException how) {
        end.callBack(this + " completes", () -> {
            if (calling) {
                end.violation(this + " completes within the call that starts it");
            }
            failure = how;
            if (completions.incrementAndGet() > 1) {
                end.violation(this + " completes again");
                return;
            }
            takeBack();
            end.completed(this);
            then.run();
        });
    }

    private void takeBack() {
        for (ByteBuf buffer : given) {
            if (buffer.refCnt() != 1) {
                end.violation(this + " is over, and " + (buffer.refCnt() - 1) + " references are not given back");
            }
            buffer.release();
        }
    }

    boolean isCompleted() {
        return completions.get() > 0;
    }

    /** Waits for the end, if it is not over. Null if it was done. */
    @Nullable
    RdmaException failure() {
        if (!isCompleted()) {
            Awaitility.await().alias(this + " completes").until(this::isCompleted);
        }
        return failure;
    }

    /** Waits until it is done, and fails if it fails. */
    void done() {
        RdmaException how = failure();
        if (how != null) {
            throw new AssertionError(this + " has failed", how);
        }
    }

    /** How it failed, after the wait. Null if it was done. */
    RdmaException.@Nullable Kind failureKind() {
        RdmaException how = failure();
        return how == null ? null : how.kind();
    }

    @Override
    public String toString() {
        return kind + " " + number;
    }
}
