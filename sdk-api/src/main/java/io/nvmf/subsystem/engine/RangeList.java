package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Status;
import io.nvmf.transport.ReceivedCommand;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** The list of a Dataset Management on its way from the host; its memory counts until the command is done. */
final class RangeList extends WaitingCommand implements TransferBudget.Waiter {

    private final ReceivedCommand command;
    private final Namespace namespace;
    private final int length;
    private final Action action;
    private int taken;

    /** While the list is on its way. */
    private @Nullable Disposable receiving;

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

    RangeList(
            TargetQueue queue, ReceivedCommand command, int commandId, Namespace namespace, int length, Action action) {
        super(queue, commandId);
        this.command = command;
        this.namespace = namespace;
        this.length = length;
        this.action = action;
    }

    void start() {
        queue.waiting().add(this);
        int bytes = queue.memory().data().take(this);
        if (bytes > 0) {
            granted(bytes);
        }
    }

    @Override
    Namespace namespace() {
        return namespace;
    }

    /** It is among those that wait until its list is there. */
    @Override
    boolean abort(Status status) {
        Disposable transfer = receiving;
        if (transfer != null) {
            transfer.dispose();
        } else {
            queue.memory().data().withdraw(this);
            command.release();
        }
        end(status);
        return true;
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
            receiving = command.receive(0, length)
                    .subscribe(this::received, failure -> end(TargetStatus.ofTransfer(failure)));
        } catch (Throwable e) { // memory that cannot be had is the end of this command, and of nothing else
            end(TargetStatus.ofTransfer(e));
        }
        command.release();
    }

    private void received(ByteBuf list) {
        queue.waiting().remove(this);
        try {
            action.run(list, this::end);
        } finally {
            list.release();
        }
    }

    private void end(Status status) {
        queue.waiting().remove(this);
        queue.memory().data().give(taken);
        queue.complete(commandId, status);
    }
}
