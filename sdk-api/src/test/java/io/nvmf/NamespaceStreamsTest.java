package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.channel.NamespaceStreams;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.scheduler.Schedulers;

@Timeout(60)
class NamespaceStreamsTest {

    private static final int BLOCK = NamespaceFixture.BLOCK;
    private static final int BLOCKS = 8192;
    private static final int SIZE = BLOCK * BLOCKS;

    private final DefaultEventExecutor loop = new DefaultEventExecutor();
    private final NamespaceFixture fixture =
            NamespaceFixture.blocks(BLOCKS).executor(loop).build();
    private final StreamStatistics statistics = new StreamStatistics();
    private final ReadStreamOptions small =
            ReadStreamOptions.defaults().chunkSize(BLOCK).maxBuffered(4 * BLOCK).statistics(statistics);

    @BeforeEach
    void fill() {
        fixture.controller.fill();
    }

    @AfterEach
    void everythingComesBack() {
        loop.execute(fixture.controller::answerAll);
        Awaitility.await().until(() -> fixture.usedMemory() == 0);
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private byte[] media(int from, int length) {
        return Arrays.copyOfRange(fixture.media(), from, from + length);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 1", "5, 700", "512, 1024", "0, 4194304", "4194000, 304"})
    void aRangeIsReadWhole(int offset, int length) throws IOException {
        try (InputStream input = NamespaceStreams.input(fixture.namespace, offset, length)) {
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            assertThat(input.transferTo(read)).isEqualTo(length);
            assertThat(read.toByteArray()).isEqualTo(media(offset, length));
            assertThat(input.read()).isEqualTo(-1);
            assertThat(input.read(new byte[3])).isEqualTo(-1);
            assertThat(input.read(new byte[0])).isZero();
        }
    }

    @Test
    void bytesAreReadOneByOneAndSkipped() throws IOException {
        try (InputStream input = NamespaceStreams.input(fixture.namespace, 3, 10 * BLOCK, small)) {
            assertThat(input.available()).isZero();
            assertThat(input.read()).isEqualTo(fixture.media()[3] & 0xFF);
            assertThat(input.available()).isEqualTo(BLOCK - 4);
            assertThat(input.skip(5 * BLOCK)).isEqualTo(5 * BLOCK);
            assertThat(input.read()).isEqualTo(fixture.media()[5 * BLOCK + 4] & 0xFF);
            assertThat(input.readNBytes(3 * BLOCK)).isEqualTo(media(5 * BLOCK + 5, 3 * BLOCK));
            assertThat(input.skip(10 * BLOCK)).isEqualTo(2 * BLOCK - 2);
            assertThat(input.skip(1)).isZero();
            assertThat(input.read()).isEqualTo(-1);
        }
    }

    @Test
    void nothingIsSentBeforeTheFirstReadAndNoMoreThanTheBoundAhead() throws IOException {
        InputStream read;
        try (InputStream input = NamespaceStreams.input(fixture.namespace, 0, SIZE, small)) {
            read = input;
            assertThat(fixture.controller.wire).isEmpty();
            assertThat(input.read()).isNotNegative();
            Awaitility.await().until(statistics::isWaitingForRelease);
            assertThat(fixture.controller.wire).hasSize(4);
            input.skip(BLOCK);
            Awaitility.await().until(statistics::isWaitingForRelease);
            assertThat(fixture.controller.wire).hasSize(5);
            assertThat(statistics.peakBytesHeld()).isEqualTo(4 * BLOCK);
        }
        read.close();
        assertThat(statistics.bytesHeld()).isZero();
        assertThatThrownBy(read::read).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(read::available).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void withoutABoundThereIsOneAllTheSame() throws IOException {
        ReadStreamOptions unlimited = ReadStreamOptions.defaults().statistics(statistics);
        try (InputStream input = NamespaceStreams.input(fixture.namespace, 0, SIZE, unlimited)) {
            assertThat(input.read()).isNotNegative();
            Awaitility.await().until(statistics::isWaitingForRelease);
            assertThat(statistics.bytesHeld()).isEqualTo(ReadStreamOptions.BODY_BUFFERED);
        }
    }

    @Test
    void anInterruptClosesTheStream() throws Exception {
        fixture.hold();
        InputStream input = NamespaceStreams.input(fixture.namespace, 0, SIZE, small);
        assertThat(blockedIn(input, Thread::interrupt)).isInstanceOf(ClosedByInterruptException.class);
        assertThatThrownBy(input::read).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aCloseEndsTheReadThatWaits() throws Exception {
        fixture.hold();
        InputStream input = NamespaceStreams.input(fixture.namespace, 0, SIZE, small);
        assertThat(blockedIn(
                        input,
                        reader -> assertThat(catchThrowable(input::close)).isNull()))
                .isInstanceOf(AsynchronousCloseException.class);
    }

    private interface OnThread {
        void of(Thread thread);
    }

    private Throwable blockedIn(InputStream input, OnThread action) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread reader = new Thread(() -> thrown.set(catchThrowable(input::read)));
        reader.start();
        Awaitility.await().until(() -> fixture.controller.outstanding() == 4);
        Awaitility.await().until(() -> reader.getState() == Thread.State.WAITING);
        action.of(reader);
        reader.join(30_000);
        assertThat(reader.isAlive()).isFalse();
        return thrown.get();
    }

    /** Another thread closes at whatever moment the reader is in. */
    @Test
    void aCloseAtAnyMomentReleasesEverything() throws Exception {
        Random random = new Random(5);
        for (int round = 0; round < 200; round++) {
            InputStream input = NamespaceStreams.input(fixture.namespace, 0, SIZE, small);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread reader = new Thread(
                    () -> thrown.set(catchThrowable(() -> input.transferTo(OutputStream.nullOutputStream()))));
            reader.start();
            for (long spins = random.nextInt(20_000); spins > 0; spins--) {
                Thread.onSpinWait();
            }
            if (random.nextBoolean()) {
                input.close();
            } else {
                reader.interrupt();
            }
            reader.join(30_000);
            input.close();
            if (thrown.get() != null) {
                assertThat(thrown.get()).isInstanceOf(ClosedChannelException.class);
            }
            Awaitility.await().until(() -> statistics.bytesHeld() == 0);
        }
    }

    @Test
    void threadsThatMustNotBlockAreRefused() throws Exception {
        InputStream input = NamespaceStreams.input(fixture.namespace, 0, SIZE, small);
        OutputStream output = NamespaceStreams.output(fixture.namespace, 0);
        output.write(1);
        CompletableFuture<Throwable> reading = new CompletableFuture<>();
        CompletableFuture<Throwable> writing = new CompletableFuture<>();
        Schedulers.parallel().schedule(() -> reading.complete(catchThrowable(input::read)));
        loop.execute(() -> writing.complete(catchThrowable(output::flush)));
        assertThat(reading.get(30, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
        assertThat(writing.get(30, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
        input.close();
        output.close();
    }

    @Test
    void failuresComeBehindWhatWasRead() throws IOException {
        fixture.controller.statusAt.put(3L, Status.of(StatusCode.UNRECOVERED_READ_ERROR));
        try (InputStream input = NamespaceStreams.input(fixture.namespace, 0, SIZE, small)) {
            assertThat(input.readNBytes(3 * BLOCK)).isEqualTo(media(0, 3 * BLOCK));
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(input::read)
                        .isInstanceOf(IOException.class)
                        .hasCauseInstanceOf(NvmeStatusException.class);
            }
        }
        try (InputStream beyond = NamespaceStreams.input(fixture.namespace, 1, SIZE)) {
            assertThatThrownBy(beyond::read).hasCauseInstanceOf(NvmeLimitException.class);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NamespaceStreams.input(fixture.namespace, -1, 1))
                .withMessageContaining("offset -1");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 1", "700, 3000", "512, 1048576", "1000, 3500000"})
    void whatIsWrittenIsThereAndWasWrittenInWholeCommands(int offset, int length) throws IOException {
        byte[] expected = fixture.media().clone();
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        System.arraycopy(bytes, 0, expected, offset, length);
        try (OutputStream output = NamespaceStreams.output(fixture.namespace, offset)) {
            for (int at = 0; at < length; ) {
                int step = Math.min(length - at, 1 + at % 70_000);
                output.write(bytes, at, step);
                at += step;
            }
        }
        assertThat(Arrays.mismatch(fixture.media(), expected)).isEqualTo(-1);
        assertThat(fixture.controller.wire).endsWith(MemoryController.Wire.flush());
        // Blocks that are changed in part are read, which are the first and the last one at most.
        assertThat(fixture.controller.wire)
                .filteredOn(sent -> sent.opcode() == NvmOpcode.READ)
                .hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void aFlushBetweenBlocksKeepsTheRestOfTheBlock() throws IOException {
        byte[] expected = fixture.media().clone();
        try (OutputStream output = NamespaceStreams.output(fixture.namespace, 100)) {
            for (int i = 0; i < 1000; i++) {
                output.write(i);
                expected[100 + i] = (byte) i;
                if (i % 77 == 0) {
                    output.flush();
                    assertThat(Arrays.mismatch(fixture.media(), expected)).isEqualTo(-1);
                }
            }
        }
        assertThat(Arrays.mismatch(fixture.media(), expected)).isEqualTo(-1);
    }

    /** The call of an output stream that has to write. */
    enum Step {
        WRITE {
            @Override
            void on(OutputStream output, byte[] bytes) throws IOException {
                output.write(bytes);
            }
        },
        WRITE_ONE {
            @Override
            void on(OutputStream output, byte[] bytes) throws IOException {
                output.write(bytes, 0, bytes.length - 1);
                output.write(bytes[bytes.length - 1]);
            }
        },
        FLUSH {
            @Override
            void on(OutputStream output, byte[] bytes) throws IOException {
                output.write(bytes);
                output.flush();
            }
        },
        CLOSE {
            @Override
            void on(OutputStream output, byte[] bytes) throws IOException {
                output.write(bytes);
                output.close();
            }
        };

        abstract void on(OutputStream output, byte[] bytes) throws IOException;
    }

    /** Most blocks of a command, where the stream begins, how much is written, which command fails, what is missing. */
    @ParameterizedTest
    @CsvSource({
        // Whole blocks.
        "FLUSH, 2048, 0, 1536, 0, 0",
        "CLOSE, 2048, 0, 1536, 0, 0",
        // The block at the beginning, or at the end, cannot be read.
        "FLUSH, 2048, 700, 2000, 1, 700",
        "CLOSE, 2048, 700, 2000, 1, 700",
        "FLUSH, 2048, 1024, 1546, 5, 1024",
        "CLOSE, 2048, 1024, 1546, 5, 1024",
        // Not the first command of a call.
        "FLUSH, 4, 100, 5000, 8, 4096",
        "CLOSE, 4, 100, 5000, 4, 2048",
        // Gathered bytes are written by a write.
        "WRITE, 2048, 0, 1048576, 0, 0",
        "WRITE_ONE, 2048, 0, 1048576, 0, 0",
        "WRITE, 2048, 700, 1048576, 1, 700",
        "WRITE, 2048, 0, 3000000, 2048, 1048576",
        "WRITE_ONE, 4, 512, 1048064, 1001, 512512",
    })
    void afterAFailedWriteNothingIsWrittenAndEveryCallSaysFromWhere(
            Step step, int commandBlocks, int offset, int length, long failing, int missing) throws IOException {
        NamespaceFixture limited = NamespaceFixture.blocks(BLOCKS)
                .maxTransfer((long) commandBlocks * BLOCK)
                .executor(loop)
                .build();
        limited.controller.fill();
        byte[] expected = limited.media().clone();
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        System.arraycopy(bytes, 0, expected, offset, missing - offset);
        OutputStream output = NamespaceStreams.output(limited.namespace, offset);
        limited.controller.statusAt.put(failing, Status.of(StatusCode.WRITE_FAULT));

        assertThatThrownBy(() -> step.on(output, bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("byte " + missing + ":")
                .hasCauseInstanceOf(NvmeStatusException.class);

        limited.controller.statusAt.clear();
        limited.controller.wire.clear();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> output.write(1)).hasMessageContaining("bytes from " + missing + " on");
            assertThatThrownBy(() -> output.write(new byte[2 * BLOCK]))
                    .hasMessageContaining("bytes from " + missing + " on");
            assertThatThrownBy(output::flush).hasMessageContaining("bytes from " + missing + " on");
            if (i == 0 && step != Step.CLOSE) {
                assertThatThrownBy(output::close)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("bytes from " + missing + " on");
            }
            output.close();
        }
        assertThat(limited.controller.wire).isEmpty();
        assertThat(Arrays.mismatch(limited.media(), expected)).isEqualTo(-1);
        assertThat(limited.usedMemory()).isZero();
    }

    @Test
    void aResourceThatFailsTwiceKeepsTheFirstFailure() {
        fixture.controller.statusAt.put(0L, Status.of(StatusCode.WRITE_FAULT));
        assertThatThrownBy(() -> {
                    try (OutputStream output = NamespaceStreams.output(fixture.namespace, 0)) {
                        output.write(new byte[BLOCK]);
                        output.flush();
                    }
                })
                .hasCauseInstanceOf(NvmeStatusException.class)
                .satisfies(thrown -> assertThat(thrown.getSuppressed()).hasSize(1));
    }

    @Test
    void whatCannotBeMadeDurableIsToldOnce() throws IOException {
        fixture.controller.flushStatus = Status.of(StatusCode.INTERNAL_ERROR);
        OutputStream output = NamespaceStreams.output(fixture.namespace, 0);
        output.write(new byte[BLOCK]);
        assertThatThrownBy(output::close).hasCauseInstanceOf(NvmeStatusException.class);
        output.close();
        assertThat(fixture.controller.wire).hasSize(2);
    }

    @Test
    void aClosedOutputStreamTakesNoBytes() throws IOException {
        OutputStream output = NamespaceStreams.output(fixture.namespace, 0);
        output.close();
        assertThatThrownBy(() -> output.write(1)).isInstanceOf(ClosedChannelException.class);
        output.flush();
        output.close();
        assertThat(fixture.controller.wire).containsExactly(MemoryController.Wire.flush());
    }

    @Test
    void aCallThatMustNotBlockLeavesThePlaceWhereItIs() throws Exception {
        byte[] expected = fixture.media().clone();
        Arrays.fill(expected, 10, 14, (byte) 9);
        OutputStream output = NamespaceStreams.output(fixture.namespace, 10);
        output.write(new byte[] {9, 9});
        for (Step step : Step.values()) {
            CompletableFuture<Throwable> refused = new CompletableFuture<>();
            loop.execute(() -> refused.complete(catchThrowable(() -> step.on(output, new byte[] {1}))));
            assertThat(refused.get(30, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
        }
        CompletableFuture<Throwable> closing = new CompletableFuture<>();
        loop.execute(() -> closing.complete(catchThrowable(output::close)));
        assertThat(closing.get(30, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
        output.write(new byte[] {9, 9});
        output.close();
        assertThat(Arrays.mismatch(fixture.media(), expected)).isEqualTo(-1);
    }

    @Test
    void anInterruptedWriteIsFailedAndClosed() throws Exception {
        fixture.hold();
        OutputStream output = NamespaceStreams.output(fixture.namespace, 3 * BLOCK);
        assertThat(blockedIn(output, Thread::interrupt)).isInstanceOf(ClosedByInterruptException.class);
        assertThatThrownBy(() -> output.write(1)).hasMessageContaining("bytes from " + 3 * BLOCK + " on");
        assertThatThrownBy(output::close).hasMessageContaining("bytes from " + 3 * BLOCK + " on");
        output.close();
        assertThat(fixture.controller.wire).hasSize(1);
    }

    @Test
    void aCloseEndsTheWriteThatWaits() throws Exception {
        fixture.hold();
        OutputStream output = NamespaceStreams.output(fixture.namespace, 3 * BLOCK);
        AtomicReference<Throwable> closing = new AtomicReference<>();
        assertThat(blockedIn(output, writer -> closing.set(catchThrowable(output::close))))
                .isInstanceOf(AsynchronousCloseException.class);
        assertThat(closing.get()).hasMessageContaining("bytes from " + 3 * BLOCK + " on");
        output.close();
        assertThat(fixture.controller.wire).hasSize(1);
    }

    private Throwable blockedIn(OutputStream output, OnThread action) throws Exception {
        output.write(new byte[BLOCK]);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread writer = new Thread(() -> thrown.set(catchThrowable(output::flush)));
        writer.start();
        Awaitility.await().until(() -> fixture.controller.outstanding() == 1);
        Awaitility.await().until(() -> writer.getState() == Thread.State.WAITING);
        action.of(writer);
        writer.join(30_000);
        assertThat(writer.isAlive()).isFalse();
        return thrown.get();
    }

    @Test
    void beyondTheEndNothingIsWritten() throws IOException {
        OutputStream output = NamespaceStreams.output(fixture.namespace, SIZE - 2);
        output.write(new byte[3]);
        assertThatThrownBy(output::close).isInstanceOf(IOException.class).hasMessageContaining("beyond the end");
        output.close();
        assertThat(fixture.media()).endsWith(0, 0);
    }
}
