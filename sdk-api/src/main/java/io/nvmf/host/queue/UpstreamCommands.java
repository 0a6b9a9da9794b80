package io.nvmf.host.queue;

import io.netty.util.IllegalReferenceCountException;
import io.nvmf.command.Command;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * The upstream side of a command stream. Upstream signals on any thread: each signal is recorded here and wakes the
 * event loop of the stream, which does everything else. Everything after the marked line is for the event loop only.
 */
final class UpstreamCommands implements CoreSubscriber<Command> {

    private static final AtomicReferenceFieldUpdater<UpstreamCommands, Subscription> SUBSCRIPTION =
            AtomicReferenceFieldUpdater.newUpdater(UpstreamCommands.class, Subscription.class, "subscription");

    private final CommandStreamSubscription stream;
    private final Failures failures;

    /** Requested and not sent yet; never more than there are slots. */
    private final Queue<Command> arrived;

    private volatile @Nullable Subscription subscription;
    private volatile boolean done;
    private @Nullable Throwable error;

    /** How many commands were requested and have not been taken; the event loop's own. */
    private int awaited;

    UpstreamCommands(CommandStreamSubscription stream, int slots, Failures failures) {
        this.stream = stream;
        this.failures = failures;
        this.arrived = Queues.<Command>get(slots).get();
    }

    @Override
    public Context currentContext() {
        return stream.currentContext();
    }

    @Override
    public void onSubscribe(Subscription given) {
        requireSignal(given, "subscription");
        if (Operators.setOnce(SUBSCRIPTION, this, given)) {
            stream.wake();
        }
    }

    @Override
    public void onNext(Command command) {
        requireSignal(command, "command");
        if (done) {
            CommandMemory.discard(command);
            Operators.onNextDropped(command, currentContext());
            return;
        }
        try {
            CommandMemory.hold(command);
        } catch (IllegalReferenceCountException released) {
            stream.violated(released);
            return;
        }
        if (arrived.offer(command)) {
            stream.wake();
        } else {
            CommandMemory.letGo(command);
            stream.violated(overflow());
        }
    }

    @Override
    public void onError(Throwable failure) {
        requireSignal(failure, "error");
        if (done) {
            Dropped.error(failure, currentContext());
            return;
        }
        error = failure;
        done = true;
        stream.wake();
    }

    @Override
    public void onComplete() {
        done = true;
        stream.wake();
    }

    /**
     * Rule 2.13 wants the exception thrown. The stream has to hear of it all the same, because nothing else will come.
     */
    private void requireSignal(@Nullable Object signal, String name) {
        if (signal == null) {
            NullPointerException broken =
                    new NullPointerException("the " + name + " from upstream is null (Reactive Streams rule 2.13)");
            stream.violated(broken);
            throw broken;
        }
    }

    // ---- event loop only

    boolean isConnected() {
        return subscription != null;
    }

    /**
     * Whether upstream has ended. What came before is there when this is asked first and {@link #isEmpty} afterwards.
     */
    boolean isDone() {
        return done;
    }

    /** What upstream ended with; null while it has not, and when it completed. */
    @Nullable
    Throwable error() {
        return error;
    }

    /** Whether no command waits to be sent. */
    boolean isEmpty() {
        return arrived.isEmpty();
    }

    /** How many commands were requested and have not been taken. */
    int awaited() {
        return awaited;
    }

    void request(int count) {
        Subscription source = subscription;
        if (source != null) {
            awaited += count;
            source.request(count);
        }
    }

    /** Takes the next command; null if none has arrived. */
    @Nullable
    Command poll() {
        return arrived.poll();
    }

    /**
     * Counts a command that was taken.
     *
     * @return false if it was not requested
     */
    boolean countTaken() {
        if (awaited == 0) {
            return false;
        }
        awaited--;
        return true;
    }

    void cancel() {
        Subscription source = SUBSCRIPTION.getAndSet(this, Operators.cancelledSubscription());
        if (source != null && source != Operators.cancelledSubscription()) {
            Dropped.cancel(source, currentContext());
        }
    }

    /** Gives up what has arrived. */
    void discard() {
        for (Command command = arrived.poll(); command != null; command = arrived.poll()) {
            CommandMemory.letGo(command);
        }
    }

    /** What a stream fails with whose upstream sends too much. */
    RuntimeException overflow() {
        return failures.protocol("upstream sent more commands than were requested");
    }
}
