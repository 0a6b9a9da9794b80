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

    /**
     * Where this is within a queue; null outside of one. Written on the event loop of the queue that has this. A queue
     * that has it no more sees null here, or a place of another queue.
     */
    @Nullable
    QueuePlace inQueue;

    /**
     * When its time began: once a queue has accepted it, a tick of the queue's {@link DeadlineScan}, and before that,
     * how many ticks of its time are over.
     */
    int since;

    /**
     * Number of requests in the inbox up to this one, at least 1; while it waits for a slot afterwards, since when it
     * does, which is at most 0. One field for both, because another one would cost 8 bytes per command. Threads that
     * submit may look at this when the event loop has it already, and tell one from the other by the sign.
     */
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
     * slot. When no reserved slot is free it does not wait but fails, with a limit. The last reserved slot is for one
     * that is {@linkplain #essential essential}, too, which is Keep Alive.
     *
     * @return false by default; must not change
     */
    @Override
    protected boolean longRunning() {
        return false;
    }

    /**
     * Whether somebody else times the command while it has an owner, see {@link HostQueue#timeOut}; the queue does not
     * then, but for what nobody waits for any more.
     *
     * @return what {@link #longRunning()} says; must not change
     */
    @Override
    protected boolean untimed() {
        return longRunning();
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

    /**
     * The command was sent, then this was cancelled: the queue holds what the peer may still touch, and nothing else
     * follows. On the event loop. Does nothing by default.
     */
    protected void orphaned() {}

    /**
     * Under which condition this may be submitted again after it has failed with its association.
     *
     * @return {@link Repetition#NEVER} by default; must not change while this is submitted
     */
    public Repetition repetition() {
        return Repetition.NEVER;
    }

    /**
     * What this changes; asked only in the rare case that an order has to be kept.
     *
     * @return null by default
     */
    public @Nullable BlockExtent extent() {
        return null;
    }

    /**
     * Whether the time that this waits for an association counts as the command's own.
     *
     * @return by default, whether the queue times it; false for a part of something that lasts longer
     */
    public boolean expiresWhileHeld() {
        return !untimed();
    }

    /**
     * This has to wait for an association before it can be submitted. Called by whoever submits it. Does nothing by
     * default.
     */
    public void heldBack() {}

    /**
     * Where this is; only for requests that may be submitted again.
     *
     * @return null before it was submitted for the first time
     */
    public @Nullable RequestPlace place() {
        return null;
    }

    /**
     * Says where this will be.
     *
     * @param place where a cancel goes from now on
     */
    public void place(RequestPlace place) {
        throw new IllegalStateException("this request is never submitted again");
    }

    /** Tells where this is that no further command follows. */
    protected final void leavePlace() {
        RequestPlace where = place();
        if (where != null) {
            where.over(this);
        }
    }

    /**
     * Whether nobody waits for this any more. Any thread.
     *
     * @return true once that is so
     */
    public final boolean isAbandoned() {
        return abandoned();
    }

    /**
     * Fails this for good, after it was taken over from the queue that failed it.
     *
     * @param failure what to tell
     * @param outcome what is known
     */
    public final void giveUp(RuntimeException failure, CommandOutcome outcome) {
        UserCallBacks.run(() -> failed(failure, outcome));
    }

    /** Drops this, after it was taken over from the queue that failed it and then abandoned. */
    public final void discard() {
        UserCallBacks.run(this::dropped);
    }

    @Override
    final void waitsSince(int stamp) {
        depth = stamp;
    }

    @Override
    final int waitsSince() {
        return depth;
    }

    @Override
    final void slotFree(RequestSubmission way) {
        way.dispatch(this);
    }

    @Override
    final void commandDone(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
        inQueue = null;
        completed(command, response, data, bytes);
    }

    @Override
    final void commandWithdrawn() {
        inQueue = null;
        dropped();
    }

    @Override
    final void commandFailed(RuntimeException failure, CommandOutcome outcome) {
        inQueue = null;
        failed(failure, outcome);
    }
}
