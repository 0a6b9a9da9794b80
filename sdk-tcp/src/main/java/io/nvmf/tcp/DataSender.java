package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.nvmf.tcp.pdu.C2hData;
import io.nvmf.tcp.pdu.CommonHeader;
import io.nvmf.tcp.pdu.PduType;
import io.nvmf.transport.DataAccount;
import io.nvmf.transport.Termination;

/**
 * Sends the data of commands as C2HData, and keeps account of it until it has left. It is given to the connection at
 * once, so that a response, which is converted at the end of the turn, never overtakes it. Event loop only.
 */
final class DataSender {

    private final TcpConnection<?> connection;
    private final int maxC2HData;
    private final LeavingData leaving = new LeavingData();

    /**
     * Creates the sender.
     *
     * @param connection the connection, which is not complete yet
     */
    DataSender(TcpConnection<?> connection) {
        this.connection = connection;
        // Every PDU but the last then starts and ends on a dword.
        this.maxC2HData = connection.options().require(TcpOptions.MAX_C2H_DATA) & ~3;
    }

    /** Who counts the data of this connection. */
    void account(DataAccount told) {
        leaving.account(told);
    }

    /**
     * Sends data and consumes the buffer. What goes wrong on the way may leave half a PDU behind, so it ends the
     * connection.
     *
     * @param commandId of the command
     * @param offset within the command's data
     * @param data not empty
     * @param last whether it is the end of the command's data
     * @param success whether the command has succeeded with it, so that no response follows
     */
    void send(int commandId, long offset, ByteBuf data, boolean last, boolean success) {
        leaving.add(data.readableBytes());
        try {
            if (connection.ended() == null) {
                write(commandId, offset, data, last, success);
                connection.scheduleTurn();
            } else if (connection.isClosed()) {
                leaving.closed();
            }
        } catch (RuntimeException | Error e) {
            connection.end(new Termination.IoFailure(e));
        } finally {
            data.release();
        }
    }

    private void write(int commandId, long offset, ByteBuf data, boolean last, boolean success) {
        PduWriter writer = connection.writer();
        int from = data.readerIndex();
        int left = data.readableBytes();
        long at = offset;
        while (left > 0) {
            int length = Math.min(left, maxC2HData);
            left -= length;
            int flags = last && left == 0 ? CommonHeader.LAST_PDU | (success ? CommonHeader.SUCCESS : 0) : 0;
            int header = writer.begin(PduType.C2H_DATA, flags, length);
            C2hData.encode(writer.buffer(), header, commandId, at, length);
            writer.end();
            writer.data(data, from, length);
            from += length;
            at += length;
        }
    }

    /** Everything converted so far has been given to the socket, which may have taken less. */
    void flushed(PduWriter writer) {
        leaving.flushed(writer);
    }

    /** The channel is closed, and everything that was on its way is gone. */
    void closed() {
        leaving.closed();
    }
}
