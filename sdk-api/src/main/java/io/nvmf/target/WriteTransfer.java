package io.nvmf.target;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Status;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.TransferException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * A Write on its way from the host to the store, in parts of which two are under way at a time. A part is fetched (over TCP: its
 * R2T is sent) when the store is through with one before, so the store sets the pace. State belongs to the queue's event loop.
 */
final class WriteTransfer {

    /** Most bytes that are asked of the host at once. */
    static final int PART = 128 * 1024;

    /** Parts under way at a time: one arrives while the other is written. */
    static final int CONCURRENT_PARTS = 2;

    private final TargetQueue queue;
    private final ReceivedCommand command;
    private final int commandId;
    private final BlockStore store;
    private final long offset;
    private final long length;
    private final boolean durable;

    private long fetched;
    private int underWay;
    private Status status = Status.SUCCESS;

    WriteTransfer(
            TargetQueue queue,
            ReceivedCommand command,
            int commandId,
            BlockStore store,
            long offset,
            long length,
            boolean durable) {
        this.queue = queue;
        this.command = command;
        this.commandId = commandId;
        this.store = store;
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

    private void partDone() {
        if (--underWay > 0) {
            return;
        }
        command.release();
        if (durable && status.isSuccess()) {
            new StoreOperation(queue, commandId).start(store::flush);
        } else {
            queue.complete(commandId, status);
        }
    }

    /** A part; when it is done the same object becomes the next one. */
    private final class Part implements CoreSubscriber<ByteBuf>, TransferBudget.Waiter, Runnable {

        private long position;
        private int size;
        private @Nullable ByteBuf data;
        /** Handed over from the thread of the store. */
        private @Nullable Throwable storeFailure;

        /** Takes the next range, or ends. */
        void next() {
            if (fetched == length || !status.isSuccess() || queue.ended()) {
                partDone();
                return;
            }
            position = fetched;
            size = (int) Math.min(PART, length - fetched);
            fetched += size;
            if (queue.budget().take(this)) {
                granted();
            }
        }

        @Override
        public int needed() {
            return size;
        }

        @Override
        public void granted() {
            if (queue.ended()) {
                end(Statuses.INTERNAL_ERROR);
                return;
            }
            command.receive(position, size).subscribe(this);
        }

        @Override
        public void onSubscribe(Subscription s) {
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuf bytes) {
            data = bytes;
            Mono<Void> written;
            try {
                written = store.write(offset + position, bytes);
            } catch (RuntimeException e) {
                end(StoreOperation.failed(e));
                return;
            }
            if (written instanceof Callable<?> inPlace) {
                end(StoreOperation.callInPlace(inPlace));
            } else {
                written.subscribe(new StoreSubscriber(this));
            }
        }

        @Override
        public void onError(Throwable failure) {
            if (failure instanceof TransferException transfer && transfer.kind() == TransferException.Kind.ABORTED) {
                queue.interrupted();
            }
            end(Statuses.ofTransfer(failure));
        }

        @Override
        public void onComplete() {
            // The element was the end.
        }

        /** The store has answered. */
        @Override
        public void run() {
            end(storeFailure == null ? Status.SUCCESS : StoreOperation.failed(storeFailure));
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
            queue.budget().give(size);
            next();
        }

        void stored(@Nullable Throwable failure) {
            storeFailure = failure;
            queue.execute(this);
        }
    }

    /** Listens to the store on behalf of a part. */
    private record StoreSubscriber(Part part) implements CoreSubscriber<Void> {

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
            part.stored(failure);
        }

        @Override
        public void onComplete() {
            part.stored(null);
        }
    }
}
