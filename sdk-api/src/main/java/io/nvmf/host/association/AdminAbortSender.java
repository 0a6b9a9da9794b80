package io.nvmf.host.association;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.AbortSender;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.Request;
import io.nvmf.metrics.AssociationMetrics.AbortResult;
import io.nvmf.spec.AbortCommand;
import io.nvmf.transport.ResponseCapsule;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends Abort for commands that were cancelled or timed out. Those beyond the controller's limit (ACL) wait in order,
 * and are dropped when their command is answered before their turn comes. An Abort that is under way is answered within
 * two timeouts of the admin queue, or that is given up; so nobody waits for ever, however many there are.
 */
final class AdminAbortSender implements AbortSender {

    private static final Logger LOG = LoggerFactory.getLogger(AdminAbortSender.class);

    /** Bit 0 of dword 0 of the answer: the command was not aborted (NVMe Base Specification, "Abort command"). */
    private static final int NOT_ABORTED = 1;

    private final String association;
    private final Queue<Abort> unsent = new ConcurrentLinkedQueue<>();
    private final AtomicInteger underWay = new AtomicInteger();

    /** Above 0 while somebody sends those that wait; whoever comes then only counts. */
    private final AtomicInteger missed = new AtomicInteger();

    private volatile @Nullable HostQueue admin;

    /** Hears what becomes of Aborts. */
    private volatile Consumer<AbortResult> listener = result -> {};

    private volatile int places = 1;
    private volatile int limit = 1;

    /**
     * Creates the sender.
     *
     * @param association short name of the association
     */
    AdminAbortSender(String association) {
        this.association = association;
    }

    /**
     * Sets the way.
     *
     * @param queue the admin queue
     * @param places how many Aborts its reserved slots are meant for, at least 1
     */
    void admin(HostQueue queue, int places) {
        this.places = places;
        admin = queue;
    }

    /**
     * Sets who hears what becomes of Aborts that are sent.
     *
     * @param told on the event loop of the admin queue; must not throw
     */
    void listener(Consumer<AbortResult> told) {
        listener = told;
    }

    /**
     * Sets how many may be outstanding.
     *
     * @param abortCommandLimit ACL as on the wire, 0 based
     */
    void limit(int abortCommandLimit) {
        limit = abortCommandLimit + 1;
        send();
    }

    @Override
    public Ticket abort(int queueId, int commandId, Runnable done) {
        HostQueue queue = admin;
        if (queue == null) {
            done.run();
            return Ticket.NONE;
        }
        Abort abort = new Abort(queue, queueId, commandId, done);
        unsent.add(abort);
        send();
        return abort;
    }

    /** Sends as many of those that wait as may be outstanding. Any thread; never nested, however quickly they end. */
    private void send() {
        int seen = 1;
        if (missed.getAndIncrement() != 0) {
            return;
        }
        do {
            sendWaiting();
            seen = missed.addAndGet(-seen);
        } while (seen != 0);
    }

    private void sendWaiting() {
        while (underWay.get() < Math.min(limit, places)) {
            Abort next = unsent.poll();
            if (next == null) {
                return;
            }
            if (next.settled.compareAndSet(false, true)) {
                underWay.incrementAndGet();
                next.way.submit(next);
            }
        }
    }

    private final class Abort extends Request implements Ticket {

        private final HostQueue way;
        private final int queueId;
        private final int commandId;
        private final Runnable done;

        /** Whether it was decided that this is sent, or that it never is. */
        private final AtomicBoolean settled = new AtomicBoolean();

        Abort(HostQueue way, int queueId, int commandId, Runnable done) {
            this.way = way;
            this.queueId = queueId;
            this.commandId = commandId;
            this.done = done;
        }

        @Override
        public boolean drop() {
            boolean dropped = settled.compareAndSet(false, true);
            if (dropped) {
                unsent.remove(this);
            }
            return dropped;
        }

        @Override
        protected Command command() {
            return Command.encodedBy(new AbortCommand(queueId, commandId)::encode)
                    .build();
        }

        /** Whoever needs it cannot wait behind commands of users, which may be what it is to abort. */
        @Override
        protected boolean essential() {
            return true;
        }

        @Override
        protected boolean abortable() {
            return false;
        }

        @Override
        protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
            // Either way the command's own response decides: one that was not aborted may still be carried out and
            // answered, so its memory is held, and one that was aborted is answered at once. Both have one period for
            // it from here on. What ends here is the danger of hitting another command.
            boolean aborted = response.isSuccess() && (response.dw0() & NOT_ABORTED) == 0;
            if (!aborted) {
                LOG.debug("[{}] command {} of queue {} was not aborted: {}", association, commandId, queueId, response);
            }
            listener.accept(aborted ? AbortResult.ABORTED : AbortResult.NOT_ABORTED);
            finished();
        }

        @Override
        protected void failed(RuntimeException failure, CommandOutcome outcome) {
            if (outcome != CommandOutcome.NOT_SENT) {
                listener.accept(AbortResult.UNANSWERED);
            }
            finished();
        }

        private void finished() {
            underWay.decrementAndGet();
            done.run();
            send();
        }
    }
}
