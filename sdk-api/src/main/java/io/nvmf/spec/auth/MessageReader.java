package io.nvmf.spec.auth;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Require;
import io.nvmf.spec.SpecificationViolationException;

/** Bounds of the data of one message, and the part that all messages start with. */
final class MessageReader {
    static final int COMMON = 0;
    static final int DHCHAP = 1;
    private static final int AUTH_TYPE = 0;
    private static final int AUTH_ID = 1;
    private static final int T_ID = 4;

    private final ByteBuf buffer;
    private final int index;
    private final int length;

    private MessageReader(ByteBuf buffer, int index, int length) {
        this.buffer = buffer;
        this.index = index;
        this.length = length;
    }

    static AuthenticationMessage read(ByteBuf buffer, int index, int length) {
        long available = Math.min(length, index < 0 ? 0 : (long) buffer.writerIndex() - index);
        MessageReader reader = new MessageReader(buffer, index, (int) Math.max(available, 0));
        reader.require("authentication message", AuthenticationMessage.HEADER_LENGTH);
        int type = reader.u8(AUTH_TYPE);
        int id = reader.u8(AUTH_ID);
        int transactionId = reader.u16(T_ID);
        if (type == COMMON) {
            return switch (id) {
                case AuthNegotiate.ID -> AuthNegotiate.read(reader, transactionId);
                case AuthFailure.FROM_CONTROLLER, AuthFailure.FROM_HOST ->
                    AuthFailure.read(reader, transactionId, id == AuthFailure.FROM_HOST);
                default -> new UnknownMessage(type, id, transactionId);
            };
        }
        if (type == DHCHAP) {
            return switch (id) {
                case DhChapChallenge.ID -> DhChapChallenge.read(reader, transactionId);
                case DhChapReply.ID -> DhChapReply.read(reader, transactionId);
                case DhChapSuccess1.ID -> DhChapSuccess1.read(reader, transactionId);
                case DhChapSuccess2.ID -> DhChapSuccess2.read(reader, transactionId);
                default -> new UnknownMessage(type, id, transactionId);
            };
        }
        return new UnknownMessage(type, id, transactionId);
    }

    /** Zeroes the message and writes the part that all start with. */
    static void start(ByteBuf buffer, int index, int length, int type, int id, int transactionId) {
        Require.range("T_ID", transactionId, 0, 0xFFFF);
        buffer.setZero(index, length);
        buffer.setByte(index + AUTH_TYPE, type);
        buffer.setByte(index + AUTH_ID, id);
        buffer.setShortLE(index + T_ID, transactionId);
    }

    void require(String message, long bytes) {
        if (length < bytes) {
            throw new SpecificationViolationException(message, length, 0, "needs " + bytes + " bytes");
        }
    }

    int u8(int offset) {
        return buffer.getUnsignedByte(index + offset);
    }

    int u16(int offset) {
        return buffer.getUnsignedShortLE(index + offset);
    }

    long u32(int offset) {
        return buffer.getUnsignedIntLE(index + offset);
    }

    Octets octets(int offset, int count) {
        return Octets.read(buffer, index + offset, count);
    }
}
