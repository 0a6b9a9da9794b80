package io.nvmf.host.queue;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who gets the next free slot. Everybody waits in one list, first come first served, except for the requests that the
 * association depends on: they come first, and have reserved slots. Event loop only.
 */
final class SlotWaiters {

    private final OutstandingCommands outstanding;
    private final int pendingLimit;
    private final WaitingList ordinary = new WaitingList();
    private final WaitingList essential = new WaitingList();

    /** Number of requests in the ordinary list, which has streams, too. */
    private int pending;

    private boolean serving;

    /**
     * @param pendingLimit how many ordinary requests may wait
     */
    SlotWaiters(OutstandingCommands outstanding, int pendingLimit) {
        this.outstanding = outstanding;
        this.pendingLimit = pendingLimit;
    }

    boolean isEmpty() {
        return ordinary.isEmpty() && essential.isEmpty();
    }

    /** How many slots somebody may take who does not wait here. */
    int available() {
        return isEmpty() ? outstanding.available() : 0;
    }

    /** Whether a request need not wait. */
    boolean hasSlotFor(Request request) {
        return request.essential() ? essential.isEmpty() && hasSlotForEssential() : available() > 0;
    }

    /** The last reserved slot is for long-running commands: Keep Alive waits behind nobody. */
    private boolean hasSlotForEssential() {
        return outstanding.reservedAvailable() > 1 || outstanding.available() > 0;
    }

    /**
     * Lets a request wait.
     *
     * @return false if too many wait already
     */
    boolean add(Request request) {
        if (request.essential()) {
            waitBegins(request);
            essential.addByAge(request);
        } else if (pending < pendingLimit) {
            pending++;
            waitBegins(request);
            ordinary.addByAge(request);
        } else {
            return false;
        }
        return true;
    }

    /** Lets a stream wait. Streams are bounded by their number and not by the limit: each waits once. */
    void add(CommandStreamSubscription stream) {
        waitBegins(stream);
        ordinary.add(stream);
    }

    private void waitBegins(SlotOwner owner) {
        QueueInstruments watching = outstanding.instruments();
        owner.waitsSince(watching == null ? 0 : watching.waitBegins());
    }

    private void waitEnds(SlotOwner owner) {
        QueueInstruments watching = outstanding.instruments();
        if (watching != null) {
            watching.waitEnds(owner.waitsSince());
        }
    }

    /** Takes a request out that waits. */
    void remove(Request request) {
        waitEnds(request);
        if (request.essential()) {
            essential.remove(request);
        } else {
            ordinary.remove(request);
            pending--;
        }
    }

    /**
     * Takes out a request whose time is over. Streams are passed over: they have sent nothing that has a time yet.
     *
     * @return null if there is none
     */
    @Nullable
    Request pollLate(CommandDeadlines deadlines) {
        Request first = essential.firstTimed();
        if (first == null || !deadlines.isOver(first)) {
            first = ordinary.firstTimed();
        }
        if (first == null || !deadlines.isOver(first)) {
            return null;
        }
        remove(first);
        return first;
    }

    /** Takes a stream out, if it waits. */
    void remove(CommandStreamSubscription stream) {
        if (stream.isWaiting()) {
            waitEnds(stream);
            ordinary.remove(stream);
        }
    }

    /**
     * Gives the free slots to those whose turn it is.
     *
     * @param way sends single requests
     * @return false if this was called from inside, where it does nothing: the outermost call goes on
     */
    boolean serve(RequestSubmission way) {
        if (serving) {
            return false;
        }
        serving = true;
        try {
            for (SlotOwner first = next(); first != null; first = next()) {
                try {
                    first.slotFree(way);
                } catch (Throwable thrown) {
                    UserCallBacks.failed(thrown);
                }
            }
        } finally {
            serving = false;
        }
        return true;
    }

    private @Nullable SlotOwner next() {
        SlotOwner first = hasSlotForEssential() ? essential.poll() : null;
        if (first == null && outstanding.available() > 0) {
            first = ordinary.poll();
            if (first instanceof Request) {
                pending--;
            }
        }
        if (first != null) {
            waitEnds(first);
        }
        return first;
    }

    /** Empties the lists. Streams hear of the end of the queue as listeners. */
    void removeAll(Consumer<? super Request> action) {
        removeAll(essential, action);
        removeAll(ordinary, action);
        pending = 0;
    }

    private void removeAll(WaitingList list, Consumer<? super Request> action) {
        for (SlotOwner first = list.poll(); first != null; first = list.poll()) {
            waitEnds(first);
            if (first instanceof Request request) {
                action.accept(request);
            }
        }
    }
}
