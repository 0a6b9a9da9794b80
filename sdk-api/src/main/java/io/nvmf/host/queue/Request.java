package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;

/**
 * One command of a user inside this SDK, from submission to completion. The object carries the links of the lists it
 * passes through, so submitting it allocates nothing.
 *
 * <p>After {@link HostQueue#submit} exactly one of {@link #completed} and {@link #failed} is called, unless the request
 * is cancelled first. All call-backs run on the queue's event loop. A request belongs to one queue at a time; it may be
 * submitted again from inside or after {@link #completed}, {@link #failed} or {@link #dropped}, and after a cancel made
 * on the event loop.
 */
public abstract class Request extends SlotOwner {

    /** The slot while the command is outstanding; event loop only. */
    @Nullable
    Slot slot;

    /** The queue while the request waits. */
    @Nullable
    RequestSubmission queue;

    /** Number of requests in the inbox up to this one. */
    int depth;

    /** For subclasses. */
    protected Request() {}

    /**
     * Makes the command. Called once per submission, when a slot is free, so that memory is not allocated before. Data
     * to send, and one reference to a destination, belong to the queue from here on, whatever happens. If this throws,
     * the request fails, and the memory still belongs to the subclass.
     *
     * @return the command
     */
    protected abstract Command command();

    /**
     * The command is done: response and end of the data transfer are both in. What a {@link Completion} would hold comes
     * in parts, so that only those who hand one on make it.
     *
     * @param command what {@link #command()} has made
     * @param response the controller's answer, with any status
     * @param data memory of the SDK with what was received, which belongs to the receiver of this call; null if there is
     *     none or the status is no success
     * @param bytes number of bytes that were moved
     */
    protected abstract void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes);

    /**
     * The command will not be answered.
     *
     * @param failure why, made by {@link Failures}
     * @param outcome whether the command left
     */
    protected abstract void failed(RuntimeException failure, CommandOutcome outcome);

    /**
     * Whether nobody waits for this any more, so that the command must not leave if it has not left yet. Asked before
     * the command becomes bytes; true as soon as the subscriber's cancel has returned, whatever the event loop is
     * doing.
     *
     * @return false by default; any thread may change it, once, to true
     */
    @Override
    protected boolean abandoned() {
        return false;
    }

    /**
     * The command never left, because of a cancel or because this was {@linkplain #abandoned abandoned}; neither
     * completed nor failed follows. {@link #command()} may have been called before or not. Does nothing by default.
     */
    protected void dropped() {}

    /**
     * Whether the command may take for ever, such as Asynchronous Event Request. It has no deadline and a reserved
     * slot. When no reserved slot is free it does not wait but fails, with a limit.
     *
     * @return false by default; must not change
     */
    @Override
    protected boolean longRunning() {
        return false;
    }

    /**
     * Whether the association itself depends on this, such as Abort. It is taken however full the inbox is, waits
     * before all commands of users, may use all reserved slots but the last, and has a deadline even where commands
     * have none.
     *
     * @return false by default; must not change
     */
    @Override
    protected boolean essential() {
        return false;
    }

    /**
     * Whether the controller is asked to abort this when it takes too long. What cannot be aborted keeps its owner for
     * two periods, after which the queue pair is closed.
     *
     * @return true by default; must not change
     */
    @Override
    protected boolean abortable() {
        return true;
    }

    @Override
    final void slotFree() {
        RequestSubmission home = queue;
        if (home != null) {
            home.dispatch(this);
        }
    }

    @Override
    final void commandDone(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
        slot = null;
        queue = null;
        completed(command, response, data, bytes);
    }

    @Override
    final void commandWithdrawn() {
        slot = null;
        queue = null;
        dropped();
    }

    @Override
    final void commandFailed(RuntimeException failure, CommandOutcome outcome) {
        slot = null;
        queue = null;
        failed(failure, outcome);
    }
}
