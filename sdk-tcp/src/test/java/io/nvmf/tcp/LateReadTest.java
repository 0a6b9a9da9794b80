package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import io.nvmf.testing.Covers;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** Over sockets: a target whose store answers a read when the host has given it up. */
class LateReadTest {

    private static final String NQN = "nqn.2014-08.org.example:late";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LENGTH = 64 * 1024;

    /** Reads of the first block wait for the test, and give ones; others do not wait. */
    private static final class SlowStore extends DelegatingBlockStore {

        final Queue<MonoSink<ByteBuf>> reads = new ConcurrentLinkedQueue<>();

        SlowStore() {
            super(BlockStore.memory(1 << 20, 512));
        }

        @Override
        public Mono<ByteBuf> read(long offset, int length) {
            return offset == 0 ? Mono.create(reads::add) : super.read(offset, length);
        }

        void answer() {
            byte[] ones = new byte[LENGTH];
            Arrays.fill(ones, (byte) 1);
            for (MonoSink<ByteBuf> read = reads.poll(); read != null; read = reads.poll()) {
                read.success(Unpooled.copiedBuffer(ones));
            }
        }
    }

    private final SlowStore store = new SlowStore();
    private final ByteBuf destination =
            Unpooled.directBuffer(LENGTH, LENGTH).writeZero(LENGTH).clear();
    private BoundTarget target;
    private NvmeController controller;
    private NvmeNamespace namespace;

    @BeforeEach
    void connect() {
        target = NvmeTarget.create()
                .subsystem(NQN, subsystem -> subsystem.namespace(1, store))
                .bind()
                .block(PATIENCE);
        controller = NvmeClient.create()
                .remoteAddress("127.0.0.1", target.port())
                .subsystem(NQN)
                .ioQueues(1)
                .connect()
                .block(PATIENCE);
        namespace = controller.namespace(1).block(PATIENCE);
    }

    @AfterEach
    void close() {
        store.answer();
        controller.close().block(PATIENCE);
        target.close().block(PATIENCE);
        assertThat(destination.refCnt()).isEqualTo(1);
        destination.release();
    }

    /** The data is late; what comes behind it on the same connection is right. */
    private void nothingIsWritten() {
        store.answer();
        ByteBuf other = namespace.read(1024, LENGTH / 512).block(PATIENCE);
        other.release();
        namespace.flush().block(PATIENCE);
        assertThat(destination.forEachByte(0, LENGTH, octet -> octet == 0)).isEqualTo(-1);
        assertThat(controller.isConnected()).isTrue();
    }

    @Test
    @Covers("Late data never lands in memory that is the caller's again")
    void afterATimeoutTheDestinationIsTheCallers() {
        Throwable failure = namespace
                .timeout(Duration.ofMillis(100))
                .readInto(0, destination)
                .then(Mono.<Throwable>empty())
                .onErrorResume(Mono::just)
                .block(PATIENCE);
        assertThat(failure)
                .isInstanceOfSatisfying(
                        NvmeTimeoutException.class,
                        timeout -> assertThat(timeout.outcome()).isEqualTo(CommandOutcome.UNKNOWN));
        assertThat(destination.refCnt()).isEqualTo(1);
        nothingIsWritten();
    }

    @Test
    @Covers("Late data never lands in memory that is the caller's again")
    void afterACancelItIsTheCallersAsSoonAsTheEventLoopKnows() {
        Disposable reading = namespace.readInto(0, destination).subscribe();
        Awaitility.await().until(() -> !store.reads.isEmpty());
        reading.dispose();
        Awaitility.await().until(() -> destination.refCnt() == 1);
        nothingIsWritten();
    }
}
