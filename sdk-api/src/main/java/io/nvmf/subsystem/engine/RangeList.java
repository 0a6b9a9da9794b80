package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Status;
import io.nvmf.transport.ReceivedCommand;

/** The list of a Dataset Management on its way from the host; its memory counts until the command is done. */
final class RangeList implements TransferBudget.Waiter {

    private final TargetQueue queue;
    private final ReceivedCommand command;
    private final int commandId;
    private final int length;
    private final Action action;
    private int taken;

    /** What is done with the list. */
    interface Action {

        /**
         * The list is there.
         *
         * @param list lent for this call
         * @param end to be told when the command is done
         */
        void run(ByteBuf list, RangeOperation.End end);
    }

    RangeList(TargetQueue queue, ReceivedCommand command, int commandId, int length, Action action) {
        this.queue = queue;
        this.command = command;
        this.commandId = commandId;
        this.length = length;
        this.action = action;
    }

    void start() {
        int bytes = queue.memory().data().take(this);
        if (bytes > 0) {
            granted(bytes);
        }
    }

    @Override
    public int needed() {
        return length;
    }

    @Override
    public int unit() {
        return length;
    }

    @Override
    public void granted(int bytes) {
        taken = bytes;
        if (queue.ended()) {
            command.release();
            end(TargetStatus.INTERNAL_ERROR);
            return;
        }
        try {
            command.receive(0, length).subscribe(this::received, failure -> end(TargetStatus.ofTransfer(failure)));
        } catch (Throwable e) { // memory that cannot be had is the end of this command, and of nothing else
            end(TargetStatus.ofTransfer(e));
        }
        command.release();
    }

    private void received(ByteBuf list) {
        try {
            action.run(list, this::end);
        } finally {
            list.release();
        }
    }

    private void end(Status status) {
        queue.memory().data().give(taken);
        queue.complete(commandId, status);
    }
}
