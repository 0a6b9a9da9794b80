package io.nvmf.spec.auth;

import io.netty.buffer.ByteBuf;

/**
 * DHCHAP_Success2, the host's last message: the controller is who it says.
 *
 * @param transactionId T_ID, 0..65535
 */
public record DhChapSuccess2(int transactionId) implements AuthenticationMessage {
    static final int ID = 4;
    private static final int LENGTH = 16;

    static DhChapSuccess2 read(MessageReader reader, int transactionId) {
        reader.require("DHCHAP_Success2", LENGTH);
        return new DhChapSuccess2(transactionId);
    }

    @Override
    public int length() {
        return LENGTH;
    }

    @Override
    public void encode(ByteBuf buffer, int index) {
        MessageReader.start(buffer, index, LENGTH, MessageReader.DHCHAP, ID, transactionId);
    }
}
