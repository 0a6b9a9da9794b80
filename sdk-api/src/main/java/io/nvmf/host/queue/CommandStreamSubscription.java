package io.nvmf.host.queue;

import io.netty.util.IllegalReferenceCountException;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.transport.JvmFailures;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * Turns a stream of commands into the stream of their completions.
 *
 * <p>Every command in its hands, whether asked for upstream, arrived, or outstanding, is covered by demand of downstream, and
 * there are never more of them than slots; so completions are handed on without a queue, and commands need one no longer than
 * the slot table. While others wait for slots, it takes one per turn.
 *
 * <p>Upstream and downstream may call on any thread: they leave word and wake the event loop, where {@link #advance} does
 * everything else.
 */
final class CommandStreamSubscription extends SlotOwner
        implements CoreSubscriber<Command>, Subscription, QueueListener, Runnable {

    private static final AtomicLongFieldUpdater<CommandStreamSubscription> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(CommandStreamSubscription.class, "requested");
    private static final AtomicIntegerFieldUpdater<CommandStreamSubscription> WOKEN =
            AtomicIntegerFieldUpdater.newUpdater(CommandStreamSubscription.class, "woken");
    private static final AtomicReferenceFieldUpdater<CommandStreamSubscription, Subscription> UPSTREAM =
            AtomicReferenceFieldUpdater.newUpdater(CommandStreamSubscription.class, Subscription.class, "upstream");

    private final HostQueue queue;
    private final CoreSubscriber<? super Completion> actual;
    private final Queue<Command> arrived;

    // Word left by other threads.
    private volatile @Nullable Subscription upstream;
    private volatile long requested;
    private volatile int woken;
    private volatile boolean cancelled;
    private volatile @Nullable Throwable violation;
    private volatile boolean upstreamDone;
    private @Nullable Throwable upstreamError;

    // The event loop's own.
    private long demand;
    private int awaited;
    private int outstanding;
    private boolean started;
    private boolean finished;
    private boolean advancing;
    private boolean again;
    private boolean granted;

    /** Why the queue takes no more commands. */
    private @Nullable RuntimeException closed;

    /** The same, when it concerns this stream: reported when what was sent is done. */
    private @Nullable RuntimeException refusal;

    /** What ends the stream as soon as no call into code of users is under way. */
    private @Nullable Throwable failed;

    CommandStreamSubscription(HostQueue queue, CoreSubscriber<? super Completion> actual) {
        this.queue = queue;
        this.actual = actual;
        this.arrived = Queues.<Command>get(queue.slots()).get();
    }

    /** Connects both sides. Downstream comes first, so that it can leave whatever upstream does. */
    void start(Flux<? extends Command> source) {
        try {
            actual.onSubscribe(this);
        } catch (Throwable thrown) {
            cancel();
            throw thrown;
        }
        if (cancelled) {
            return;
        }
        wake();
        try {
            source.subscribe(this);
        } catch (Throwable thrown) {
            violate(thrown);
            JvmFailures.throwIfJvmFailure(thrown);
        }
    }

    // Upstream, any thread.

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        requireSignal(subscription, "subscription");
        if (Operators.setOnce(UPSTREAM, this, subscription)) {
            wake();
        }
    }

    @Override
    public void onNext(Command command) {
        requireSignal(command, "command");
        if (upstreamDone) {
            CommandMemory.discard(command);
            Operators.onNextDropped(command, currentContext());
            return;
        }
        try {
            CommandMemory.hold(command);
            if (!arrived.offer(command)) {
                CommandMemory.letGo(command);
                violation = overflow();
            }
        } catch (IllegalReferenceCountException released) {
            violation = released;
        }
        wake();
    }

    /** Rule 2.13 wants the exception thrown. The stream has to hear of it all the same: nothing else will come. */
    private void requireSignal(@Nullable Object signal, String name) {
        if (signal == null) {
            NullPointerException broken =
                    new NullPointerException("the " + name + " from upstream is null (Reactive Streams rule 2.13)");
            violate(broken);
            throw broken;
        }
    }

    private void violate(Throwable broken) {
        violation = broken;
        wake();
    }

    @Override
    public void onError(Throwable error) {
        requireSignal(error, "error");
        if (upstreamDone) {
            Dropped.error(error, currentContext());
            return;
        }
        upstreamError = error;
        upstreamDone = true;
        wake();
    }

    @Override
    public void onComplete() {
        upstreamDone = true;
        wake();
    }

    // Downstream, any thread.

    @Override
    public void request(long n) {
        if (n <= 0) {
            violate(Exceptions.nullOrNegativeRequestException(n));
            return;
        }
        if (queue.executor().inEventLoop()) {
            demand = Operators.addCap(demand, n);
        } else {
            Operators.addCap(REQUESTED, this, n);
        }
        wake();
    }

    @Override
    public void cancel() {
        cancelled = true;
        wake();
    }

    private void wake() {
        if (queue.executor().inEventLoop()) {
            advance();
        } else if (woken == 0 && WOKEN.compareAndSet(this, 0, 1)) {
            try {
                queue.executor().execute(this);
            } catch (RejectedExecutionException loopGone) {
                // The loop is no more, so this thread has the operator for itself.
                woken = 0;
                closed = queue.failures().closed(null);
                advance();
            }
        }
    }

    // Event loop from here on.

    @Override
    public void run() {
        woken = 0;
        advance();
    }

    @Override
    void slotFree() {
        granted = true;
        advance();
        granted = false;
    }

    @Override
    void commandDone(Completion completion) {
        outstanding--;
        if (finished || cancelled) {
            completion.release();
            advance();
            return;
        }
        if (demand != Long.MAX_VALUE) {
            demand--;
        }
        boolean outermost = !advancing;
        // What downstream asks for from inside onNext is done after it has returned: the stack does not grow.
        advancing = true;
        Throwable thrown = null;
        try {
            actual.onNext(completion);
        } catch (Throwable ofUser) {
            thrown = ofUser;
            failed = ofUser;
        }
        if (outermost) {
            advancing = false;
        }
        advance();
        if (thrown != null) {
            JvmFailures.throwIfJvmFailure(thrown);
        }
    }

    @Override
    void commandFailed(RuntimeException failure, CommandOutcome outcome) {
        if (failed == null) {
            failed = failure;
        }
        advance();
    }

    @Override
    void commandWithdrawn() {
        outstanding--;
        advance();
    }

    @Override
    boolean abandoned() {
        return cancelled;
    }

    @Override
    public void queueClosed(RuntimeException failure) {
        if (closed == null) {
            closed = failure;
        }
        advance();
    }

    /**
     * Does whatever can be done now; calls from inside are made up for before the outermost returns. What code of users throws
     * meanwhile ends the stream.
     */
    private void advance() {
        again = true;
        if (advancing) {
            return;
        }
        advancing = true;
        Throwable thrown = null;
        while (again) {
            again = false;
            try {
                step();
            } catch (Throwable broken) {
                thrown = broken;
                broken(broken);
            }
        }
        advancing = false;
        if (thrown != null) {
            JvmFailures.throwIfJvmFailure(thrown);
        }
    }

    private void broken(Throwable thrown) {
        if (finished || failed != null) {
            Dropped.error(thrown, currentContext());
        } else {
            failed = thrown;
            again = true;
        }
    }

    private void step() {
        if (requested != 0) {
            demand = Operators.addCap(demand, REQUESTED.getAndSet(this, 0));
        }
        if (!finished && !started) {
            started = true;
            RuntimeException refused = queue.register(this);
            closed = closed == null ? refused : closed;
        }
        Throwable reason = failed == null ? violation : failed;
        if (cancelled) {
            finish();
        } else if (reason != null && !finished) {
            fail(reason);
        }
        if (finished) {
            discardArrived();
            return;
        }
        // Read before looking for arrivals: what came before the end is in the queue by then.
        boolean done = upstreamDone;
        if (refusal == null && closed != null && (!done || !arrived.isEmpty())) {
            refuse(closed);
        }
        if (refusal != null) {
            discardArrived();
            if (outstanding == 0) {
                fail(refusal);
            }
            return;
        }
        sendArrived();
        if (finished) {
            return;
        }
        if (!arrived.isEmpty()) {
            awaitTurn();
        } else if (!done) {
            pull();
        } else if (outstanding == 0) {
            complete();
        }
    }

    private void sendArrived() {
        while (!waiting && !finished && failed == null && (granted || queue.available() > 0)) {
            Command command = arrived.poll();
            if (command == null) {
                return;
            }
            if (awaited == 0) {
                CommandMemory.letGo(command);
                fail(overflow());
                return;
            }
            granted = false;
            awaited--;
            outstanding++;
            queue.dispatch(this, command);
        }
    }

    /** Takes no more commands, and lets those finish that were sent. */
    private void refuse(RuntimeException reason) {
        refusal = reason;
        queue.leave(this);
        cancelUpstream();
    }

    private void cancelUpstream() {
        Subscription source = UPSTREAM.getAndSet(this, Operators.cancelledSubscription());
        if (source != null && source != Operators.cancelledSubscription()) {
            Dropped.cancel(source, currentContext());
        }
    }

    private RuntimeException overflow() {
        return queue.failures().protocol("upstream sent more commands than were requested");
    }

    private void pull() {
        Subscription source = upstream;
        long wanted = Math.min(demand, queue.slots()) - awaited - outstanding;
        if (source == null || waiting || wanted <= 0) {
            return;
        }
        int free = granted ? 1 : queue.available();
        int count = (int) Math.min(wanted, free - (long) awaited);
        if (count > 0) {
            awaited += count;
            source.request(count);
        } else if (awaited == 0) {
            awaitTurn();
        }
    }

    private void awaitTurn() {
        if (!waiting) {
            queue.await(this);
        }
    }

    private void complete() {
        finished = true;
        queue.forget(this);
        Throwable error = upstreamError;
        if (error == null) {
            actual.onComplete();
        } else {
            actual.onError(error);
        }
    }

    private void fail(Throwable error) {
        finish();
        if (cancelled) {
            Dropped.error(error, currentContext());
        } else {
            actual.onError(error);
        }
    }

    /** Leaves both sides alone from now on. */
    private void finish() {
        if (finished) {
            return;
        }
        finished = true;
        cancelUpstream();
        discardArrived();
        queue.forget(this);
    }

    private void discardArrived() {
        for (Command command = arrived.poll(); command != null; command = arrived.poll()) {
            CommandMemory.letGo(command);
        }
    }
}
