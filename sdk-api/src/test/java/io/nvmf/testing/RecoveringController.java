package io.nvmf.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeBuffers;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.recovery.ControllerState;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.TransportType;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A controller outlives a target that is closed and bound again on the same port, over a transport that the subclass has.
 */
public abstract class RecoveringController {

    private static final String NQN = "nqn.2024-01.io.nvmf:recovery";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 4096;
    private static final long SIZE = 64L << 20;

    private final NvmeTarget stores = NvmeTarget.memory(NQN, SIZE, BLOCK);
    private BoundTarget target;
    private NvmeController controller;
    private NvmeNamespace namespace;
    private final List<ControllerState> states = new CopyOnWriteArrayList<>();

    /** The transport. */
    protected abstract TransportType transport();

    @BeforeEach
    void start() {
        target = stores.transport(transport()).bind().block(PATIENCE);
        controller = NvmeClient.from(target.uri(NQN))
                .recovery(Recovery.defaults().quiesceTime(Duration.ofMillis(50)).maxDelay(Recovery.DEFAULT_FIRST_DELAY))
                .connect()
                .block(PATIENCE);
        controller.states().subscribe(states::add);
        namespace = controller.namespace(1).block(PATIENCE);
    }

    @AfterEach
    void stop() {
        controller.close().block(PATIENCE);
        target.close().block(PATIENCE);
    }

    private void closeTarget() {
        target.close().block(PATIENCE);
    }

    private void bindAgain() {
        target = stores.transport(transport())
                .bindAddress("127.0.0.1", target.port())
                .bind()
                .block(PATIENCE);
    }

    private static ByteBuf filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return Unpooled.wrappedBuffer(bytes);
    }

    private ControllerState last() {
        return states.get(states.size() - 1);
    }

    @Test
    void whatWasWrittenBeforeIsReadAfterTheTargetCameBack() {
        namespace.write(3, filled(BLOCK, 7)).block(PATIENCE);
        closeTarget();
        Mono<ByteBuf> read = namespace.read(3, 1).cache();
        Disposable waiting = read.subscribe();
        Awaitility.await().atMost(PATIENCE).until(() -> last() instanceof ControllerState.Reconnecting);
        assertThat(waiting.isDisposed()).isFalse();
        assertThat(controller.isConnected()).isFalse();
        bindAgain();
        ByteBuf data = read.block(PATIENCE);
        assertThat(data.getByte(0)).isEqualTo((byte) 7);
        data.release();
        assertThat(last()).isEqualTo(new ControllerState.Live(2));
        namespace.write(4, filled(BLOCK, 8)).block(PATIENCE);
        assertThat(controller.namespaces().collectList().block(PATIENCE)).hasSize(1);
        assertThat(controller.smartHealth().block(PATIENCE)).isNotNull();
    }

    @Test
    void aStreamEachWayGoesOnWhereItWas() {
        long length = SIZE / 2;
        CRC32C written = new CRC32C();
        AtomicLong cut = new AtomicLong();
        Flux<ByteBuf> source = Flux.range(0, (int) (length / (64 << 10))).map(i -> {
            ByteBuf buffer = filled(64 << 10, i * 31 + 5);
            written.update(buffer.nioBuffer());
            return buffer;
        });
        TransferProgress last = namespace
                .writeStream(0, source)
                .doOnNext(progress -> interrupt(cut, progress.bytesWritten(), length / 3))
                .last()
                .block(PATIENCE);
        assertThat(last.bytesWritten()).isEqualTo(length);
        assertThat(last.interruptions()).isPositive();
        assertThat(last.peakBytesInFlight()).isLessThanOrEqualTo(last.limitBytes());
        assertThat(cut.get()).isNotZero();
        cut.set(0);
        CRC32C read = new CRC32C();
        AtomicLong bytes = new AtomicLong();
        namespace
                .readStream(0, length, ReadStreamOptions.defaults())
                .doOnNext(data -> {
                    read.update(data.nioBuffer());
                    bytes.addAndGet(data.readableBytes());
                    data.release();
                    interrupt(cut, bytes.get(), length / 3);
                })
                .transform(NvmeBuffers.releaseDiscarded())
                .blockLast(PATIENCE);
        assertThat(bytes.get()).isEqualTo(length);
        assertThat(read.getValue()).isEqualTo(written.getValue());
        assertThat(cut.get()).isNotZero();
    }

    /** Closes the target and binds it again, once, from another thread. */
    private void interrupt(AtomicLong cut, long bytes, long at) {
        if (bytes >= at && cut.compareAndSet(0, bytes)) {
            new Thread(() -> {
                        closeTarget();
                        bindAgain();
                    })
                    .start();
        }
    }

    /** Whatever the queues of the association end with, and in whatever order: it is no error of a command. */
    @Test
    void aReadStreamGoesOnHoweverOftenTheTargetDisconnects() {
        for (int i = 0; i < 10; i++) {
            AtomicLong bytes = new AtomicLong();
            AtomicLong next = new AtomicLong(SIZE / 8);
            StreamStatistics statistics = new StreamStatistics();
            namespace
                    .readStream(0, SIZE / 2, ReadStreamOptions.defaults().statistics(statistics))
                    .doOnNext(data -> {
                        bytes.addAndGet(data.readableBytes());
                        data.release();
                        if (bytes.get() >= next.get()) {
                            next.addAndGet(SIZE / 8);
                            target.disconnectAll().subscribe();
                        }
                    })
                    .transform(NvmeBuffers.releaseDiscarded())
                    .blockLast(PATIENCE);
            assertThat(bytes.get()).isEqualTo(SIZE / 2);
            assertThat(statistics.peakBytesInFlight()).isLessThanOrEqualTo(statistics.limitBytes());
        }
    }

    @Test
    void aResetMakesANewAssociation() {
        namespace.write(3, filled(BLOCK, 7)).block(PATIENCE);
        controller.reset().block(PATIENCE);
        assertThat(last()).isEqualTo(new ControllerState.Live(2));
        assertThat(states).contains(new ControllerState.Resetting());
        namespace.read(3, 1).block(PATIENCE).release();
    }

    @Test
    void closingWhileReconnectingEndsIt() {
        closeTarget();
        Awaitility.await().atMost(PATIENCE).until(() -> last() instanceof ControllerState.Reconnecting);
        Mono<ByteBuf> read = namespace.read(3, 1);
        controller.close().block(PATIENCE);
        assertThat(last()).isEqualTo(new ControllerState.Closed());
        assertThat(read.map(data -> "data")
                        .onErrorResume(failure -> Mono.just("failed"))
                        .block(PATIENCE))
                .isEqualTo("failed");
    }
}
