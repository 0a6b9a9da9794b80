package io.nvmf.host;

import io.netty.util.IllegalReferenceCountException;
import io.nvmf.transport.Command;
import io.nvmf.transport.Completion;
import io.nvmf.transport.Termination;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
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
final class BulkOperator extends SlotUser implements CoreSubscriber<Command>, Subscription, Runnable {

    private static final AtomicLongFieldUpdater<BulkOperator> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(BulkOperator.class, "requested");
    private static final AtomicIntegerFieldUpdater<BulkOperator> WOKEN =
            AtomicIntegerFieldUpdater.newUpdater(BulkOperator.class, "woken");

    private final HostQueue queue;
    private final CoreSubscriber<? super Completion> actual;
    private final Queue<Command> arrived;
    private final Context context;
    private @Nullable Subscription upstream;

    // Word left by other threads.
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

    /** Why nothing more is sent; reported when what was sent is done. */
    private @Nullable RuntimeException refusal;

    BulkOperator(HostQueue queue, CoreSubscriber<? super Completion> actual) {
        this.queue = queue;
        this.actual = actual;
        this.arrived = Queues.<Command>get(queue.slots()).get();
        // Commands that operators between the source and here hold when the stream is cancelled have data, too.
        this.context = Operators.enableOnDiscard(actual.currentContext(), BulkOperator::discarded);
    }

    private static void discarded(Object element) {
        if (element instanceof Command command) {
            CommandMemory.discard(command);
        }
    }

    // Upstream, any thread.

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.validate(upstream, subscription)) {
            upstream = subscription;
            actual.onSubscribe(this);
        }
    }

    @Override
    public void onNext(Command command) {
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

    @Override
    public void onError(Throwable error) {
        if (upstreamDone) {
            Operators.onErrorDropped(error, currentContext());
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
            violation = Exceptions.nullOrNegativeRequestException(n);
        } else if (queue.executor().inEventLoop()) {
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
                fail(queue.failures().closed(null));
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
        try {
            actual.onNext(completion);
        } finally {
            again = true;
            if (outermost) {
                advancing = false;
            }
        }
        advance();
    }

    @Override
    void commandFailed(RuntimeException failure, Failures.Outcome outcome) {
        fail(failure);
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

    /** Does whatever can be done now; calls from inside are made up for before the outermost returns. */
    private void advance() {
        again = true;
        if (advancing) {
            return;
        }
        advancing = true;
        try {
            while (again) {
                again = false;
                step();
            }
        } finally {
            advancing = false;
        }
    }

    private void step() {
        if (requested != 0) {
            demand = Operators.addCap(demand, REQUESTED.getAndSet(this, 0));
        }
        Throwable broken = violation;
        if (cancelled) {
            finish();
        } else if (broken != null) {
            fail(broken);
        } else if (!started) {
            started = true;
            Termination end = queue.register(this);
            if (end != null) {
                fail(queue.failures().closed(end));
            }
        }
        if (finished) {
            discardArrived();
            return;
        }
        // Read before looking for arrivals: what came before the end is in the queue by then.
        boolean done = upstreamDone;
        if (refusal == null && queue.isDraining() && !arrived.isEmpty()) {
            refuse();
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
        while (!waiting && !finished && (granted || queue.available() > 0)) {
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
    private void refuse() {
        refusal = queue.failures().closed(null);
        Subscription source = upstream;
        if (source != null) {
            source.cancel();
        }
    }

    private RuntimeException overflow() {
        return queue.failures().protocol("upstream sent more commands than were requested");
    }

    private void pull() {
        long wanted = Math.min(demand, queue.slots()) - awaited - outstanding;
        if (waiting || wanted <= 0) {
            return;
        }
        int free = granted ? 1 : queue.available();
        int count = (int) Math.min(wanted, free - (long) awaited);
        if (count > 0) {
            awaited += count;
            Subscription source = upstream;
            if (source != null) {
                source.request(count);
            }
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
        if (!finished) {
            finish();
            if (cancelled) {
                Operators.onErrorDropped(error, currentContext());
            } else {
                actual.onError(error);
            }
        } else {
            discardArrived();
        }
    }

    /** Leaves both sides alone from now on. */
    private void finish() {
        if (finished) {
            return;
        }
        finished = true;
        Subscription source = upstream;
        if (source != null) {
            source.cancel();
        }
        discardArrived();
        queue.forget(this);
    }

    private void discardArrived() {
        for (Command command = arrived.poll(); command != null; command = arrived.poll()) {
            CommandMemory.letGo(command);
        }
    }
}
