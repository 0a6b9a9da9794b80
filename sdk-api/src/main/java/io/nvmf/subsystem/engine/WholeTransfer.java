package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Status;
import io.nvmf.transport.ReceivedCommand;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** A command whose data comes from the host in one piece, as soon as there is memory for all of it. */
abstract class WholeTransfer extends WaitingCommand implements TransferBudget.Waiter {

    private final ReceivedCommand command;
    private final int length;
    private int taken;

    /** While the data is on its way. */
    private @Nullable Disposable receiving;

    WholeTransfer(TargetQueue queue, ReceivedCommand command, int commandId, int length) {
        super(queue, commandId);
        this.command = command;
        this.length = length;
    }

    /**
     * The data is there, and the command not answered. It still waits and has its memory.
     *
     * @param data to be released
     */
    abstract void received(ByteBuf data);

    void start() {
        queue.waiting().add(this);
        int bytes = queue.memory().data().take(this);
        if (bytes > 0) {
            granted(bytes);
        }
    }

    @Override
    boolean abort(Status status) {
        Disposable transfer = receiving;
        if (transfer != null) {
            transfer.dispose();
        } else {
            queue.memory().data().withdraw(this);
            command.release();
        }
        answer(status);
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
            answer(TargetStatus.INTERNAL_ERROR);
            return;
        }
        try {
            receiving = command.receive(0, length)
                    .subscribe(this::received, failure -> answer(TargetStatus.ofTransfer(failure)));
        } catch (Throwable e) { // memory that cannot be had is the end of this command, and of nothing else
            answer(TargetStatus.ofTransfer(e));
        }
        command.release();
    }

    /** Waits no more, and gives its memory back. */
    final void leave() {
        queue.waiting().remove(this);
        int unneeded = taken;
        taken = 0;
        if (unneeded > 0) {
            queue.memory().data().give(unneeded);
        }
    }

    /** Leaves, and completes the command. */
    void answer(Status status) {
        leave();
        queue.complete(commandId, status);
    }
}
