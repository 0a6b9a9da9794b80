package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.channel.NamespaceChannel;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.transport.Termination;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.time.Duration;
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
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.scheduler.Schedulers;

@Timeout(60)
class NamespaceChannelTest {

    private static final int BLOCK = NamespaceFixture.BLOCK;
    private static final int BLOCKS = 256;
    private static final int SIZE = BLOCK * BLOCKS;

    private final DefaultEventExecutor loop = new DefaultEventExecutor();
    private final NamespaceFixture fixture = NamespaceFixture.blocks(BLOCKS)
            .maxTransfer(20 * BLOCK)
            .executor(loop)
            .build();
    private final NamespaceChannel channel = NamespaceChannel.open(fixture.namespace);

    /** What a blocked caller is in. */
    enum Call {
        READ {
            @Override
            void on(NamespaceChannel channel) throws IOException {
                channel.read(ByteBuffer.allocate(100));
            }
        },
        WRITE {
            @Override
            void on(NamespaceChannel channel) throws IOException {
                channel.write(ByteBuffer.allocate(BLOCK));
            }
        },
        WRITE_PARTS {
            @Override
            void on(NamespaceChannel channel) throws IOException {
                channel.write(ByteBuffer.allocate(100));
            }
        },
        FORCE {
            @Override
            void on(NamespaceChannel channel) throws IOException {
                channel.force();
            }
        };

        abstract void on(NamespaceChannel channel) throws IOException;
    }

    @BeforeEach
    void fill() {
        fixture.controller.fill();
    }

    @AfterEach
    void everythingComesBack() throws IOException {
        channel.close();
        fixture.controller.executor().execute(fixture.controller::answerAll);
        Awaitility.await().until(() -> fixture.usedMemory() == 0);
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** A call that waits for the controller, on a thread of its own. */
    private final class Blocked {

        private final AtomicReference<Throwable> thrown = new AtomicReference<>();
        private final Thread thread;

        Blocked(NamespaceChannel where, Call call) {
            thread = new Thread(() -> thrown.set(catchThrowable(() -> call.on(where))));
            thread.start();
            Awaitility.await().until(() -> fixture.controller.outstanding() == 1);
            Awaitility.await().until(() -> thread.getState() == Thread.State.WAITING);
        }

        Throwable thrown() throws InterruptedException {
            thread.join(30_000);
            assertThat(thread.isAlive()).isFalse();
            return thrown.get();
        }
    }

    /** Any position and length, against an array that does the same. */
    @Test
    void bytesAreWrittenAndReadWhereverTheyAre() throws IOException {
        byte[] model = fixture.media().clone();
        Random random = new Random(3);
        for (int i = 0; i < 500; i++) {
            int at = random.nextInt(SIZE);
            int length = random.nextInt(random.nextBoolean() ? 2 * BLOCK : 50 * BLOCK);
            if (random.nextInt(4) == 0) {
                at &= -BLOCK;
                length &= -BLOCK;
            }
            int moved = Math.min(length, SIZE - at);
            channel.position(at);
            if (random.nextBoolean()) {
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                ByteBuffer source = random.nextBoolean()
                        ? ByteBuffer.wrap(bytes)
                        : ByteBuffer.allocateDirect(length).put(bytes).flip();
                assertThat(channel.write(source)).isEqualTo(moved);
                assertThat(source.position()).isEqualTo(moved);
                System.arraycopy(bytes, 0, model, at, moved);
                assertThat(Arrays.mismatch(fixture.media(), model)).isEqualTo(-1);
            } else {
                ByteBuffer target = ByteBuffer.allocate(length);
                assertThat(channel.read(target)).isEqualTo(moved);
                assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(model, at, moved));
            }
            assertThat(channel.position()).isEqualTo(at + moved);
        }
    }

    @Test
    void wholeBlocksAreNotReadBeforeTheyAreWritten() throws IOException {
        channel.position(2 * BLOCK).write(ByteBuffer.allocate(30 * BLOCK));
        assertThat(fixture.controller.wire)
                .containsExactly(MemoryController.Wire.write(2, 20), MemoryController.Wire.write(22, 10));
        channel.force();
        assertThat(fixture.controller.wire).endsWith(MemoryController.Wire.flush());
    }

    @Test
    void theNamespaceEndsAndDoesNotGrow() throws IOException {
        assertThat(channel.size()).isEqualTo(SIZE);
        channel.position(SIZE - 3);
        assertThat(channel.read(ByteBuffer.allocate(10))).isEqualTo(3);
        assertThat(channel.read(ByteBuffer.allocate(10))).isEqualTo(-1);
        assertThat(channel.position(Long.MAX_VALUE).read(ByteBuffer.allocate(10)))
                .isEqualTo(-1);
        assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("beyond the end");
        assertThat(channel.write(ByteBuffer.allocate(0))).isZero();
        assertThat(channel.truncate(SIZE).size()).isEqualTo(SIZE);
        assertThatThrownBy(() -> channel.truncate(SIZE - 1)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> channel.position(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aReadOnlyChannelDoesNotWrite() throws IOException {
        try (NamespaceChannel reading = NamespaceChannel.openReadOnly(fixture.namespace)) {
            assertThat(reading.read(ByteBuffer.allocate(10))).isEqualTo(10);
            assertThatThrownBy(() -> reading.write(ByteBuffer.allocate(1)))
                    .isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> reading.truncate(0)).isInstanceOf(NonWritableChannelException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void threadsThatMustNotBlockAreRefused(Call call) throws Exception {
        CompletableFuture<Throwable> onParallel = new CompletableFuture<>();
        Schedulers.parallel().schedule(() -> onParallel.complete(catchThrowable(() -> call.on(channel))));
        CompletableFuture<Throwable> onEventLoop = new CompletableFuture<>();
        loop.execute(() -> onEventLoop.complete(catchThrowable(() -> call.on(channel))));
        assertThat(onParallel.get(30, TimeUnit.SECONDS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("must not block");
        assertThat(onEventLoop.get(30, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
        call.on(channel);
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptClosesTheChannel(Call call) throws Exception {
        fixture.hold();
        Blocked blocked = new Blocked(channel, call);
        blocked.thread.interrupt();
        assertThat(blocked.thrown()).isInstanceOf(ClosedByInterruptException.class);
        assertThat(channel.isOpen()).isFalse();
        assertThatThrownBy(() -> call.on(channel)).isInstanceOf(ClosedChannelException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aThreadThatIsInterruptedAlreadySendsNothing(Call call) throws Exception {
        fixture.hold();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            Thread.currentThread().interrupt();
            thrown.set(catchThrowable(() -> call.on(channel)));
        });
        thread.start();
        thread.join(30_000);
        assertThat(thrown.get()).isInstanceOf(ClosedByInterruptException.class);
        Awaitility.await()
                .until(() -> fixture.controller.executor().submit(() -> true).get());
        assertThat(fixture.controller.wire).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aCloseEndsTheCallThatWaits(Call call) throws Exception {
        fixture.hold();
        Blocked blocked = new Blocked(channel, call);
        channel.close();
        channel.close();
        assertThat(blocked.thrown()).isInstanceOf(AsynchronousCloseException.class);
        assertThatThrownBy(channel::size).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(channel::position).isInstanceOf(ClosedChannelException.class);
    }

    @ParameterizedTest
    @EnumSource
    void theTimeLimitIsThatOfTheNamespace(Call call) throws Exception {
        fixture.hold();
        NamespaceChannel limited = NamespaceChannel.open(fixture.namespace.timeout(Duration.ofSeconds(3)));
        Blocked blocked = new Blocked(limited, call);
        fixture.timer.advanceTimeBy(Duration.ofSeconds(4));
        assertThat(blocked.thrown()).isInstanceOf(IOException.class).hasCauseInstanceOf(NvmeTimeoutException.class);
        assertThat(limited.isOpen()).isTrue();
        limited.close();
    }

    @Test
    void failuresAreTheCauseAndTheChannelGoesOn() throws IOException {
        fixture.controller.statusAt.put(4L, Status.of(StatusCode.UNRECOVERED_READ_ERROR));
        channel.position(4 * BLOCK + 1);
        assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(NvmeStatusException.class);
        assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(NvmeStatusException.class);
        assertThat(channel.position()).isEqualTo(4 * BLOCK + 1);
        assertThat(channel.position(0).read(ByteBuffer.allocate(1))).isOne();
    }

    /** Where the transfer begins, its length, which block fails, how many bytes have moved by then. */
    @ParameterizedTest
    @CsvSource({"0, 15360, 0, 0", "0, 15360, 20, 10240", "100, 15000, 20, 10140", "0, 10250, 20, 10240", "300, 20, 0, 0"
    })
    void aTransferThatFailsHasMovedWhatItsPositionsSay(int at, int length, long failing, int moved) throws IOException {
        byte[] expected = fixture.media().clone();
        Arrays.fill(expected, at, at + moved, (byte) 0);
        fixture.controller.statusAt.put(failing, Status.of(StatusCode.UNRECOVERED_READ_ERROR));

        ByteBuffer target = ByteBuffer.allocate(length);
        assertThatThrownBy(() -> channel.position(at).read(target)).hasCauseInstanceOf(NvmeStatusException.class);
        assertThat(channel.position()).isEqualTo(at + moved);
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(fixture.media(), at, moved));

        ByteBuffer source = ByteBuffer.allocate(length);
        assertThatThrownBy(() -> channel.position(at).write(source)).hasCauseInstanceOf(NvmeStatusException.class);
        assertThat(channel.position()).isEqualTo(at + moved);
        assertThat(source.position()).isEqualTo(moved);
        assertThat(Arrays.mismatch(fixture.media(), expected)).isEqualTo(-1);

        fixture.controller.statusAt.clear();
        Arrays.fill(expected, at, at + length, (byte) 0);
        assertThat(channel.write(source)).isEqualTo(length - moved);
        assertThat(Arrays.mismatch(fixture.media(), expected)).isEqualTo(-1);
    }

    @Test
    void aLostConnectionEndsTheCallThatWaits() throws Exception {
        fixture.hold();
        Blocked blocked = new Blocked(channel, Call.READ);
        loop.execute(() -> fixture.controller.end(new Termination.PeerReset("cut")));
        assertThat(blocked.thrown()).isInstanceOf(IOException.class).hasCauseInstanceOf(NvmeConnectionException.class);
    }
}
