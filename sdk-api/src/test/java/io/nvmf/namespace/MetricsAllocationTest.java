package io.nvmf.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.AnsweringQueuePair;
import io.nvmf.host.queue.BenchmarkQueues;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.Request;
import io.nvmf.metrics.micrometer.MicrometerRecorder;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransportAddress;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a command costs that is measured: no memory at all. */
class MetricsAllocationTest {

    private static final int SIZE = 4096;
    private static final int WARM_UP = 2_000;
    private static final int COMMANDS = 2_000;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final Failures failures = new Failures();
    private final HostQueue queue =
            HostQueue.start(new AnsweringQueuePair(loop.eventLoop(), 1), BenchmarkQueues.parameters(1), failures);
    private final NvmCommands commands = new NvmCommands(new NamespaceGeometry(1, 9, 1 << 20, 0, 0, 0), failures);
    private final ByteBuf destination = Unpooled.buffer(SIZE, SIZE);

    private int done;

    /** A read that is used again and again. */
    private final class Read extends Request {

        private final Command read = commands.readInto(0, SIZE >> 9, destination);

        @Override
        protected Command command() {
            destination.retain();
            return read;
        }

        @Override
        protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
            done++;
        }

        @Override
        protected void failed(RuntimeException failure, CommandOutcome outcome) {
            throw failure;
        }
    }

    @AfterEach
    void close() {
        queue.close().block();
        loop.finishAndReleaseAll();
    }

    private void run(int times, Request... requests) {
        for (int i = 0; i < times; i++) {
            for (Request request : requests) {
                queue.submit(request);
            }
            while (done % requests.length != 0) {
                loop.runPendingTasks();
            }
            loop.runPendingTasks();
        }
    }

    private long bytesPerCommand(Request... requests) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        run(WARM_UP, requests);
        long before = threads.getCurrentThreadAllocatedBytes();
        run(COMMANDS, requests);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        loop.runPendingTasks();
        assertThat(done).isEqualTo((WARM_UP + COMMANDS) * requests.length);
        assertThat(registry.get("nvmf.client.commands")
                        .tag("command", "read")
                        .timer()
                        .count())
                .isEqualTo(done);
        return allocated / COMMANDS / requests.length;
    }

    private void measure() {
        queue.measure(MicrometerRecorder.of(registry)
                .controller("nqn.2026-01.org.example:disk", TransportAddress.of("array-1", 4420))
                .association(1)
                .queue(1, 1));
        loop.runPendingTasks();
    }

    @Test
    void aMeasuredRequestThatIsUsedAgainAllocatesNothing() {
        measure();
        assertThat(bytesPerCommand(new Read())).isLessThan(8);
    }

    @Test
    void neitherDoesOneThatWaitsForASlot() {
        measure();
        assertThat(bytesPerCommand(new Read(), new Read(), new Read())).isLessThan(8);
        assertThat(registry.get("nvmf.client.slot.waits").timer().count()).isEqualTo(done / 3 * 2L);
    }
}
