package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.command.ByteRange;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.command.TransferReport;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.namespace.WriteStreamOptions.Durability;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SignalType;

/** Streams whose commands complete on the threads of two event loops, at whatever moment these are in. */
class StreamOverQueuesThreadsTest {

    private static final int BLOCK = NamespaceFixture.BLOCK;
    private static final int BLOCKS = 512;
    private static final int ROUNDS = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ReadStreamOptions READ =
            ReadStreamOptions.defaults().chunkSize(BLOCK).window(13).queues(3);
    private static final WriteStreamOptions WRITE =
            WriteStreamOptions.defaults().chunkSize(BLOCK).window(13).queues(3).durability(Durability.NONE);

    private static final byte[] NEW = newBytes();
    private static final byte[] OLD = oldBytes();

    private final DefaultEventExecutor executor = new DefaultEventExecutor();
    private final DefaultEventExecutor other = new DefaultEventExecutor();
    private final Random random = new Random(7);
    private NamespaceFixture fixture = newFixture();

    private NamespaceFixture newFixture() {
        NamespaceFixture built = NamespaceFixture.blocks(BLOCKS)
                .queues(3)
                .executors(executor, other)
                .build();
        built.controller.fill();
        return built;
    }

    @AfterEach
    void stop() {
        executor.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        other.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private void awaitAllBack() {
        Awaitility.await().atMost(PATIENCE).until(() -> fixture.usedMemory() == 0);
    }

    /** Bytes that differ from block to block, and everywhere from those that are on the media before. */
    private static byte[] newBytes() {
        byte[] bytes = new byte[BLOCKS * BLOCK];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ~MemoryController.pattern(i);
        }
        return bytes;
    }

    private static byte[] oldBytes() {
        byte[] bytes = newBytes();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ~bytes[i];
        }
        return bytes;
    }

    private Flux<ByteBuf> source() {
        return Flux.range(0, BLOCKS)
                .map(block ->
                        fixture.controller.allocator().buffer(BLOCK, BLOCK).writeBytes(NEW, block * BLOCK, BLOCK));
    }

    @Test
    void readsComeInOrderAndOneByOne() {
        for (int round = 0; round < ROUNDS; round++) {
            StreamStatistics statistics = new StreamStatistics();
            AtomicInteger inside = new AtomicInteger();
            Long read = fixture.namespace
                    .readStream(0, (long) BLOCKS * BLOCK, READ.statistics(statistics))
                    .reduce(0L, (at, data) -> {
                        assertThat(inside.incrementAndGet()).isOne();
                        assertThat(data).isEqualTo(Unpooled.wrappedBuffer(OLD, at.intValue(), BLOCK));
                        data.release();
                        inside.decrementAndGet();
                        return at + BLOCK;
                    })
                    .block(PATIENCE);
            assertThat(read).isEqualTo((long) BLOCKS * BLOCK);
            assertThat(statistics.bytesInFlight()).isZero();
            assertThat(statistics.peakBytesInFlight()).isLessThanOrEqualTo(13L * BLOCK);
        }
        awaitAllBack();
    }

    @Test
    void writesGoWhereTheyBelong() {
        for (int round = 0; round < ROUNDS; round++) {
            TransferProgress last =
                    fixture.namespace.writeStream(0, source(), WRITE).blockLast(PATIENCE);
            assertThat(last.bytesWritten()).isEqualTo((long) BLOCKS * BLOCK);
            assertThat(last.peakBytesInFlight()).isLessThanOrEqualTo(13L * BLOCK);
            assertThat(fixture.media()).isEqualTo(NEW);
            fixture.controller.fill();
        }
        awaitAllBack();
    }

    /**
     * A third thread cancels while both event loops are at work: nothing is lost, and nothing is signalled afterwards.
     */
    @Test
    void everythingComesBackAfterACancelAtAnyMoment() throws InterruptedException {
        for (int round = 0; round < 10 * ROUNDS; round++) {
            Ended reading = new Ended();
            fixture.namespace
                    .readStream(0, (long) BLOCKS * BLOCK, READ)
                    .doOnDiscard(ByteBuf.class, ByteBuf::release)
                    .subscribe(reading);
            Ended writing = new Ended();
            fixture.namespace.writeStream(0, source(), WRITE).subscribe(writing);
            reading.cancelAt(random.nextInt(40));
            writing.cancelAt(random.nextInt(40));
            awaitAllBack();
        }
    }

    /** One queue breaks while both event loops are at work: one error, which says exactly what is on the media. */
    @Test
    void lostQueueEndsTheStreamsOnceAndTheReportIsTrue() throws InterruptedException {
        for (int round = 0; round < 2 * ROUNDS; round++) {
            fixture = newFixture();
            Ended reading = new Ended();
            fixture.namespace.readStream(0, (long) BLOCKS * BLOCK, READ).subscribe(reading);
            Ended writing = new Ended();
            fixture.namespace.writeStream(0, source(), WRITE).subscribe(writing);
            reading.await(random.nextInt(40));
            int queue = random.nextInt(3);
            MemoryController lost = fixture.controllers.get(queue);
            lost.executor().execute(() -> lost.end(new Termination.PeerReset("cut")));
            reading.awaitEnd();
            writing.awaitEnd();
            awaitAllBack();
            if (writing.error != null) {
                TransferReport report = ((NvmeTransferException) writing.error).report();
                checkReport(report);
                NvmeConnectionException cause = (NvmeConnectionException) writing.error.getCause();
                assertThat(cause.outcome() == CommandOutcome.UNKNOWN)
                        .isEqualTo(!report.inDoubt().isEmpty());
            }
        }
    }

    /** What the report does not call written or in doubt is as it was. */
    private void checkReport(TransferReport report) {
        boolean[] written = new boolean[BLOCKS];
        boolean[] inDoubt = new boolean[BLOCKS];
        Arrays.fill(written, 0, (int) (report.bytesWritten() / BLOCK), true);
        report.writtenBeyond().forEach(range -> mark(written, range));
        report.inDoubt().forEach(range -> mark(inDoubt, range));
        for (int block = 0; block < BLOCKS; block++) {
            int from = block * BLOCK;
            boolean asSaid =
                    Arrays.equals(fixture.media(), from, from + BLOCK, written[block] ? NEW : OLD, from, from + BLOCK);
            assertThat(asSaid || inDoubt[block])
                    .as("block %d of %s", block, report)
                    .isTrue();
        }
    }

    private static void mark(boolean[] blocks, ByteRange range) {
        Arrays.fill(blocks, (int) (range.offset() / BLOCK), (int) (range.end() / BLOCK), true);
    }

    /** Counts, releases, and notes what comes after the end. */
    private static final class Ended extends BaseSubscriber<Object> {

        private final CountDownLatch end = new CountDownLatch(1);
        private final AtomicInteger elements = new AtomicInteger();
        private volatile Throwable error;
        private volatile boolean terminated;
        private volatile boolean late;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            requestUnbounded();
        }

        @Override
        protected void hookOnNext(Object element) {
            late |= terminated;
            elements.incrementAndGet();
            if (element instanceof ByteBuf data) {
                data.release();
            }
        }

        @Override
        protected void hookOnError(Throwable failure) {
            error = failure;
            terminated = true;
        }

        @Override
        protected void hookOnComplete() {
            terminated = true;
        }

        @Override
        protected void hookFinally(SignalType type) {
            end.countDown();
        }

        void await(int count) {
            long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (elements.get() < count && end.getCount() > 0 && System.nanoTime() < limit) {
                Thread.onSpinWait();
            }
        }

        void cancelAt(int count) {
            await(count);
            cancel();
        }

        void awaitEnd() throws InterruptedException {
            assertThat(end.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(late).isFalse();
        }
    }
}
