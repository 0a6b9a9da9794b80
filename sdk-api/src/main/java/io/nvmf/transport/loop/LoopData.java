package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;

/** Data for the host's buffer, and perhaps the success with it. */
record LoopData(
        LoopHostQueuePair host,
        int commandId,
        @Nullable LoopTransfer transfer,
        long offset,
        ByteBuf data,
        boolean success)
        implements Signal {

    @Override
    public void deliver() {
        int length = data.readableBytes();
        try {
            place(length);
        } finally {
            data.release();
            host.taken(length);
        }
    }

    private void place(int length) {
        if (transfer == null || !transfer.receives) {
            host.protocolError(
                    LoopQueuePair.INVALID_HEADER_FIELD,
                    LoopQueuePair.COMMAND_IDENTIFIER,
                    "data for command " + commandId + ", which receives none",
                    Unpooled.EMPTY_BUFFER);
            return;
        }
        if (offset + length > transfer.length) {
            host.protocolError(
                    LoopQueuePair.TRANSFER_OUT_OF_RANGE,
                    0,
                    "data " + offset + "+" + length + " exceeds the buffer of " + transfer.length + " bytes",
                    Unpooled.EMPTY_BUFFER);
            return;
        }
        if (transfer.done) {
            return;
        }
        ByteBuf home = transfer.discarded ? null : transfer.capsule.data();
        if (home != null) {
            home.setBytes((int) (transfer.capsule.dataIndex() + offset), data, data.readerIndex(), length);
        }
        transfer.damaged |= host.faults.damagesData();
        transfer.moved(length);
        if (transfer.moved == transfer.length) {
            host.transfers().end(transfer);
        }
        if (success && host.ended() == null) {
            host.respond(ResponseCapsule.successWithData(commandId));
        }
    }

    @Override
    public void discard() {
        int length = data.readableBytes();
        data.release();
        host.taken(length);
    }
}
