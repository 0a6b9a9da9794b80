package io.nvmf.samples.perf;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeQueue;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A stream of commands through one I/O queue: the commands' source and the completions' subscriber. The queue has as
 * many slots as the depth, and asks the source for a command whenever one is free.
 */
final class QueuePairLane implements Lane, CoreSubscriber<Completion> {

    private final Workload workload;
    private final NvmeQueue queue;
    private final Commands commands;
    private final Recorders recorders;
    private final Source source = new Source();
    private final InFlight inFlight;
    private final Sinks.Empty<Void> done = Sinks.empty();
    private final boolean paced;
    private @Nullable Subscription completions;
    private volatile boolean stopping;

    /** The latest completion: where its slot is filled again at once, that is when the next command starts. */
    private long now;

    QueuePairLane(Workload workload, NvmeQueue queue, Commands commands, Recorders recorders) {
        this.workload = workload;
        this.queue = queue;
        this.commands = commands;
        this.recorders = recorders;
        this.inFlight = new InFlight(queue.depth());
        this.paced = workload.isPaced();
    }

    @Override
    public void start() {
        now = System.nanoTime();
        queue.execute(source).subscribe(this);
    }

    @Override
    public boolean startOne(long due) {
        return source.sendOne(due);
    }

    @Override
    public void stop() {
        stopping = true;
        if (paced) {
            source.end();
        }
    }

    @Override
    public Mono<Void> done() {
        return done.asMono();
    }

    @Override
    public void release() {
        commands.release();
    }

    @Override
    public void onSubscribe(Subscription s) {
        completions = s;
        s.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Completion completion) {
        now = System.nanoTime();
        long start;
        long unit;
        if (paced) {
            synchronized (inFlight) {
                inFlight.remove(completion.command());
                start = inFlight.started();
                unit = inFlight.unit();
            }
        } else {
            inFlight.remove(completion.command());
            start = inFlight.started();
            unit = inFlight.unit();
        }
        recorders.ofThisThread().completed(now - start);
        try {
            check(completion, unit);
        } catch (RuntimeException failure) {
            fail(failure);
        } finally {
            completion.release();
        }
    }

    private void check(Completion completion, long unit) {
        if (!completion.isSuccess() || completion.bytesTransferred() != workload.ioSize()) {
            throw new IllegalStateException(completion.toString());
        }
        ByteBuf data = completion.data();
        if (workload.verify() && data != null) {
            DataPattern.check(data, unit * workload.ioSize());
        }
    }

    private void fail(RuntimeException failure) {
        Subscription subscription = completions;
        if (subscription != null) {
            subscription.cancel();
        }
        done.tryEmitError(failure);
    }

    @Override
    public void onError(Throwable error) {
        done.tryEmitError(error);
    }

    @Override
    public void onComplete() {
        done.tryEmitEmpty();
    }

    /**
     * Sends for as long as it is asked to, on the event loop; or, at a rate, one at a time on the thread that keeps it,
     * which is why only then the commands in flight need a lock.
     */
    private final class Source implements Publisher<Command>, Subscription {

        private @Nullable Subscriber<? super Command> subscriber;
        private long wanted;
        private boolean ended;

        @Override
        public void subscribe(Subscriber<? super Command> s) {
            subscriber = s;
            s.onSubscribe(this);
        }

        @Override
        public void request(long n) {
            if (paced) {
                synchronized (inFlight) {
                    wanted += n;
                }
                return;
            }
            Subscriber<? super Command> s = subscriber;
            if (s == null) {
                return;
            }
            for (long i = 0; i < n && !stopping; i++) {
                Command command = commands.next();
                inFlight.add(command, now, commands.unit());
                s.onNext(command);
            }
            if (stopping && !ended) {
                ended = true;
                s.onComplete();
            }
        }

        boolean sendOne(long due) {
            Subscriber<? super Command> s = subscriber;
            Command command;
            synchronized (inFlight) {
                if (s == null || wanted == 0 || inFlight.isFull()) {
                    return false;
                }
                wanted--;
                command = commands.next();
                inFlight.add(command, due, commands.unit());
            }
            s.onNext(command);
            return true;
        }

        void end() {
            Subscriber<? super Command> s = subscriber;
            if (s != null && !ended) {
                ended = true;
                s.onComplete();
            }
        }

        @Override
        public void cancel() {
            stopping = true;
        }
    }
}
