package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;

/**
 * Who uses command slots: a single request or a stream of commands. It carries the links of the list that it waits in,
 * so that waiting costs no allocation. Everything here happens on the queue's event loop.
 */
abstract class SlotOwner {

    /** Links of the {@link WaitingList}; {@code next} links the {@link SubmissionInbox} before. */
    @Nullable
    SlotOwner next;

    /** Null outside of a {@link WaitingList}; the first in the list has itself here. */
    @Nullable
    SlotOwner previous;

    /** For subclasses. */
    SlotOwner() {}

    /** Keeps since when this waits for a slot, as {@link QueueInstruments#waitBegins} says: never above 0. */
    void waitsSince(int stamp) {}

    /** What {@link #waitsSince(int)} was told last. */
    int waitsSince() {
        return 0;
    }

    /**
     * The context of whoever waits for the commands. On the event loop of the queue.
     *
     * @return empty by default
     */
    protected Context currentContext() {
        return Context.empty();
    }

    /** Whether this is in a {@link WaitingList}. */
    final boolean isWaiting() {
        return previous != null;
    }

    /**
     * The turn of this owner: it is out of the waiting list, and a slot is free. It may take one slot, and may wait
     * again.
     *
     * @param way sends single requests
     */
    abstract void slotFree(RequestSubmission way);

    /**
     * A command is done: response and end of the data transfer are both in. What a {@link Completion} would hold comes
     * in parts, so that only those who hand one on make it.
     *
     * @param command what was sent
     * @param response with any status
     * @param data memory of the SDK with what was received; this owner's; null without, or if the status is no success
     * @param bytes that were moved
     */
    abstract void commandDone(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes);

    /**
     * Gives back received data that nobody wants any more.
     *
     * @param data what {@link #commandDone} was given
     */
    protected static void releaseUnwanted(@Nullable ByteBuf data) {
        if (data != null) {
            data.release();
        }
    }

    /** A command that had a slot failed. */
    abstract void commandFailed(RuntimeException failure, CommandOutcome outcome);

    /**
     * A command that had a slot never left, because this owner was {@linkplain #abandoned abandoned} when its turn
     * came.
     */
    abstract void commandWithdrawn();

    /**
     * Whether nobody waits for the commands of this owner any more, so that none of them may leave. Asked on the event
     * loop.
     */
    abstract boolean abandoned();

    /** Whether the commands have no deadline, because they may take for ever. */
    boolean longRunning() {
        return false;
    }

    /** Whether the queue leaves it to others to time the commands. */
    boolean untimed() {
        return longRunning();
    }

    /** Whether the association depends on the commands. */
    boolean essential() {
        return false;
    }

    /** Whether Abort is sent for commands that nobody waits for any more. */
    boolean abortable() {
        return true;
    }
}
