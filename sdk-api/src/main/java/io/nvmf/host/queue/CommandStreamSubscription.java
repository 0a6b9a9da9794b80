package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.transport.JvmFailures;
import io.nvmf.transport.ResponseCapsule;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Turns a stream of commands into the stream of their completions.
 *
 * <p>Every command that it has requested from upstream, received, or sent is covered by demand of downstream, and there
 * are never more of them than slots. So completions are handed on without a queue, and commands need one no longer than
 * the slot table. While others wait for slots, it takes one slot per turn.
 *
 * <p>Downstream and {@linkplain UpstreamCommands upstream} may call on any thread: they record the signal and wake the
 * event loop, where {@link #step} does everything else. There the stream is in one of four phases:
 *
 * <table>
 * <caption>All transitions</caption>
 * <tr><th>from</th><th>when</th><th>to</th></tr>
 * <tr><td>NEW</td><td>the first turn</td><td>OPEN, registered with the queue</td></tr>
 * <tr><td>OPEN</td><td>the queue takes no more commands, and upstream may have some</td>
 *     <td>CLOSING, upstream is cancelled</td></tr>
 * <tr><td>OPEN</td><td>upstream has ended and all commands are done</td><td>OVER, with the end of upstream</td></tr>
 * <tr><td>CLOSING</td><td>what was sent is done</td><td>OVER, with the reason of the queue</td></tr>
 * <tr><td>OPEN, CLOSING</td><td>a command or a call fails, or somebody breaks a rule</td><td>OVER, with that
 * error</td></tr>
 * <tr><td>OPEN, CLOSING</td><td>downstream cancels</td><td>OVER, without a signal</td></tr>
 * </table>
 */
final class CommandStreamSubscription extends StepwiseOwner implements Subscription, QueueListener {

    private static final AtomicLongFieldUpdater<CommandStreamSubscription> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(CommandStreamSubscription.class, "requested");

    private enum Phase {
        NEW,
        OPEN,
        CLOSING,
        OVER
    }

    private final HostQueue queue;
    private final CoreSubscriber<? super Completion> actual;
    private final UpstreamCommands upstream;

    // Written by other threads.
    private volatile long requested;
    private volatile boolean cancelled;
    private volatile @Nullable Throwable violation;

    // The event loop's own.
    private Phase phase = Phase.NEW;
    private long demand;
    private int outstanding;
    private int waitsSince;

    /** During {@link #slotFree}: one slot is free for this stream, whoever else waits. */
    private boolean granted;

    /** Why the queue takes no more commands. */
    private @Nullable RuntimeException closed;

    /** What ends the stream as soon as no call into code of users is under way. */
    private @Nullable Throwable failed;

    CommandStreamSubscription(HostQueue queue, CoreSubscriber<? super Completion> actual) {
        super(queue.executor());
        this.queue = queue;
        this.actual = actual;
        this.upstream = new UpstreamCommands(this, queue.slots(), queue.failures());
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
            source.subscribe(upstream);
        } catch (Throwable thrown) {
            violated(thrown);
            JvmFailures.throwIfJvmFailure(thrown);
        }
    }

    // ---- any thread

    UpstreamCommands upstream() {
        return upstream;
    }

    @Override
    protected Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            violated(Exceptions.nullOrNegativeRequestException(n));
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

    /** Somebody broke a rule, which ends the stream. */
    void violated(Throwable broken) {
        violation = broken;
        wake();
    }

    // ---- event loop from here on: what the queue calls

    @Override
    void loopGone() {
        queueClosed(queue.failures().closed(null));
    }

    @Override
    void waitsSince(int stamp) {
        waitsSince = stamp;
    }

    @Override
    int waitsSince() {
        return waitsSince;
    }

    @Override
    void slotFree(RequestSubmission way) {
        granted = true;
        advance();
        granted = false;
    }

    @Override
    void commandDone(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
        outstanding--;
        if (phase == Phase.OVER || cancelled) {
            releaseUnwanted(data);
            advance();
            return;
        }
        if (demand != Long.MAX_VALUE) {
            demand--;
        }
        boolean outermost = enter();
        Throwable thrown = null;
        try {
            actual.onNext(new Completion(command, response, data, bytes));
        } catch (Throwable ofUser) {
            thrown = ofUser;
            failed = ofUser;
        }
        leave(outermost);
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

    // ---- what can be done now

    /** What code of users has thrown ends the stream. */
    @Override
    boolean stepFailed(Throwable thrown) {
        if (phase == Phase.OVER || failed != null) {
            Dropped.error(thrown, currentContext());
            return false;
        }
        failed = thrown;
        return true;
    }

    @Override
    void step() {
        if (requested != 0) {
            demand = Operators.addCap(demand, REQUESTED.getAndSet(this, 0));
        }
        if (phase == Phase.NEW) {
            open();
        }
        Throwable reason = failed == null ? violation : failed;
        if (cancelled) {
            finish();
        } else if (reason != null && phase != Phase.OVER) {
            fail(reason);
        }
        if (phase == Phase.OVER) {
            upstream.discard();
            return;
        }
        // Asked before looking for arrivals: what came before the end is there by then.
        boolean done = upstream.isDone();
        RuntimeException refusal = closed;
        if (phase == Phase.OPEN && refusal != null && (!done || !upstream.isEmpty())) {
            close();
        }
        if (phase == Phase.CLOSING && refusal != null) {
            upstream.discard();
            if (outstanding == 0) {
                fail(refusal);
            }
            return;
        }
        sendArrived();
        if (phase == Phase.OVER) {
            return;
        }
        if (!upstream.isEmpty()) {
            awaitTurn();
        } else if (!done) {
            pull();
        } else if (outstanding == 0) {
            complete();
        }
    }

    private void sendArrived() {
        while (!isWaiting() && phase != Phase.OVER && failed == null && (granted || queue.available() > 0)) {
            Command command = upstream.poll();
            if (command == null) {
                return;
            }
            if (!upstream.countTaken()) {
                CommandMemory.letGo(command);
                fail(upstream.overflow());
                return;
            }
            granted = false;
            outstanding++;
            queue.dispatch(this, command);
        }
    }

    private void pull() {
        int awaited = upstream.awaited();
        long wanted = Math.min(demand, queue.slots()) - awaited - outstanding;
        if (!upstream.isConnected() || isWaiting() || wanted <= 0) {
            return;
        }
        int free = granted ? 1 : queue.available();
        int count = (int) Math.min(wanted, free - (long) awaited);
        if (count > 0) {
            upstream.request(count);
        } else if (awaited == 0) {
            awaitTurn();
        }
    }

    private void awaitTurn() {
        if (!isWaiting()) {
            queue.await(this);
        }
    }

    // ---- changes of the phase

    private void open() {
        phase = Phase.OPEN;
        RuntimeException refused = queue.register(this);
        closed = closed == null ? refused : closed;
    }

    /** Takes no more commands, and lets those finish that were sent. */
    private void close() {
        phase = Phase.CLOSING;
        queue.leave(this);
        upstream.cancel();
    }

    private void complete() {
        phase = Phase.OVER;
        queue.forget(this);
        Throwable error = upstream.error();
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
        if (phase == Phase.OVER) {
            return;
        }
        phase = Phase.OVER;
        upstream.cancel();
        upstream.discard();
        queue.forget(this);
    }
}
