package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.command.NvmeException;
import io.nvmf.recovery.Recovery;
import io.nvmf.tcp.testing.Relay;
import io.nvmf.testing.Recorder;
import io.nvmf.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * A controller that asks for data and then reads nothing more: the host copies none of it, and gets away in bounded
 * time.
 */
class StalledControllerTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:disk";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MIB = 1 << 20;
    private static final int WRITES = 16;
    private static final int TAKEN = 256 * 1024;

    /**
     * The grace for commands, and what the controller states for its shutdown (RTD3E); each may begin a little late.
     */
    private static final Duration LIMIT = Duration.ofSeconds(5 + 30 + 1);

    @Test
    void holdsNoCopiesAndCannotHoldUpTheClose() {
        BoundTarget target = NvmeTarget.memory(NQN, 64 * MIB, 4096)
                .bindAddress("127.0.0.1", 0)
                .bind()
                .block(PATIENCE);
        VirtualTimeScheduler timer = VirtualTimeScheduler.create();
        ByteBuf data = Unpooled.directBuffer(MIB).writeZero(MIB);
        try (Relay relay = Relay.to(target.port())) {
            NvmeController controller = NvmeClient.create()
                    .recovery(Recovery.none())
                    .remoteAddress("127.0.0.1", relay.port())
                    .subsystem(NQN)
                    .ioQueues(1)
                    .timer(timer)
                    .connect()
                    .block(PATIENCE);
            NvmeNamespace namespace = controller.namespace(1).block(PATIENCE);
            long before = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
            relay.takeAtMost(1, TAKEN);
            List<Recorder<Void>> writes = new ArrayList<>();
            for (int i = 0; i < WRITES; i++) {
                Recorder<Void> write = new Recorder<>(1);
                namespace.write(i * 256L, data.retainedDuplicate()).subscribe(write);
                writes.add(write);
            }
            Awaitility.await().atMost(PATIENCE).until(() -> relay.sentByHost(1).length >= TAKEN);
            // What is the target's, in this JVM, is within its budget of 8 MiB for the connection.
            assertThat(PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() - before)
                    .isLessThan(8 * MIB + MIB);
            assertThat(data.refCnt()).as("on their way").isGreaterThan(1);

            VirtualTime.passes(timer, LIMIT, controller.close().toFuture());

            assertThat(writes)
                    .allSatisfy(
                            write -> assertThat(write.errors).singleElement().isInstanceOf(NvmeException.class));
            Awaitility.await().atMost(PATIENCE).until(() -> data.refCnt() == 1);
        }
        Awaitility.await().atMost(PATIENCE).until(() -> target.controllers() == 0);
        data.release();
        target.close().block(PATIENCE);
    }
}
