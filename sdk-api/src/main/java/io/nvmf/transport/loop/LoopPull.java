package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.transport.CommandCapsule;
import org.jspecify.annotations.Nullable;

/** The controller asks for a range of the host's data; the home of the bytes travels with the question. */
record LoopPull(
        LoopHostQueuePair host,
        int commandId,
        @Nullable LoopTransfer transfer,
        long offset,
        int length,
        ByteBuf home,
        LoopReceive receive)
        implements Signal {

    @Override
    public void deliver() {
        if (transfer == null || transfer.capsule.transfer() != CommandCapsule.Transfer.SEND) {
            home.release();
            host.protocolError(
                    LoopQueuePair.INVALID_HEADER_FIELD,
                    LoopQueuePair.COMMAND_IDENTIFIER,
                    "command " + commandId + " is asked for data and sends none",
                    Unpooled.EMPTY_BUFFER);
            return;
        }
        if (offset + length > transfer.length) {
            home.release();
            host.protocolError(
                    LoopQueuePair.TRANSFER_OUT_OF_RANGE,
                    0,
                    "asked for " + offset + "+" + length + " of " + transfer.length + " bytes",
                    Unpooled.EMPTY_BUFFER);
            return;
        }
        ByteBuf data = transfer.capsule.data();
        boolean served = !transfer.done && data != null;
        if (served && data != null) {
            home.writeBytes(data, (int) (transfer.capsule.dataIndex() + offset), length);
            transfer.capsule.dataRequested(length);
            transfer.moved(length);
        }
        host.controller().post(new LoopPulled(receive, home, served));
    }

    @Override
    public void discard() {
        home.release();
    }
}
