package io.nvmf.spec.auth;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.SpecificationViolationException;

/**
 * A message of an authentication transaction, the data of Authentication Send and Authentication Receive (NVMe Base
 * Specification, "Authentication messages").
 *
 * <p>Encoders write all {@link #length} bytes, and refuse what does not fit its field with
 * {@link IllegalArgumentException}.
 */
public sealed interface AuthenticationMessage
        permits AuthNegotiate,
                DhChapChallenge,
                DhChapReply,
                DhChapSuccess1,
                DhChapSuccess2,
                AuthFailure,
                UnknownMessage {
    /** Bytes of the part that all messages start with. */
    int HEADER_LENGTH = 6;
    /** Most bytes of a message that is defined, rounded up: what both sides have to offer as a buffer. */
    int BUFFER_LENGTH = 4096;

    /** {@return T_ID, which the host chooses with its first message, 0..65535} */
    int transactionId();

    /** {@return bytes on the wire} */
    int length();

    /**
     * Writes the message.
     *
     * @param buffer receives {@link #length} bytes
     * @param index absolute index of the message
     * @throws IllegalArgumentException if a field is out of range
     */
    void encode(ByteBuf buffer, int index);

    /**
     * Reads a message that fills its data, as that of Authentication Send does.
     *
     * @param buffer holds the data
     * @param index absolute index of the data
     * @param length bytes of the data
     * @return the message; {@link UnknownMessage} for types without a name here
     * @throws SpecificationViolationException if the data is too short or too long, or lengths contradict each other
     */
    static AuthenticationMessage decode(ByteBuf buffer, int index, int length) {
        AuthenticationMessage message = decodePadded(buffer, index, length);
        if (!(message instanceof UnknownMessage) && message.length() != length) {
            throw new SpecificationViolationException(
                    "TL", length, AuthenticationCommand.DATA_LENGTH, "the message has " + message.length() + " bytes");
        }
        return message;
    }

    /**
     * Reads a message that other bytes may follow, as in the data of Authentication Receive.
     *
     * @param buffer holds the data
     * @param index absolute index of the data
     * @param length bytes of the data
     * @return the message; {@link UnknownMessage} for types without a name here
     * @throws SpecificationViolationException if the data is too short, or lengths contradict each other
     */
    static AuthenticationMessage decodePadded(ByteBuf buffer, int index, int length) {
        return MessageReader.read(buffer, index, length);
    }
}
