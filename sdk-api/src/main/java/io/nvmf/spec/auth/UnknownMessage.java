package io.nvmf.spec.auth;

import io.netty.buffer.ByteBuf;

/**
 * A message of a type that has no name here; only what all messages start with.
 *
 * @param type auth_type, 0..255
 * @param id auth_id, 0..255
 * @param transactionId T_ID, 0..65535
 */
public record UnknownMessage(int type, int id, int transactionId) implements AuthenticationMessage {
    @Override
    public int length() {
        return HEADER_LENGTH;
    }

    @Override
    public void encode(ByteBuf buffer, int index) {
        MessageReader.start(buffer, index, HEADER_LENGTH, type, id, transactionId);
    }
}
