package io.nvmf.transport.support;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
import java.util.ArrayDeque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * The capsules that have been submitted to a queue pair and are not bytes yet, in the order in which they leave. Both
 * ways of sending end here: {@link #submit} without a publisher, and {@link #transmit} with one.
 *
 * <p><b>Cancel wins or holds.</b> A capsule is converted only if it is wanted at that very moment and its transmission
 * has not been cancelled. The thread that cancels decides: when its call returns, a capsule that is not bytes yet never
 * will be.
 *
 * <p>Event loop only but for {@link #transmit}. A capsule that is submitted costs no allocation.
 *
 * @param <C> the capsules
 */
public final class UnsentCapsules<C> {

    /**
     * The transport, as far as it is asked about its capsules. All on the event loop.
     *
     * @param <C> the capsules
     */
    public interface Sender<C> {

        /**
         * How the queue pair has ended.
         *
         * @return null while it lives
         */
        @Nullable
        Termination ended();

        /**
         * Looks at a capsule before it is queued.
         *
         * @param capsule not queued yet
         * @throws IllegalArgumentException if it can never be sent; the capsule stays with the caller
         */
        default void admit(C capsule) {}

        /** There is a capsule to convert, now or in a later turn of the event loop. */
        void queued();

        /**
         * Whether a capsule is still to leave; asked immediately before it is converted.
         *
         * @param capsule the next to leave
         * @return false if it is to be withdrawn
         */
        default boolean wanted(C capsule) {
            return true;
        }

        /**
         * Converts a capsule to bytes. If it throws, it has ended the capsule's data transfer, and the connection
         * cannot go on.
         *
         * @param capsule the next to leave
         */
        void convert(C capsule);

        /**
         * A capsule will not be sent; its data transfer ends.
         *
         * @param capsule not converted
         */
        void dropped(C capsule);

        /**
         * A capsule was not wanted any more; as {@link #dropped}, and whoever made it is told.
         *
         * @param capsule not converted
         */
        default void withdrawn(C capsule) {
            dropped(capsule);
        }
    }

    /** A host's transport: the command capsule itself says whether it is wanted, and is told when it was not. */
    public interface CommandSender extends Sender<CommandCapsule> {

        @Override
        default boolean wanted(CommandCapsule capsule) {
            return capsule.wanted();
        }

        @Override
        default void withdrawn(CommandCapsule capsule) {
            dropped(capsule);
            capsule.withdrawn();
        }
    }

    private final EventExecutor executor;
    private final Sender<C> sender;

    /** Capsules, and {@link Transmission}s of capsules. */
    private final ArrayDeque<Object> queue = new ArrayDeque<>();

    /**
     * Creates an empty queue.
     *
     * @param executor the event loop
     * @param sender the transport
     */
    public UnsentCapsules(EventExecutor executor, Sender<C> sender) {
        this.executor = executor;
        this.sender = sender;
    }

    /** {@return whether nothing waits to be converted} */
    public boolean isEmpty() {
        return queue.isEmpty();
    }

    /**
     * Queues a capsule; on an ended queue pair it is dropped.
     *
     * @param capsule the capsule
     * @throws IllegalArgumentException if {@link Sender#admit} refuses it
     */
    public void submit(C capsule) {
        if (sender.ended() != null) {
            sender.dropped(capsule);
            return;
        }
        sender.admit(capsule);
        queue.add(capsule);
        sender.queued();
    }

    /**
     * Sends a capsule once per subscription, see {@link io.nvmf.transport.HostQueuePair#transmit}. Cold; any thread.
     *
     * @param capsule the capsule
     * @return completes when it has been converted
     */
    public Mono<Void> transmit(C capsule) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Void> actual) {
                Transmission<C> transmission = new Transmission<>(actual, UnsentCapsules.this, capsule);
                actual.onSubscribe(transmission);
                EventLoopTasks.run(executor, transmission::start);
            }
        };
    }

    /**
     * Takes back a submitted capsule, which is dropped.
     *
     * @param capsule what was submitted
     * @return false if it has left, or was not submitted
     */
    public boolean withdraw(C capsule) {
        if (!queue.removeFirstOccurrence(capsule)) {
            return false;
        }
        sender.dropped(capsule);
        return true;
    }

    /**
     * Takes the first capsule from the queue and converts it, or drops it if nobody wants it any more.
     *
     * @return false if there was none
     */
    @SuppressWarnings("unchecked") // only capsules and transmissions of capsules are queued
    public boolean convertNext() {
        Object entry = queue.poll();
        if (entry == null) {
            return false;
        }
        if (entry instanceof Transmission<?> transmission) {
            convert((Transmission<C>) transmission);
        } else if (sender.wanted((C) entry)) {
            sender.convert((C) entry);
        } else {
            sender.withdrawn((C) entry);
        }
        return true;
    }

    private void convert(Transmission<C> transmission) {
        C capsule = transmission.capsule;
        if (!transmission.begin()) {
            sender.dropped(capsule); // Cancelled, and the task that says so is still on its way.
            return;
        }
        if (!sender.wanted(capsule)) {
            sender.withdrawn(capsule);
            transmission.fail(new CancellationException("the capsule was not wanted any more"));
            return;
        }
        try {
            sender.convert(capsule);
        } catch (RuntimeException | Error e) {
            // Out of the queue already, where the end does not find it.
            transmission.terminated(new Termination.IoFailure(e));
            throw e;
        }
        transmission.transmitted();
    }

    /**
     * Drops everything, because the queue pair ends. One call-back that throws does not keep the others from being
     * called.
     *
     * @param how the end
     */
    public void dropAll(Termination how) {
        Object entry;
        while ((entry = queue.poll()) != null) {
            Object dropped = entry;
            CallBacks.guarded(() -> drop(dropped, how));
        }
    }

    @SuppressWarnings("unchecked") // see convertNext
    private void drop(Object entry, Termination how) {
        if (entry instanceof Transmission<?> transmission) {
            try {
                sender.dropped((C) transmission.capsule);
            } finally {
                transmission.terminated(how);
            }
        } else {
            sender.dropped((C) entry);
        }
    }

    /** One subscription to a transmission. Event loop only but for cancel. */
    private static final class Transmission<C> implements Subscription {

        @SuppressWarnings("rawtypes")
        private static final AtomicIntegerFieldUpdater<Transmission> STATE =
                AtomicIntegerFieldUpdater.newUpdater(Transmission.class, "state");

        private static final int WAITING = 0;
        private static final int CONVERTING = 1;
        private static final int ENDED = 2;

        private final CoreSubscriber<? super Void> actual;
        private final UnsentCapsules<C> capsules;
        private final C capsule;
        private boolean started;

        @SuppressWarnings("UnusedVariable") // through the updater
        private volatile int state;

        Transmission(CoreSubscriber<? super Void> actual, UnsentCapsules<C> capsules, C capsule) {
            this.actual = actual;
            this.capsules = capsules;
            this.capsule = capsule;
        }

        void start() {
            started = true;
            Termination ended = capsules.sender.ended();
            if (state == ENDED) {
                capsules.sender.dropped(capsule);
            } else if (ended != null) {
                capsules.drop(this, ended);
            } else {
                queue();
            }
        }

        private void queue() {
            try {
                capsules.sender.admit(capsule);
            } catch (IllegalArgumentException refused) {
                fail(refused);
                return;
            }
            capsules.queue.add(this);
            capsules.sender.queued();
        }

        @Override
        public void request(long n) {
            Operators.validate(n);
        }

        @Override
        public void cancel() {
            if (STATE.getAndSet(this, ENDED) == WAITING) {
                EventLoopTasks.run(capsules.executor, () -> {
                    if (started && capsules.queue.removeFirstOccurrence(this)) {
                        capsules.sender.dropped(capsule);
                    }
                });
            }
        }

        /** The capsule is about to become bytes; false if it was cancelled. */
        boolean begin() {
            return STATE.compareAndSet(this, WAITING, CONVERTING);
        }

        void transmitted() {
            if (STATE.getAndSet(this, ENDED) != ENDED) {
                actual.onComplete();
            }
        }

        void terminated(Termination termination) {
            fail(new QueuePairTerminatedException(termination));
        }

        void fail(RuntimeException failure) {
            if (STATE.getAndSet(this, ENDED) != ENDED) {
                actual.onError(failure);
            }
        }
    }
}
