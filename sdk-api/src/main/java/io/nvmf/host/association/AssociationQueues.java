package io.nvmf.host.association;

import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueParameters;
import io.nvmf.spec.IdentifyController;
import io.nvmf.transport.EventLoopWatch;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The queues of an association, with what they share: Aborts and Keep Alive go over the admin queue, and the end of one
 * queue is the end of all. Any thread.
 */
final class AssociationQueues {

    private static final Logger LOG = LoggerFactory.getLogger(AssociationQueues.class);

    /**
     * Slots of the admin queue for Keep Alive, for what else the association depends on, and for Aborts; fewer on a
     * small one.
     */
    private static final int RESERVED_SLOTS = 6;

    /** Those of them that are not for Aborts. */
    private static final int RESERVED_FOR_OTHERS = 2;

    private final AssociationParameters parameters;
    private final AssociationLife life;
    private final Failures failures;
    private final AdminAbortSender aborts = new AdminAbortSender();
    private final CopyOnWriteArrayList<HostQueue> queues = new CopyOnWriteArrayList<>();

    private volatile @Nullable KeepAlive keepAlive;

    AssociationQueues(AssociationParameters parameters, AssociationLife life, Failures failures) {
        this.parameters = parameters;
        this.life = life;
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
        // What the association depends on must not wait behind what fills the admin queue
        int reserved = queueId == 0 ? Math.max(1, Math.min(RESERVED_SLOTS, (queueSize - 1) / 2)) : 0;
        HostQueue queue;
        try {
            queue = HostQueue.start(
                    queuePair,
                    new QueueParameters(
                            queueId,
                            queueSize,
                            reserved,
                            parameters.pendingCommands(),
                            parameters.commandTimeout(),
                            parameters.timer(),
                            aborts),
                    failures.forQueue(queueId),
                    life::lost);
        } catch (Throwable thrown) {
            queuePair.close().subscribe();
            throw failures.unreachable("connect queue " + queueId + " to " + parameters.target(), thrown);
        }
        queues.add(queue);
        if (queueId == 0) {
            aborts.admin(queue, Math.max(1, reserved - RESERVED_FOR_OTHERS));
        }
        queue.termination().subscribe(end -> closeIfLost(queueId, end));
        if (life.isEnded()) {
            queue.close().subscribe();
        }
        return queue;
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
                admin,
                timeout,
                identify.trafficBasedKeepAlive() ? () -> sum(HostQueue::sentCommands) : null,
                () -> sum(HostQueue::answeredCommands),
                parameters.timer(),
                () -> keepAliveMissed(admin, timeout));
        keepAlive = timer;
        timer.start();
        if (life.isEnded()) {
            timer.stop();
        }
    }

    private void keepAliveMissed(HostQueue admin, Duration timeout) {
        // Without its event loop this side has not even asked.
        Termination end = EventLoopWatch.isGone(admin.executor())
                ? Termination.Closed.EVENT_LOOP_GONE
                : new Termination.IoFailure(failures.timeout("Keep Alive", timeout, CommandOutcome.UNKNOWN));
        life.lost(end);
        closeIfLost(0, end);
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

    private void closeIfLost(int queueId, Termination end) {
        if (life.claimClosing()) {
            LOG.debug("queue {} of {} is lost: {}", queueId, parameters.target(), end);
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
}
