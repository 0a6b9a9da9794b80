package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.testing.ExhaustibleAllocator;
import io.nvmf.testing.VirtualTime;
import io.nvmf.transport.CommandCapsule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.resources.LoopResources;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** While the allocator has no memory, commands that need some fail, and the connection goes on. */
class TcpWithoutMemoryTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:memory";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 4096;

    /** More than is read into its destination at once. */
    private static final int LARGE = 64 * 1024;

    /** Event loops that remember the channels of hosts. */
    private static final class WatchedLoops implements LoopResources {

        private final LoopResources loops = LoopResources.create("memory", 1, 2, true);
        private final boolean epoll;
        private final Queue<Channel> channels = new ConcurrentLinkedQueue<>();

        WatchedLoops(boolean epoll) {
            this.epoll = epoll;
        }

        @Override
        public EventLoopGroup onServer(boolean useNative) {
            return loops.onServer(epoll);
        }

        @Override
        public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
            C channel = loops.onChannel(type, group);
            channels.add(channel);
            return channel;
        }

        @Override
        public void dispose() {
            loops.dispose();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connectionAndKeepAliveGoOn(boolean epoll) {
        WatchedLoops loops = new WatchedLoops(epoll);
        VirtualTimeScheduler timer = VirtualTimeScheduler.create();
        ExhaustibleAllocator none = new ExhaustibleAllocator();
        ByteBuf destination = Unpooled.directBuffer(LARGE, LARGE);
        BoundTarget target = NvmeTarget.memory(NQN, 1 << 20, BLOCK).bind().block(PATIENCE);
        try {
            NvmeController controller = NvmeClient.from(target.uri(NQN))
                    .recovery(io.nvmf.recovery.Recovery.none())
                    .option(TcpOptions.LOOP_RESOURCES, loops)
                    .keepAlive(Duration.ofMinutes(10))
                    .timer(timer)
                    .connect()
                    .block(PATIENCE);
            NvmeNamespace namespace = controller.namespace(1).block(PATIENCE);
            assertThat(loops.channels).hasSizeGreaterThanOrEqualTo(2);

            none.exhausted = true;
            loops.channels.forEach(channel -> channel.config().setAllocator(none));
            for (int i = 0; i < 3; i++) {
                namespace
                        .read(0, 1)
                        .as(StepVerifier::create)
                        .expectErrorSatisfies(failure -> assertThat(failure)
                                .isInstanceOf(NvmeLimitException.class)
                                .hasMessageContaining("no memory"))
                        .verify(PATIENCE);
                namespace.flush().block(PATIENCE);
                namespace.readInto(0, destination.clear()).block(PATIENCE);
                // Each half of the timeout a Keep Alive is due; the next comes only if this one was answered.
                timer.advanceTimeBy(Duration.ofMinutes(6));
                namespace.flush().block(PATIENCE);
            }
            assertThat(controller.isConnected()).isTrue();

            none.exhausted = false;
            namespace.read(0, 1).block(PATIENCE).release();
            // A controller that is not done with its stores at once is asked again after a time.
            VirtualTime.passes(timer, Duration.ofMinutes(1), controller.close().toFuture());
            Awaitility.await().atMost(PATIENCE).until(() -> none.usedMemory() == 0);
        } finally {
            destination.release();
            target.close().block(PATIENCE);
            loops.dispose();
            timer.dispose();
        }
    }

    @Test
    void capsulesWaitForTheSocketWhenThereIsNoMemoryForMoreHeaders() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.COALESCED)) {
            List<Capsule> capsules = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                Capsule capsule = new Capsule(0x02, i);
                capsule.attachData(CommandCapsule.Transfer.RECEIVE, Unpooled.directBuffer(8, 8), 8);
                capsules.add(capsule);
            }
            ExhaustibleAllocator none = new ExhaustibleAllocator();
            none.exhausted = true;
            host.channel.config().setAllocator(none);
            host.channel.stall(true);

            capsules.forEach(host.queuePair::submit);
            host.channel.runPendingTasks();
            assertThat(host.end()).isNull();
            assertThat(capsules.stream().filter(capsule -> capsule.events.contains("transmitted")))
                    .hasSizeBetween(50, 150);

            host.channel.stall(false);
            int sent = 0;
            for (int i = 0; i < 10; i++) {
                sent += host.sent().length;
                host.channel.advanceTimeBy(5, TimeUnit.MILLISECONDS);
                host.channel.runScheduledPendingTasks();
            }
            assertThat(host.end()).isNull();
            assertThat(capsules).allMatch(capsule -> capsule.events.contains("transmitted"));
            assertThat(sent).isEqualTo(300 * 72);
        }
    }
}
