package io.nvmf.samples.perf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.nvmf.NvmeNamespace;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.publisher.SynchronousSink;

/**
 * A stream of bytes over a range, again and again. An I/O is what one command carries; as a stream gives no sign of
 * when a command was sent, its latency is the time since the element before.
 */
final class StreamLane implements Lane {

    private final Workload workload;
    private final NvmeNamespace namespace;
    private final long offset;
    private final long length;
    private final Recorders recorders;
    private final ByteBuf payload;
    private final Sinks.Empty<Void> done = Sinks.empty();
    private volatile boolean stopping;
    private volatile @Nullable Subscription current;

    StreamLane(Workload workload, NvmeNamespace namespace, long offset, long length, Recorders recorders) {
        this.workload = workload;
        this.namespace = namespace;
        this.offset = offset;
        this.length = length;
        this.recorders = recorders;
        int size = workload.ioSize();
        // Not the default allocator: only the slices of pooled buffers are reused.
        this.payload = PooledByteBufAllocator.DEFAULT.directBuffer(size, size).writeZero(size);
    }

    @Override
    public void start() {
        if (workload.writes()) {
            namespace
                    .writeStream(
                            offset,
                            Flux.generate(Input::new, Input::next),
                            WriteStreamOptions.defaults()
                                    .chunkSize(workload.ioSize())
                                    .window(workload.depth())
                                    .queues(workload.queuesOfStream())
                                    .expectedLength(length))
                    .subscribe(new WriteProgress());
        } else {
            namespace
                    .readStream(
                            offset,
                            length,
                            ReadStreamOptions.defaults()
                                    .chunkSize(workload.ioSize())
                                    .window(workload.depth())
                                    .queues(workload.queuesOfStream()))
                    .subscribe(new Output());
        }
    }

    @Override
    public boolean startOne(long due) {
        throw new UnsupportedOperationException("a stream has no rate of its own");
    }

    @Override
    public void stop() {
        stopping = true;
        Subscription subscription = current;
        if (subscription != null) {
            subscription.cancel();
        }
        done.tryEmitEmpty();
    }

    @Override
    public Mono<Void> done() {
        return done.asMono();
    }

    @Override
    public void release() {
        payload.release();
    }

    /** What the two directions have in common. */
    private abstract class End<T> implements CoreSubscriber<T> {

        private long last = System.nanoTime();

        @Override
        public void onSubscribe(Subscription s) {
            current = s;
            s.request(Long.MAX_VALUE);
            if (stopping) {
                s.cancel();
            }
        }

        void moved(long ios) {
            long now = System.nanoTime();
            recorders.ofThisThread().completed(now - last, ios);
            last = now;
        }

        @Override
        public void onError(Throwable error) {
            done.tryEmitError(error);
        }

        @Override
        public void onComplete() {
            if (!stopping) {
                start();
            }
        }
    }

    private final class Output extends End<ByteBuf> {

        private long position = offset;

        @Override
        public void onNext(ByteBuf data) {
            try {
                if (workload.verify()) {
                    DataPattern.check(data, position);
                }
                position += data.readableBytes();
                moved(1);
            } catch (DamagedDataException damage) {
                stop(damage);
            } finally {
                data.release();
            }
        }

        private void stop(DamagedDataException damage) {
            done.tryEmitError(damage);
            StreamLane.this.stop();
        }
    }

    private final class WriteProgress extends End<TransferProgress> {

        private long counted;

        @Override
        public void onNext(TransferProgress progress) {
            long ios = progress.bytesAcknowledged() / workload.ioSize();
            if (ios > counted) {
                moved(ios - counted);
                counted = ios;
            }
        }
    }

    /** The bytes to write, one buffer for each I/O. */
    private final class Input {

        private long position = offset;

        Input next(SynchronousSink<ByteBuf> sink) {
            if (position == offset + length) {
                sink.complete();
                return this;
            }
            sink.next(workload.verify() ? DataPattern.at(position, workload.ioSize()) : payload.retainedDuplicate());
            position += workload.ioSize();
            return this;
        }
    }
}
