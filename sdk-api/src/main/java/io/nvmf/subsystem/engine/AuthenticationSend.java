package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.nvmf.spec.Status;
import io.nvmf.transport.ReceivedCommand;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** The message of an Authentication Send on its way from the host, which is given on when there is memory for it. */
final class AuthenticationSend extends WaitingCommand implements TransferBudget.Waiter {

    private final ReceivedCommand command;
    private final int length;
    private final End end;
    private int taken;

    /** While the message is on its way. */
    private @Nullable Disposable receiving;

    /** What becomes of the message. */
    interface End {

        /**
         * It is there, and the command not answered.
         *
         * @param message whoever is told has it to itself
         */
        void received(byte[] message);

        /** It could not be had, and the command has been answered. */
        void over();
    }

    AuthenticationSend(TargetQueue queue, ReceivedCommand command, int commandId, int length, End end) {
        super(queue, commandId);
        this.command = command;
        this.length = length;
        this.end = end;
    }

    void start() {
        queue.waiting().add(this);
        int bytes = queue.memory().data().take(this);
        if (bytes > 0) {
            granted(bytes);
        }
    }

    @Override
    @Nullable
    Namespace namespace() {
        return null;
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
        over(status);
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
            over(TargetStatus.INTERNAL_ERROR);
            return;
        }
        try {
            receiving = command.receive(0, length)
                    .subscribe(this::received, failure -> over(TargetStatus.ofTransfer(failure)));
        } catch (Throwable e) { // memory that cannot be had is the end of this command, and of nothing else
            over(TargetStatus.ofTransfer(e));
        }
        command.release();
    }

    private void received(ByteBuf data) {
        byte[] message;
        try {
            message = ByteBufUtil.getBytes(data);
        } finally {
            data.release();
        }
        leave();
        end.received(message);
    }

    private void over(Status status) {
        leave();
        end.over();
        queue.complete(commandId, status);
    }

    private void leave() {
        queue.waiting().remove(this);
        int unneeded = taken;
        taken = 0;
        if (unneeded > 0) {
            queue.memory().data().give(unneeded);
        }
    }
}
