package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.testing.benchmark.ShortBenchmark;
import io.nvmf.transport.ResponseCapsule;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import reactor.netty.resources.LoopResources;

/**
 * What it costs to submit from a thread that is not the event loop, up to the completion: commands are handed over, the event
 * loop is woken, completes them, and the submitter, which spins, sees it. At depth 1 this is the way there and back, at greater
 * depth it shows how many share a wake-up. JMH's {@code -t} adds submitters.
 */
public class HandOffBenchmark extends ShortBenchmark {

    private static final int COMMANDS = 128;
    private static final int FLUSH = 0;

    /** Looks for a completion before it counts as lost: a minute or so. */
    private static final long PATIENCE = 1_000_000_000;

    /** For JMH. */
    public HandOffBenchmark() {}

    /** A queue on an event loop of its own, of the kind that connections have. */
    @State(Scope.Benchmark)
    public static class Queue {

        private final LoopResources loops = LoopResources.create("hand-off", 1, true);
        private final HostQueue queue = HostQueue.start(
                new AnsweringQueuePair(loops.onClient(true).next(), COMMANDS),
                BenchmarkQueues.parameters(COMMANDS),
                new Failures());

        /** For JMH. */
        public Queue() {}

        /** Stops the event loop and frees the memory. */
        @TearDown
        public void stop() {
            queue.close().block();
            loops.dispose();
        }
    }

    /** A thread's requests. */
    @State(Scope.Thread)
    public static class Submitter {

        /** Commands outstanding at a time. */
        @Param({"1", "32"})
        public int depth;

        private final AtomicLong done = new AtomicLong();
        private final Flush[] requests = new Flush[COMMANDS];

        /** For JMH. */
        public Submitter() {
            for (int i = 0; i < COMMANDS; i++) {
                requests[i] = new Flush(done);
            }
        }

        private void await(long expected) {
            for (long looks = 0; done.get() != expected; looks++) {
                if (looks == PATIENCE) {
                    throw new IllegalStateException(done + " of " + expected + " commands are done");
                }
                Thread.onSpinWait();
            }
        }
    }

    /**
     * Hands over and awaits.
     *
     * @param to the queue
     * @param from the requests
     */
    @Benchmark
    @OperationsPerInvocation(COMMANDS)
    public void submit(Queue to, Submitter from) {
        long expected = from.done.get();
        for (int i = 0; i < COMMANDS; ) {
            for (int turn = 0; turn < from.depth; turn++) {
                to.queue.submit(from.requests[i++]);
            }
            expected += from.depth;
            from.await(expected);
        }
    }

    /** A command without data. */
    private static final class Flush extends Request {

        private final Command command = Command.opcode(FLUSH).nsid(1).build();
        private final AtomicLong done;

        Flush(AtomicLong done) {
            this.done = done;
        }

        @Override
        protected Command command() {
            return command;
        }

        @Override
        protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
            done.lazySet(done.getPlain() + 1);
        }

        @Override
        protected void failed(RuntimeException failure, CommandOutcome outcome) {
            throw failure;
        }
    }
}
