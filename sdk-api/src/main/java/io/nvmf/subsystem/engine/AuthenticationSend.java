package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.nvmf.spec.Status;
import io.nvmf.transport.ReceivedCommand;
import org.jspecify.annotations.Nullable;

/** The message of an Authentication Send on its way from the host, which is given on when it is there. */
final class AuthenticationSend extends WholeTransfer {

    private final End end;

    /** What becomes of the message. */
    interface End {

        /**
         * It is there, and the command not answered.
         *
         * @param message whoever is told has it to itself
         */
        void received(byte[] message);

        /** It could not be had, and the command is answered. */
        void over();
    }

    AuthenticationSend(TargetQueue queue, ReceivedCommand command, int commandId, int length, End end) {
        super(queue, command, commandId, length);
        this.end = end;
    }

    @Override
    @Nullable
    Namespace namespace() {
        return null;
    }

    @Override
    void received(ByteBuf data) {
        byte[] message;
        try {
            message = ByteBufUtil.getBytes(data);
        } finally {
            data.release();
        }
        leave();
        end.received(message);
    }

    @Override
    void answer(Status status) {
        leave();
        end.over();
        super.answer(status);
    }
}
