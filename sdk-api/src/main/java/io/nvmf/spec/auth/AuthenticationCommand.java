package io.nvmf.spec.auth;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.Require;
import io.nvmf.spec.SubmissionQueueEntry;

/**
 * Authentication Send and Authentication Receive (NVMe Base Specification, "Authentication Send Command",
 * "Authentication Receive Command").
 *
 * @param send whether this is Authentication Send
 * @param specific0 SPSP0, 1 for authentication messages
 * @param specific1 SPSP1, 1 for authentication messages
 * @param protocol SECP, {@link #SECURITY_PROTOCOL} for authentication messages
 * @param length TL of a Send, AL of a Receive: bytes of data, 0..2^32-1
 */
public record AuthenticationCommand(boolean send, int specific0, int specific1, int protocol, long length) {
    /** Offset of SPSP0 in the entry, 1 byte. */
    public static final int SPSP0 = 41;
    /** Offset of SPSP1 in the entry, 1 byte. */
    public static final int SPSP1 = 42;
    /** Offset of SECP in the entry, 1 byte. */
    public static final int SECP = 43;
    /** Offset of TL or AL in the entry, 4 bytes. */
    public static final int DATA_LENGTH = 44;
    /** SECP of what the NVMe documents define. */
    public static final int SECURITY_PROTOCOL = 0xE9;
    /** SPSP0 and SPSP1 of authentication messages. */
    public static final int SPECIFIC = 1;

    /**
     * Authentication Send.
     *
     * @param length bytes of the message
     * @return the command
     */
    public static AuthenticationCommand send(int length) {
        return new AuthenticationCommand(true, SPECIFIC, SPECIFIC, SECURITY_PROTOCOL, length);
    }

    /**
     * Authentication Receive.
     *
     * @param length most bytes that the controller may send
     * @return the command
     */
    public static AuthenticationCommand receive(int length) {
        return new AuthenticationCommand(false, SPECIFIC, SPECIFIC, SECURITY_PROTOCOL, length);
    }

    /**
     * Reads an entry; nothing is refused here, for it is the controller that answers.
     *
     * @param buffer holds the entry, whose FCTYPE is one of the two
     * @param index absolute index of the entry
     * @return the fields
     */
    public static AuthenticationCommand decode(ByteBuf buffer, int index) {
        return new AuthenticationCommand(
                SubmissionQueueEntry.fabricsCommandType(buffer, index) == FabricsCommandType.AUTHENTICATION_SEND,
                buffer.getUnsignedByte(index + SPSP0),
                buffer.getUnsignedByte(index + SPSP1),
                buffer.getUnsignedByte(index + SECP),
                buffer.getUnsignedIntLE(index + DATA_LENGTH));
    }

    /**
     * Writes the whole entry but for CID and SGL 1.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     * @throws IllegalArgumentException if a field is out of range
     */
    public void encode(ByteBuf buffer, int index) {
        Require.range("SPSP0", specific0, 0, 0xFF);
        Require.range("SPSP1", specific1, 0, 0xFF);
        Require.range("SECP", protocol, 0, 0xFF);
        Require.range(send ? "TL" : "AL", length, 0, 0xFFFF_FFFFL);
        int type = send ? FabricsCommandType.AUTHENTICATION_SEND : FabricsCommandType.AUTHENTICATION_RECEIVE;
        SubmissionQueueEntry.start(buffer, index, FabricsCommandType.FABRICS_OPCODE, type);
        buffer.setByte(index + SPSP0, specific0);
        buffer.setByte(index + SPSP1, specific1);
        buffer.setByte(index + SECP, protocol);
        buffer.setIntLE(index + DATA_LENGTH, (int) length);
    }

    /** {@return whether SECP, SPSP0 and SPSP1 are those of authentication messages} */
    public boolean carriesMessage() {
        return protocol == SECURITY_PROTOCOL && specific0 == SPECIFIC && specific1 == SPECIFIC;
    }
}
