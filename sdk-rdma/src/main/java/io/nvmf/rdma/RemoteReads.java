package io.nvmf.rdma;

import io.nvmf.transport.support.CallBacks;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The reads of a connection: as many at once as both sides have agreed on, the others in order. Event loop only. */
final class RemoteReads {

    private final int most;

    /** The first and the last of those whose subscriber waits, whether they have left or not. */
    private @Nullable RemoteRead first;

    private @Nullable RemoteRead last;

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
        link(read);
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
        unlink(read);
        waiting.remove(read);
    }

    /** Its subscriber has been told. */
    void ended(RemoteRead read) {
        unlink(read);
    }

    private void link(RemoteRead read) {
        RemoteRead before = last;
        read.linked = true;
        read.before = before;
        if (before == null) {
            first = read;
        } else {
            before.after = read;
        }
        last = read;
    }

    private void unlink(RemoteRead read) {
        if (!read.linked) {
            return;
        }
        RemoteRead before = read.before;
        RemoteRead after = read.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        read.linked = false;
        read.before = null;
        read.after = null;
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
        for (RemoteRead read = first; read != null; read = first) {
            unlink(read);
            CallBacks.guarded(read::abort);
        }
    }
}
