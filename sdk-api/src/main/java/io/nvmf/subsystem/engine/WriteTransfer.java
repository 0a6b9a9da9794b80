package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Status;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.TransferException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * A Write on its way from the host to the store, in parts of which two are under way at a time. A part is fetched (over
 * TCP: its R2T is sent) when the store is through with one before, so the store sets the pace. State belongs to the
 * queue's event loop.
 */
final class WriteTransfer extends WaitingCommand {

    /** Most bytes that are asked of the host at once. */
    static final int PART = 128 * 1024;

    /** Parts under way at a time: one arrives while the other is written. */
    static final int CONCURRENT_PARTS = 2;

    private final ReceivedCommand command;
    private final Namespace namespace;
    private final long offset;
    private final long length;
    private final boolean durable;

    private long fetched;
    private int underWay;
    private Status status = Status.SUCCESS;

    /** Parts that a store is at work for. */
    private int atStore;

    /** All parts, linked through themselves. */
    private @Nullable Part parts;

    WriteTransfer(
            TargetQueue queue,
            ReceivedCommand command,
            int commandId,
            Namespace namespace,
            long offset,
            long length,
            boolean durable) {
        super(queue, commandId);
        this.command = command;
        this.namespace = namespace;
        this.offset = offset;
        this.length = length;
        this.durable = durable;
    }

    void start() {
        // Counts this loop, so that parts which are done at once do not end the command before the last is started.
        underWay++;
        for (int i = 0; i < CONCURRENT_PARTS && fetched < length && status.isSuccess(); i++) {
            underWay++;
            new Part().next();
        }
        partDone();
    }

    @Override
    Namespace namespace() {
        return namespace;
    }

    /** It is among those that wait from the first part that does to its end. */
    @Override
    boolean abort(Status reason) {
        if (atStore > 0) {
            return false;
        }
        status = reason;
        for (Part part = parts; part != null; part = part.sibling) {
            part.abort();
        }
        return true;
    }

    private void partDone() {
        if (--underWay > 0) {
            return;
        }
        queue.waiting().remove(this);
        command.release();
        if (durable && status.isSuccess()) {
            StoreOperation.flush(queue, commandId, namespace);
        } else {
            queue.complete(commandId, status);
        }
    }

    /** A part; when it is done the same object becomes the next one. */
    private final class Part implements CoreSubscriber<ByteBuf>, TransferBudget.Waiter, StoreCall.Listener<Void> {

        private long position;
        private int size;
        private int taken;
        private boolean awaitsMemory;
        private @Nullable ByteBuf data;

        /** While data of the host is on its way. */
        private @Nullable Subscription receiving;

        private final @Nullable Part sibling = parts;

        Part() {
            parts = this;
        }

        /** Takes the next range, or ends. */
        void next() {
            if (over()) {
                partDone();
                return;
            }
            ByteBuf there = command.inCapsuleData(fetched, needed());
            if (there != null) {
                // Its memory has been accounted for since it came.
                advance(there.readableBytes());
                onNext(there);
                return;
            }
            awaitsMemory = true;
            int bytes = queue.memory().data().take(this);
            if (bytes > 0) {
                granted(bytes);
            } else {
                queue.waiting().add(WriteTransfer.this);
            }
        }

        /** Ends this part if it waits. */
        void abort() {
            if (awaitsMemory) {
                awaitsMemory = false;
                queue.memory().data().withdraw(this);
                partDone();
                return;
            }
            Subscription transfer = receiving;
            if (transfer != null) {
                receiving = null;
                transfer.cancel();
                giveBack();
                partDone();
            }
        }

        private void advance(int bytes) {
            position = fetched;
            size = bytes;
            fetched += size;
        }

        private boolean over() {
            return fetched == length || !status.isSuccess() || queue.ended();
        }

        @Override
        public int needed() {
            return (int) Math.min(PART, length - fetched);
        }

        @Override
        public int unit() {
            return namespace.blockSize();
        }

        @Override
        public void granted(int bytes) {
            awaitsMemory = false;
            if (over()) {
                queue.memory().data().give(bytes);
                partDone();
                return;
            }
            taken = bytes;
            advance(bytes);
            try {
                command.receive(position, size).subscribe(this);
            } catch (Throwable e) { // memory that cannot be had is the end of this command, and of nothing else
                onError(e);
            }
        }

        @Override
        public void onSubscribe(Subscription s) {
            receiving = s;
            queue.waiting().add(WriteTransfer.this);
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuf bytes) {
            receiving = null;
            data = bytes;
            if (queue.ended()) {
                end(TargetStatus.INTERNAL_ERROR);
                return;
            }
            BlockStore store = namespace.storeOf(offset + position, size);
            if (store == null) {
                end(namespace.refusal());
                return;
            }
            atStore++;
            Mono<Void> written;
            try {
                written = store.write(offset + position, bytes);
            } catch (Throwable e) { // whatever a store throws is the end of this command, and of nothing else
                answered(null, e);
                return;
            }
            StoreCall.await(queue, "write", store, written, this);
        }

        @Override
        public void onError(Throwable failure) {
            receiving = null;
            if (failure instanceof TransferException transfer && transfer.kind() == TransferException.Kind.ABORTED) {
                queue.interrupted();
            }
            end(TargetStatus.ofTransfer(failure));
        }

        @Override
        public void onComplete() {
            // The element was the end.
        }

        @Override
        public void answered(@Nullable Void nothing, @Nullable Throwable failure) {
            atStore--;
            end(failure == null ? Status.SUCCESS : StoreOperation.failed(queue, failure));
        }

        private void end(Status result) {
            if (!result.isSuccess()) {
                status = result;
            }
            ByteBuf bytes = data;
            if (bytes != null) {
                data = null;
                bytes.release();
            }
            giveBack();
            next();
        }

        private void giveBack() {
            int unneeded = taken;
            taken = 0;
            if (unneeded > 0) {
                queue.memory().data().give(unneeded);
            }
        }
    }
}
