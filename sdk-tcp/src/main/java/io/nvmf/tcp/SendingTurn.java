package io.nvmf.tcp;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.Termination;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The turn of the event loop in which a connection converts what waits to be sent, as long as the connection takes
 * bytes, and flushes once.
 *
 * <p>During a read pass nothing is scheduled: what call-backs submit leaves when the pass is complete. Otherwise the
 * first submission schedules one turn. Event loop only.
 */
final class SendingTurn {

    /** What is sent: the role of this side. */
    interface Source {

        /** Whether something waits to be converted. */
        boolean hasUnsent();

        /** Converts the next PDU, if there is one; false if there was none. */
        boolean convertNext();

        /** Everything converted so far has been given to the socket, which may have taken less. */
        void flushed(PduWriter writer);
    }

    /** After this time it is looked again whether there is memory for headers. */
    private static final int CROWDED_MILLIS = 5;

    private final Channel channel;
    private final EventExecutor executor;
    private final Source source;
    private final ConnectionLife life;
    private final Runnable task = this::run;

    private @Nullable PduWriter writer;
    private boolean inReadPass;
    private boolean scheduled;

    /** There was no memory for headers a moment ago. */
    private boolean crowded;

    SendingTurn(Channel channel, Source source, ConnectionLife life) {
        this.channel = channel;
        this.executor = channel.eventLoop();
        this.source = source;
        this.life = life;
    }

    /** The connection is in a pipeline, and there is a writer now. */
    void attached(PduWriter added) {
        writer = added;
    }

    /** The writer, or null before the connection is in a pipeline. */
    @Nullable
    PduWriter attachedWriter() {
        return writer;
    }

    PduWriter writer() {
        PduWriter present = writer;
        if (present == null) {
            throw new IllegalStateException("the handler is not in a pipeline");
        }
        return present;
    }

    /** Input is being handled: what it brings about leaves with {@link #readPassOver}. */
    void inReadPass() {
        inReadPass = true;
    }

    /** The input there was has been handled. */
    void readPassOver() {
        inReadPass = false;
    }

    /** Makes sure that a turn comes. */
    void schedule() {
        if (inReadPass || scheduled || life.ended() != null) {
            return;
        }
        scheduled = true;
        try {
            executor.execute(task);
        } catch (RejectedExecutionException loopGone) {
            life.end(Termination.Closed.EVENT_LOOP_GONE);
        }
    }

    /** The turn. It may end the connection. */
    void run() {
        scheduled = false;
        if (life.ended() != null || !life.isInitialized()) {
            return;
        }
        try {
            do {
                convertWhileWritable();
                if (life.ended() == null) {
                    flush();
                }
            } while (life.ended() == null && channel.isWritable() && !crowded && source.hasUnsent());
        } catch (RuntimeException | Error e) {
            // A capsule that cannot be encoded, or memory that cannot be had, may leave half a PDU behind.
            life.end(new Termination.IoFailure(e));
            return;
        }
        if (life.ended() == null) {
            life.turnOver();
        }
    }

    private void convertWhileWritable() {
        boolean more = true;
        while (more && life.ended() == null && !crowded && channel.isWritable() && hasRoom()) {
            more = source.convertNext();
        }
    }

    /**
     * Whether there is memory for headers. If not, conversion goes on a little later, when the socket has taken some.
     */
    private boolean hasRoom() {
        if (writer().hasRoom()) {
            return true;
        }
        crowded = true;
        executor.schedule(
                () -> {
                    crowded = false;
                    schedule();
                },
                CROWDED_MILLIS,
                TimeUnit.MILLISECONDS);
        return false;
    }

    /** Gives to the socket what has been written. */
    void flush() {
        PduWriter pending = writer();
        if (pending.isPending()) {
            pending.flush();
            source.flushed(pending);
        }
    }
}
