package io.nvmf.samples.perf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.nvmf.NvmeNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Reads and writes of a namespace, one {@code Mono} each, over all I/O queues: depth × queue pairs at a time. */
final class NamespaceLane implements Lane {

    private final Workload workload;
    private final NvmeNamespace namespace;
    private final Recorders recorders;
    private final ByteBuf payload;
    private final List<Loop> loops = new ArrayList<>();
    private final Queue<Loop> idle = new ConcurrentLinkedQueue<>();
    private final AtomicInteger running;
    private final Sinks.Empty<Void> done = Sinks.empty();
    private final boolean paced;
    private final int blocksPerIo;
    private volatile boolean stopping;

    NamespaceLane(Workload workload, NvmeNamespace namespace, long units, int association, Recorders recorders) {
        this.workload = workload;
        this.namespace = namespace;
        this.recorders = recorders;
        this.paced = workload.isPaced();
        this.blocksPerIo = workload.ioSize() / namespace.blockSize();
        int size = workload.ioSize();
        // Not the default allocator: only the slices of pooled buffers are reused.
        this.payload = PooledByteBufAllocator.DEFAULT.directBuffer(size, size).writeZero(size);
        int count = workload.depth() * workload.queuePairs();
        this.running = new AtomicInteger(count);
        for (int i = 0; i < count; i++) {
            loops.add(new Loop(new AccessSequence(
                    workload, units, (long) association * count + i, (long) workload.associations() * count)));
        }
    }

    @Override
    public void start() {
        if (paced) {
            idle.addAll(loops);
        } else {
            loops.forEach(loop -> loop.next(System.nanoTime()));
        }
    }

    @Override
    public boolean startOne(long due) {
        Loop loop = idle.poll();
        if (loop == null) {
            return false;
        }
        loop.next(due);
        return true;
    }

    @Override
    public void stop() {
        stopping = true;
        while (idle.poll() != null) {
            ended();
        }
    }

    @Override
    public Mono<Void> done() {
        return done.asMono();
    }

    @Override
    public void release() {
        payload.release();
    }

    private void ended() {
        if (running.decrementAndGet() == 0) {
            done.tryEmitEmpty();
        }
    }

    /** One I/O after the other. Subscribes to each with itself. */
    private final class Loop implements CoreSubscriber<Object> {

        private final AccessSequence sequence;
        private long started;
        private @Nullable RuntimeException damage;

        Loop(AccessSequence sequence) {
            this.sequence = sequence;
        }

        void next(long start) {
            started = start;
            sequence.advance();
            long lba = sequence.unit() * blocksPerIo;
            if (sequence.isRead()) {
                namespace.read(lba, blocksPerIo).subscribe(this);
            } else {
                namespace.write(lba, data()).subscribe(this);
            }
        }

        private ByteBuf data() {
            return workload.verify()
                    ? DataPattern.at(sequence.unit() * workload.ioSize(), workload.ioSize())
                    : payload.retainedDuplicate();
        }

        @Override
        public void onSubscribe(Subscription s) {
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Object element) {
            ByteBuf data = (ByteBuf) element;
            try {
                if (workload.verify()) {
                    DataPattern.check(data, sequence.unit() * workload.ioSize());
                }
            } catch (DamagedDataException e) {
                damage = e;
            } finally {
                data.release();
            }
        }

        @Override
        public void onComplete() {
            RuntimeException failure = damage;
            if (failure != null) {
                onError(failure);
                return;
            }
            long now = System.nanoTime();
            recorders.ofThisThread().completed(now - started);
            if (stopping) {
                ended();
            } else if (!paced) {
                next(now);
            } else {
                idle.add(this);
                // Stopped in between: whoever takes it out ends it.
                if (stopping && idle.remove(this)) {
                    ended();
                }
            }
        }

        @Override
        public void onError(Throwable error) {
            stopping = true;
            done.tryEmitError(error);
        }
    }
}
