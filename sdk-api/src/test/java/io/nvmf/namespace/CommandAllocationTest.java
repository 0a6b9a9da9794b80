package io.nvmf.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.AnsweringQueuePair;
import io.nvmf.host.queue.BenchmarkQueues;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.host.queue.Request;
import io.nvmf.transport.ResponseCapsule;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * What a command allocates between its user and the queue pair, on a queue pair that allocates nothing. The bounds hold
 * without the help of the compiler, which removes objects in some runs and not in others.
 */
class CommandAllocationTest {

    private static final int SIZE = 4096;
    private static final int BLOCKS = SIZE >> 9;
    private static final int WARM_UP = 2_000;
    private static final int COMMANDS = 2_000;

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final Failures failures = new Failures();
    private final HostQueue queue =
            HostQueue.start(new AnsweringQueuePair(loop.eventLoop(), 1), BenchmarkQueues.parameters(1), failures);
    private final NvmCommands commands = new NvmCommands(new NamespaceGeometry(1, 9, 1 << 20, 0, 0, 0), failures);
    private final QueueSelector queues = QueueSelector.roundRobin(List.of(queue));

    /** On the heap: leak detection watches no such buffer, and so does not allocate for it. */
    private final ByteBuf destination = Unpooled.buffer(SIZE, SIZE);

    private int done;

    @AfterEach
    void close() {
        queue.close().block();
        loop.finishAndReleaseAll();
    }

    private long bytesPerCommand(Runnable command) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        run(command, WARM_UP);
        long before = threads.getCurrentThreadAllocatedBytes();
        run(command, COMMANDS);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(done).isEqualTo(WARM_UP + COMMANDS);
        return allocated / COMMANDS;
    }

    private void run(Runnable command, int times) {
        for (int i = 0; i < times; i++) {
            command.run();
            loop.runPendingTasks();
        }
    }

    @Test
    void aRequestThatIsUsedAgainAllocatesNothing() {
        Request request = new Request() {

            private final Command read = commands.readInto(0, BLOCKS, destination);

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
        };
        assertThat(bytesPerCommand(() -> queue.submit(request))).isLessThan(8);
    }

    @Test
    void aCommandOfANamespaceAllocatesItsMonoItsRequestAndTheCommand() {
        CoreSubscriber<Object> subscriber = new CoreSubscriber<>() {

            @Override
            public void onSubscribe(Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(Object element) {}

            @Override
            public void onError(Throwable failure) {
                throw new AssertionError(failure);
            }

            @Override
            public void onComplete() {
                destination.clear();
                done++;
            }
        };
        // The Mono has 40 bytes, the request 56 and the command 64; no Completion and no builder.
        assertThat(bytesPerCommand(() -> NamespaceMono.readInto(commands, queues, 0, BLOCKS, destination)
                        .subscribe(subscriber)))
                .isLessThan(40 + 56 + 64 + 8);
    }
}
