package io.nvmf.namespace;

import io.nvmf.command.NvmeException;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueListener;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.transport.EventLoopTasks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One subscription to a stream, and the queues that it spreads its commands over.
 *
 * <p>A stream lives on the event loop of the first of its queues, its home; everything but what follows is confined to
 * it. What the subscriber says is kept until that event loop looks at it. Commands that end on the event loop of
 * another queue are pushed onto a stack that is linked through them, which needs no allocation; the home takes the
 * whole stack at once.
 */
abstract class StreamSubscription extends EventLoopDrain implements Subscription, QueueListener {

    private static final AtomicLongFieldUpdater<StreamSubscription> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(StreamSubscription.class, "requested");

    private static final AtomicReferenceFieldUpdater<StreamSubscription, StreamCommand> HANDED_OVER =
            AtomicReferenceFieldUpdater.newUpdater(StreamSubscription.class, StreamCommand.class, "handedOver");

    private static final AtomicIntegerFieldUpdater<StreamSubscription> HELD =
            AtomicIntegerFieldUpdater.newUpdater(StreamSubscription.class, "held");

    private static final AtomicIntegerFieldUpdater<StreamSubscription> INTERRUPTIONS =
            AtomicIntegerFieldUpdater.newUpdater(StreamSubscription.class, "interruptions");

    /** The first of the queues, on whose event loop the stream lives. */
    final HostQueue home;

    /** Elements asked for since the beginning. */
    volatile long requested;

    volatile boolean cancelled;
    volatile @Nullable IllegalArgumentException badRequest;

    /** Nothing follows; set on the event loop of the stream. */
    volatile boolean done;

    /** Why a queue takes no more commands, as far as the stream has heard; null while all do. */
    @Nullable
    RuntimeException closed;

    /** The same as a queue has told it, on the queue's event loop. */
    private volatile @Nullable RuntimeException toldClosed;

    private final QueueSelector selector;
    private final int mostQueues;

    /** Which queues the selector had when it chose these. */
    private int generation;

    private List<HostQueue> queues;

    /** The command that ended last of those that the stream has not heard of. */
    @SuppressWarnings("UnusedVariable") // through the updater
    private volatile @Nullable StreamCommand handedOver;

    /** Commands that wait to be submitted again. */
    private volatile int held;

    /** How often the first command had to wait for that. */
    private volatile int interruptions;

    /** Index of the queue that the next command goes to. */
    private int turn;

    /** How many of the queues this has registered with; the others have had no command. */
    private int registered;

    /** Null if the stream may take for ever. */
    private final @Nullable TransferDeadline deadline;

    /**
     * @param selector chooses the queues, and chooses others when these are gone
     * @param mostQueues how many to use at most, at least 1
     * @param timeout how long the stream may take, null for ever
     */
    StreamSubscription(QueueSelector selector, int mostQueues, @Nullable Duration timeout) {
        this(selector, mostQueues, timeout, selector.generation(), selector.forStream(mostQueues));
    }

    /** The generation was asked for first: queues that are newer than it are chosen again, and nothing is lost. */
    private StreamSubscription(
            QueueSelector selector,
            int mostQueues,
            @Nullable Duration timeout,
            int generation,
            List<HostQueue> queues) {
        super(queues.get(0).executor());
        this.deadline = timeout == null ? null : new TransferDeadline(this, timeout);
        this.home = queues.get(0);
        this.selector = selector;
        this.mostQueues = mostQueues;
        this.generation = generation;
        this.queues = queues;
    }

    final QueueSelector queues() {
        return selector;
    }

    /** Hands this to its subscriber, and lets the event loop know of it. A subscriber that throws has cancelled. */
    final void start(CoreSubscriber<?> actual) {
        try {
            actual.onSubscribe(this);
        } catch (Throwable thrown) {
            cancel();
            throw thrown;
        }
        if (deadline != null) {
            deadline.start(home);
        }
        signal();
    }

    @Override
    public final void request(long n) {
        if (n < 1) {
            badRequest = Exceptions.nullOrNegativeRequestException(n);
        } else {
            Operators.addCap(REQUESTED, this, n);
        }
        signal();
    }

    @Override
    public final void cancel() {
        cancelled = true;
        signal();
    }

    /** Whether nobody waits for this stream's commands, so that none may leave any more. Any thread. */
    final boolean isAbandoned() {
        return cancelled || done;
    }

    /** The context of the subscriber, or an empty one after the end. Any thread. */
    abstract Context currentContext();

    /** Looks at what may have changed, after the commands that were handed over were heard of. */
    abstract void proceed();

    @Override
    final void drain() {
        // First: commands that ended with their queue, and know more of the reason, were handed over before it told.
        closed = toldClosed;
        hearOfHandedOver();
        proceed();
    }

    /** Hands over a command that has ended. On the event loop of its queue. */
    final void handOver(StreamCommand command) {
        StreamCommand before;
        do {
            before = handedOver;
            command.following = before;
        } while (!HANDED_OVER.compareAndSet(this, before, command));
        if (before == null) {
            signal();
        }
    }

    /** In the order in which they ended. Each is heard of, even if another one throws: it may own a buffer. */
    private void hearOfHandedOver() {
        if (handedOver == null) {
            return;
        }
        StreamCommand rest = HANDED_OVER.getAndSet(this, null);
        StreamCommand oldest = null;
        while (rest != null) {
            StreamCommand before = rest.following;
            rest.following = oldest;
            oldest = rest;
            rest = before;
        }
        Throwable thrown = null;
        while (oldest != null) {
            StreamCommand command = oldest;
            oldest = command.following;
            command.following = null;
            try {
                command.handedOver();
            } catch (RuntimeException | Error fromCommand) {
                thrown = fromCommand;
            }
        }
        if (thrown instanceof Error error) {
            throw error;
        } else if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
    }

    /** A command waits to be submitted again. Any thread. */
    final void commandHeld() {
        if (HELD.getAndIncrement(this) == 0) {
            INTERRUPTIONS.incrementAndGet(this);
            signal();
        }
    }

    /** A command waits no more. Any thread. */
    final void commandGoesOn() {
        if (HELD.decrementAndGet(this) == 0) {
            signal();
        }
    }

    final boolean isPaused() {
        return held > 0;
    }

    final int interruptions() {
        return interruptions;
    }

    /** How many commands of this stream can be under way before one of the queues has no slot for them. */
    final int slots() {
        int least = Integer.MAX_VALUE;
        for (HostQueue queue : queues) {
            least = Math.min(least, queue.slots());
        }
        return (int) Math.min((long) least * queues.size(), Integer.MAX_VALUE);
    }

    /** Submits a command to the queue whose turn it is. */
    final void submit(StreamCommand command) {
        if (selector.generation() != generation) {
            chooseAnew();
        }
        HostQueue queue = queues.get(turn);
        if (turn == registered) {
            registerWith(queue);
        }
        turn = turn + 1 == queues.size() ? 0 : turn + 1;
        command.submitTo(queue, selector);
    }

    /** Whoever exchanges the queues tells of the end of all of them, so this is registered once. */
    private void chooseAnew() {
        generation = selector.generation();
        queues = selector.forStream(mostQueues);
        registered = queues.size();
        turn = 0;
    }

    /**
     * Sees to it that this stream hears of the end of its home. It hears of the end of other queues from their first
     * command on.
     */
    final void register() {
        if (registered == 0) {
            registerWith(queues.get(0));
            closed = toldClosed;
        }
    }

    private void registerWith(HostQueue queue) {
        registered++;
        EventLoopTasks.run(queue.executor(), () -> registerNow(queue));
    }

    private void registerNow(HostQueue queue) {
        RuntimeException refusal = selector.register(this, queue);
        if (refusal != null) {
            queueClosed(refusal);
        }
    }

    /** Why the stream ends for want of time; null while it has time. */
    final @Nullable NvmeException overdue() {
        return deadline == null ? null : deadline.failure();
    }

    /** What a stream that is out of time waits for, as the end of a sentence; empty if there is nothing to say. */
    String waitsFor() {
        return "";
    }

    final void deregister() {
        if (deadline != null) {
            deadline.stop();
        }
        for (int i = 0; i < registered; i++) {
            HostQueue queue = queues.get(i);
            EventLoopTasks.run(queue.executor(), () -> selector.deregister(this, queue));
        }
    }

    @Override
    public final void queueClosed(RuntimeException failure) {
        if (toldClosed == null) {
            toldClosed = failure;
        }
        signal();
    }
}
