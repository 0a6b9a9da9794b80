package io.nvmf.samples.perf;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeBuffers;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeQueue;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.samples.perf.Associations.Attached;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One measurement: connects, warms up, measures, and leaves nothing behind. */
final class LoadRun {

    /** How much of the namespace is used where data is verified, for all of it is written first. */
    private static final long VERIFIED_BYTES = 1L << 26;

    private static final int VERIFIED_CHUNK = 128 * 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Workload workload;
    private final Tuning tuning;
    private final TargetAddress target;
    private final NvmeClient client;
    private final boolean mayFill;
    private final ProgressLine progress;
    private final EarlyEnd earlyEnd;
    private final Recorders recorders = new Recorders();

    /**
     * Prepares a run.
     *
     * @param mayFill whether the namespace may be written to even if the workload only reads
     * @param earlyEnd ends the warm-up and the measurement
     */
    LoadRun(
            Workload workload,
            Tuning tuning,
            TargetAddress target,
            NvmeClient client,
            boolean mayFill,
            ProgressLine progress,
            EarlyEnd earlyEnd) {
        this.workload = workload;
        this.tuning = tuning;
        this.target = target;
        this.client = client.ioQueues(workload.queuePairs()).queueSize(workload.queueSize());
        this.mayFill = mayFill;
        this.progress = progress;
        this.earlyEnd = earlyEnd;
    }

    Result run() throws InterruptedException {
        List<Lane> lanes = new ArrayList<>();
        try (Associations associations = new Associations(client, target, workload.associations())) {
            Associations.Connected connected = associations.connect(workload.associations());
            List<Attached> attached = connected.attached();
            NvmeNamespace namespace = attached.get(0).namespace();
            long units = checkedUnits(attached);
            if (workload.verify() && (mayFill || workload.writes())) {
                fill(namespace, units * workload.ioSize());
            }
            for (int i = 0; i < attached.size(); i++) {
                addLanes(lanes, attached.get(i), i, units);
            }
            Result result = measure(lanes, connected.setUp());
            if (workload.verify() && workload.writes()) {
                readBack(namespace, units * workload.ioSize());
            }
            return result;
        } finally {
            lanes.forEach(Lane::release);
        }
    }

    /** How many I/Os the range holds that is used. */
    private long checkedUnits(List<Attached> attached) {
        NvmeNamespace namespace = attached.get(0).namespace();
        int ioSize = workload.ioSize();
        if (ioSize % namespace.blockSize() != 0) {
            throw new IllegalArgumentException(
                    "I/O size " + ioSize + " is not a multiple of the block size " + namespace.blockSize());
        }
        long most = (long) namespace.maxTransferBlocks() * namespace.blockSize();
        if (ioSize > most) {
            throw new IllegalArgumentException("I/O size " + ioSize + " exceeds the " + most + " bytes of one command");
        }
        for (Attached one : attached) {
            checkQueues(one.controller().ioQueues());
        }
        long bytes = workload.verify() ? Math.min(VERIFIED_BYTES, namespace.size()) : namespace.size();
        long units = bytes / ioSize;
        if (units < Math.max(workload.totalQueuePairs(), (long) workload.streamCount() * workload.associations())) {
            throw new IllegalArgumentException("the namespace has only " + namespace.size() + " bytes");
        }
        return units;
    }

    private void checkQueues(List<NvmeQueue> queues) {
        if (queues.size() < workload.queuePairs()) {
            throw new IllegalArgumentException(
                    "the controller gives " + queues.size() + " queue pairs of " + workload.queuePairs());
        }
        for (NvmeQueue queue : queues) {
            if (queue.depth() < workload.depth()) {
                throw new IllegalArgumentException(
                        "the controller's queues have depth " + queue.depth() + ", not " + workload.depth());
            }
        }
    }

    /** The lanes of an association: each has its share of the range, or of a random sequence its own. */
    private void addLanes(List<Lane> lanes, Attached attached, int association, long units) {
        NvmeNamespace namespace = attached.namespace();
        int count = workload.queuePairs();
        int total = workload.totalQueuePairs();
        int first = association * count;
        switch (workload.path()) {
            case QUEUE_PAIR -> {
                for (int i = 0; i < count; i++) {
                    AccessSequence sequence = new AccessSequence(workload, units, first + i, total);
                    Commands commands = new Commands(workload, sequence, namespace.id(), namespace.blockSize());
                    lanes.add(new QueuePairLane(
                            workload, attached.controller().ioQueues().get(i), commands, recorders));
                }
            }
            case NAMESPACE -> lanes.add(new NamespaceLane(workload, namespace, units, association, recorders));
            case STREAM -> {
                int streams = workload.streamCount();
                long length = units / ((long) streams * workload.associations()) * workload.ioSize();
                for (int i = 0; i < streams; i++) {
                    long offset = ((long) association * streams + i) * length;
                    lanes.add(new StreamLane(workload, namespace, offset, length, recorders));
                }
            }
        }
    }

    private Result measure(List<Lane> lanes, @Nullable SetUp setUp) throws InterruptedException {
        CompletableFuture<Void> end =
                Mono.when(lanes.stream().map(Lane::done).toList()).toFuture();
        CompletableFuture<?> endOrWish = CompletableFuture.anyOf(end, earlyEnd.wished());
        earlyEnd.begun();
        lanes.forEach(Lane::start);
        Pacer pacer = new Pacer(lanes, workload.rate());
        if (workload.isPaced()) {
            pacer.start();
        }
        ResourceUse before;
        ResourceUse after;
        try {
            watch("warm-up", workload.warmUp(), endOrWish);
            recorders.measuring(true);
            before = ResourceUse.now(recorders);
            watch("", workload.time(), endOrWish);
            after = ResourceUse.now(recorders);
            recorders.measuring(false);
        } finally {
            pacer.stop();
            lanes.forEach(Lane::stop);
        }
        await(end, PATIENCE.toNanos());
        return new Result(
                workload,
                tuning,
                target.toString(),
                setUp,
                after.nanoTime() - before.nanoTime(),
                after.ios() - before.ios(),
                recorders.latencies(),
                after.cpuNanos() - before.cpuNanos(),
                after.allocatedSince(before, recorders.threadIds()),
                after.allocatedSince(before));
    }

    /** Lets time pass, with a line for each second; returns early if that is wished for, and fails if the I/Os end. */
    private void watch(String phase, Duration time, CompletableFuture<?> end) throws InterruptedException {
        long begin = System.nanoTime();
        long last = begin;
        long lastIos = recorders.count();
        for (long left = time.toNanos(); left > 0; left = time.toNanos() - (last - begin)) {
            if (await(end, Math.min(left, TICK_NANOS))) {
                if (earlyEnd.wished().isDone()) {
                    return;
                }
                throw new IllegalStateException("the I/Os came to an end by themselves");
            }
            long now = System.nanoTime();
            long ios = recorders.count();
            progress.show(phase, now - begin, ios - lastIos, now - last, workload.ioSize());
            last = now;
            lastIos = ios;
        }
    }

    /** Whether it has ended in time; how it failed, if it did. */
    private static boolean await(CompletableFuture<?> end, long nanos) throws InterruptedException {
        try {
            end.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException notYet) {
            return false;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private void fill(NvmeNamespace namespace, long length) {
        Flux<ByteBuf> data = Flux.generate(() -> 0L, (position, sink) -> {
            if (position == length) {
                sink.complete();
                return position;
            }
            int part = (int) Math.min(VERIFIED_CHUNK, length - position);
            sink.next(DataPattern.at(position, part));
            return position + part;
        });
        namespace.writeStream(0, data).blockLast(PATIENCE);
    }

    private static void readBack(NvmeNamespace namespace, long length) {
        namespace
                .readStream(0, length, ReadStreamOptions.defaults())
                .reduce(0L, (position, data) -> {
                    try {
                        DataPattern.check(data, position);
                        return position + data.readableBytes();
                    } finally {
                        data.release();
                    }
                })
                .transform(NvmeBuffers.releaseDiscarded())
                .block(PATIENCE);
    }
}
