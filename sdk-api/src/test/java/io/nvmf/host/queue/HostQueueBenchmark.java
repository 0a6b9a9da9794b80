package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.testing.benchmark.ShortBenchmark;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;

/**
 * What a command costs between its user and the queue pair and back, on the event loop, in the three shapes it can have. The
 * operation is a read of 4 KiB whose command and memory are there already.
 */
@State(Scope.Thread)
public class HostQueueBenchmark extends ShortBenchmark {

    private static final int COMMANDS = 32;
    private static final int SIZE = 4096;
    private static final int READ = 2;

    /** Commands outstanding at a time. */
    @Param({"1", "32"})
    public int depth;

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final ByteBuf destination = Unpooled.directBuffer(SIZE, SIZE);
    private final HostQueue queue = HostQueue.start(
            new AnsweringQueuePair(loop.eventLoop(), COMMANDS), BenchmarkQueues.parameters(COMMANDS), new Failures());
    private final Read[] requests = new Read[COMMANDS];
    private final Reader reader = new Reader();
    private final Source source = new Source();
    private final Stream stream = new Stream();
    private long done;

    /** Without it the compiler would do without the object. */
    private Blackhole user;

    /** For JMH. */
    public HostQueueBenchmark() {}

    private Command read() {
        return Command.opcode(READ).nsid(1).receiveInto(destination, SIZE);
    }

    /**
     * Makes the commands, and starts the one stream.
     *
     * @param blackhole takes the completions
     */
    @Setup
    public void start(Blackhole blackhole) {
        user = blackhole;
        for (int i = 0; i < COMMANDS; i++) {
            requests[i] = new Read();
        }
        queue.execute(source).subscribe(stream);
        loop.runPendingTasks();
    }

    /** Frees the memory. */
    @TearDown
    public void stop() {
        stream.cancel();
        queue.close().block();
        loop.finishAndReleaseAll();
        destination.release();
    }

    /** Requests of the SDK's own, which are used again. */
    @Benchmark
    @OperationsPerInvocation(COMMANDS)
    public void request() {
        long before = done;
        for (int i = 0; i < COMMANDS; ) {
            for (int turn = 0; turn < depth; turn++) {
                queue.submit(requests[i++]);
            }
            loop.runPendingTasks();
        }
        requireDone(before);
    }

    /** A {@code Mono} for each command. */
    @Benchmark
    @OperationsPerInvocation(COMMANDS)
    public void mono() {
        long before = done;
        for (int i = 0; i < COMMANDS; ) {
            for (int turn = 0; turn < depth; turn++) {
                queue.execute(requests[i++].command).subscribe(reader);
            }
            loop.runPendingTasks();
        }
        requireDone(before);
    }

    /** A {@code Flux} of commands. */
    @Benchmark
    @OperationsPerInvocation(COMMANDS)
    public void stream() {
        long before = done;
        for (int i = 0; i < COMMANDS; i += depth) {
            stream.request(depth);
            loop.runPendingTasks();
        }
        requireDone(before);
    }

    private void requireDone(long before) {
        if (done != before + COMMANDS) {
            throw new IllegalStateException((done - before) + " of " + COMMANDS + " commands are done");
        }
    }

    private void done(Completion completion) {
        user.consume(completion);
        done(completion.bytesTransferred());
        completion.release();
    }

    private void done(int bytes) {
        if (bytes == SIZE) {
            done++;
        }
    }

    private final class Read extends Request {

        private final Command command = read();

        /** The queue takes a reference to the destination over, which is gone when the command is done. */
        @Override
        protected Command command() {
            destination.retain();
            return command;
        }

        @Override
        protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
            done(bytes);
            releaseUnwanted(data);
        }

        @Override
        protected void failed(RuntimeException failure, CommandOutcome outcome) {
            throw failure;
        }
    }

    /** Takes one completion of each {@code Mono}. */
    private final class Reader implements CoreSubscriber<Completion> {

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Completion completion) {
            done(completion);
        }

        @Override
        public void onError(Throwable failure) {
            throw new IllegalStateException(failure);
        }

        @Override
        public void onComplete() {}
    }

    /** Emits as many commands as it is asked for. */
    private final class Source implements Publisher<Command> {

        @Override
        public void subscribe(Subscriber<? super Command> subscriber) {
            subscriber.onSubscribe(new Subscription() {

                private int next;

                @Override
                public void request(long n) {
                    for (long i = 0; i < n; i++) {
                        subscriber.onNext(requests[next].command);
                        next = (next + 1) % COMMANDS;
                    }
                }

                @Override
                public void cancel() {}
            });
        }
    }

    /** Asks for as many completions as the benchmark says. */
    private final class Stream extends BaseSubscriber<Completion> {

        @Override
        protected void hookOnSubscribe(Subscription subscription) {}

        @Override
        protected void hookOnNext(Completion completion) {
            done(completion);
        }
    }
}
