package io.nvmf.rdma;

import io.nvmf.transport.support.CallBacks;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The reads of a connection: as many at once as both sides have agreed on, the others in order. Event loop only. */
final class RemoteReads {

    private final int most;

    /** Those whose subscriber waits, whether they have left or not. */
    private final Set<RemoteRead> open = new LinkedHashSet<>();

    private final ArrayDeque<RemoteRead> waiting = new ArrayDeque<>();
    private int underWay;

    /**
     * None yet.
     *
     * @param most reads at once, at least 1
     */
    RemoteReads(int most) {
        this.most = most;
    }

    /** Leaves now, or in its turn. */
    void add(RemoteRead read) {
        open.add(read);
        waiting.add(read);
        issue();
    }

    private void issue() {
        while (underWay < most && !waiting.isEmpty()) {
            RemoteRead next = waiting.remove();
            underWay++;
            next.issue();
        }
    }

    /** One that has left is over. */
    void over(RemoteRead read) {
        underWay--;
        if (read.command().queuePair().ended() == null) {
            issue();
        }
    }

    /** Nobody waits for it any more; if it has not left, it never does. */
    void cancelled(RemoteRead read) {
        open.remove(read);
        waiting.remove(read);
    }

    /** Its subscriber has been told. */
    void ended(RemoteRead read) {
        open.remove(read);
    }

    /** Ends those of a command that have not left. */
    void abortWaiting(RdmaReceivedCommand command) {
        if (waiting.isEmpty()) {
            return;
        }
        for (RemoteRead read : List.copyOf(waiting)) {
            if (read.command() == command && waiting.remove(read)) {
                CallBacks.guarded(read::abort);
            }
        }
    }

    /** Ends all, because the queue pair ends. */
    void abortAll() {
        waiting.clear();
        for (RemoteRead read : List.copyOf(open)) {
            CallBacks.guarded(read::abort);
        }
    }
}
