package io.nvmf.host.association;

import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.BlockExtent;
import io.nvmf.host.queue.Dropped;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueEnding;
import io.nvmf.host.queue.QueueParameters;
import io.nvmf.metrics.AssociationMetrics;
import io.nvmf.spec.IdentifyController;
import io.nvmf.transport.EventLoopWatch;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.JvmFailures;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * The queues of an association, with what they share: Aborts and Keep Alive go over the admin queue, and the end of one
 * queue is the end of all. Any thread.
 */
final class AssociationQueues {

    /** Most slots of the admin queue for Aborts. */
    private static final int ABORTS = 4;

    /** Most slots of the admin queue for event requests. */
    private static final int EVENTS = 4;

    /**
     * Slots of the admin queue for Keep Alive, for what is read about events, and for what else the association depends
     * on.
     */
    private static final int OTHERS = 4;

    /** The least that are for others than Aborts and events. */
    private static final int LEAST_OTHERS = 2;

    private final AssociationParameters parameters;
    private final AssociationLife life;
    private final AssociationLog log;
    private final Failures failures;
    private final AdminAbortSender aborts;
    private final CopyOnWriteArrayList<HostQueue> queues = new CopyOnWriteArrayList<>();

    private final Queue<BlockExtent> unanswered = new ConcurrentLinkedQueue<>();

    private volatile @Nullable KeepAlive keepAlive;

    /** Null while nobody measures the association. */
    private volatile @Nullable AssociationMetrics metrics;

    /** How many event requests the admin queue has places for. */
    private volatile int eventPlaces;

    AssociationQueues(AssociationParameters parameters, AssociationLife life, AssociationLog log, Failures failures) {
        this.parameters = parameters;
        this.life = life;
        this.log = log;
        this.aborts = new AdminAbortSender(parameters.id());
        this.failures = failures;
    }

    /**
     * Starts a queue on a connection and ties its end to the others'.
     *
     * @param queuePair the connection, which belongs to this object from now on
     * @param queueId 0 for the admin queue
     * @param queueSize entries
     * @return the queue; closed when the association has ended meanwhile
     */
    HostQueue start(HostQueuePair queuePair, int queueId, int queueSize) {
        HostQueue queue = begin(queuePair, queueId, queueSize, new Ending(queueId));
        queues.add(queue);
        if (queueId == 0) {
            int shared = Math.max(0, reserved(queueId, queueSize) - LEAST_OTHERS);
            eventPlaces = Math.min(EVENTS, shared / 2);
            aborts.admin(queue, Math.max(1, Math.min(ABORTS, shared - eventPlaces)));
        }
        queue.termination().subscribe(end -> closeIfLost(queueId, end));
        if (life.isEnded()) {
            queue.close().subscribe();
        }
        return queue;
    }

    /**
     * Starts an admin queue that comes before those of the association: its end is that of no other. It is closed with
     * them where nobody has closed it before.
     *
     * @param queuePair the connection, which belongs to this object from now on
     * @param queueSize entries
     * @return the queue; closed when the association has ended meanwhile
     */
    HostQueue startApart(HostQueuePair queuePair, int queueSize) {
        HostQueue queue = begin(queuePair, 0, queueSize, end -> {});
        queues.add(queue);
        if (life.isEnded()) {
            queue.close().subscribe();
        }
        return queue;
    }

    /** {@return completes when a queue is closed that was started apart, and forgotten} */
    Mono<Void> closeApart(HostQueue queue) {
        return queue.close().then(Mono.fromRunnable(() -> queues.remove(queue)));
    }

    private static int reserved(int queueId, int queueSize) {
        return queueId == 0 ? Math.max(1, Math.min(ABORTS + EVENTS + OTHERS, (queueSize - 1) / 2)) : 0;
    }

    private HostQueue begin(HostQueuePair queuePair, int queueId, int queueSize, QueueEnding ending) {
        // What the association depends on must not wait behind what fills the admin queue
        int reserved = reserved(queueId, queueSize);
        try {
            return HostQueue.start(
                    queuePair,
                    new QueueParameters(
                            queueId,
                            queueSize,
                            reserved,
                            parameters.pendingCommands(),
                            queueId == 0 ? parameters.adminTimeout() : parameters.commandTimeout(),
                            parameters.timer(),
                            aborts),
                    failures.forQueue(queueId),
                    ending);
        } catch (Throwable thrown) {
            queuePair.close().subscribe();
            throw failures.unreachable("connect queue " + queueId + " to " + parameters.target(), thrown);
        }
    }

    /** {@return how many event requests may be outstanding without being in the way of others, 0 on a small queue} */
    int eventPlaces() {
        return eventPlaces;
    }

    /**
     * Sets how many Aborts may be outstanding.
     *
     * @param abortCommandLimit ACL as on the wire, 0 based
     */
    void abortLimit(int abortCommandLimit) {
        aborts.limit(abortCommandLimit);
    }

    /**
     * Starts keep alive.
     *
     * @param admin the admin queue
     * @param identify the controller, which says whether other commands count as Keep Alive
     * @param timeout KATO, zero for no keep alive
     */
    void startKeepAlive(HostQueue admin, IdentifyController identify, Duration timeout) {
        if (timeout.isZero()) {
            return;
        }
        KeepAlive timer = new KeepAlive(
                parameters.id(),
                admin,
                timeout,
                identify.trafficBasedKeepAlive() ? () -> sum(HostQueue::sentCommands) : null,
                () -> sum(HostQueue::answeredCommands),
                parameters.timer(),
                () -> keepAliveMissed(admin, timeout),
                nanos -> tell(listener -> listener.keepAlive(nanos)));
        keepAlive = timer;
        timer.start();
        if (life.isEnded()) {
            timer.stop();
        }
    }

    /**
     * Measures all queues from now on, and what they share.
     *
     * @param listener called on the event loops of the queues
     */
    void measure(AssociationMetrics listener) {
        metrics = listener;
        aborts.listener(result -> tell(told -> told.abort(result)));
        for (HostQueue queue : queues) {
            tell(told -> queue.measure(told.queue(queue.queueId(), queue.slots())));
        }
    }

    /** What it throws disturbs nobody, and ends the measuring. */
    private void tell(Consumer<AssociationMetrics> call) {
        AssociationMetrics listener = metrics;
        if (listener != null) {
            try {
                call.accept(listener);
            } catch (Throwable thrown) {
                metrics = null;
                JvmFailures.throwIfJvmFailure(thrown);
                Dropped.error(thrown, Context.empty());
            }
        }
    }

    private void keepAliveMissed(HostQueue admin, Duration timeout) {
        // Without its event loop this side has not even asked.
        Termination end = EventLoopWatch.isGone(admin.executor())
                ? Termination.Closed.EVENT_LOOP_GONE
                : new Termination.IoFailure(failures.timeout("Keep Alive", timeout, CommandOutcome.UNKNOWN));
        end(end);
    }

    void stopKeepAlive() {
        KeepAlive timer = keepAlive;
        if (timer != null) {
            timer.stop();
        }
    }

    /** {@return commands that have left so far, on all queues} */
    long sentCommands() {
        return sum(HostQueue::sentCommands);
    }

    private long sum(ToLongFunction<HostQueue> counter) {
        long sum = 0;
        for (HostQueue queue : queues) {
            sum += counter.applyAsLong(queue);
        }
        return sum;
    }

    /**
     * Ends the association for a reason of this host.
     *
     * @param why the reason
     */
    void end(Termination why) {
        life.lost(why);
        closeIfLost(0, why);
    }

    /**
     * What the commands change that had left and were not answered when their queue ended.
     *
     * @return complete once all queues have {@linkplain #terminated ended}; no more than there are slots
     */
    List<BlockExtent> unanswered() {
        return List.copyOf(unanswered);
    }

    private void closeIfLost(int queueId, Termination end) {
        if (life.claimClosing()) {
            log.lost(queueId, end);
            close().subscribe();
        }
    }

    /**
     * Closes the I/O queues, then the admin queue, and then tells of the end of the association, on an event loop of
     * its own.
     */
    Mono<Void> close() {
        return Mono.defer(() -> {
            stopKeepAlive();
            List<HostQueue> opened = List.copyOf(queues);
            List<HostQueue> io =
                    opened.stream().filter(queue -> queue.queueId() != 0).toList();
            List<HostQueue> admin =
                    opened.stream().filter(queue -> queue.queueId() == 0).toList();
            return closeAll(io)
                    .then(closeAll(admin))
                    .then(signalThread(opened))
                    .then(Mono.fromRunnable(life::queuesClosed));
        });
    }

    /** {@return completes when all queues that have been opened have ended, on an event loop of theirs} */
    Mono<Void> terminated() {
        return Mono.defer(() -> {
            List<HostQueue> opened = List.copyOf(queues);
            return Mono.when(opened.stream().map(HostQueue::termination).toList())
                    .then(signalThread(opened));
        });
    }

    private static Mono<Void> signalThread(List<HostQueue> opened) {
        return Mono.create(sink -> SignalThread.run(opened, sink::success));
    }

    private static Mono<Void> closeAll(List<HostQueue> opened) {
        return Flux.fromIterable(opened)
                .flatMap(queue -> queue.close().onErrorComplete(), Integer.MAX_VALUE)
                .then();
    }

    /** Hears of the end of one queue. */
    private final class Ending implements QueueEnding {

        private final int queueId;

        Ending(int queueId) {
            this.queueId = queueId;
        }

        @Override
        public void ending(Termination how) {
            life.lost(how);
        }

        @Override
        public void unanswered(Command command) {
            BlockExtent changed = queueId == 0 || !life.wasUp() ? null : BlockExtent.changedBy(command);
            if (changed != null) {
                unanswered.add(changed);
            }
        }
    }
}
