package io.nvmf.spec.auth;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Require;
import java.util.Optional;

/**
 * AUTH_Failure1, which a controller sends, and AUTH_Failure2, which a host sends; either ends the transaction.
 *
 * @param transactionId T_ID, 0..65535
 * @param fromHost whether this is AUTH_Failure2
 * @param reason RC, {@link #REASON} is the only one defined
 * @param explanation RCE, 0..255
 */
public record AuthFailure(int transactionId, boolean fromHost, int reason, int explanation)
        implements AuthenticationMessage {
    /** RC: authentication failure. */
    public static final int REASON = 1;

    static final int FROM_CONTROLLER = 0xF1;
    static final int FROM_HOST = 0xF0;
    private static final int RC = 6;
    private static final int RCE = 7;
    private static final int LENGTH = 8;

    /**
     * AUTH_Failure1.
     *
     * @param transactionId T_ID
     * @param failure what to say
     * @return the message
     */
    public static AuthFailure ofController(int transactionId, AuthenticationFailure failure) {
        return new AuthFailure(transactionId, false, REASON, failure.explanation());
    }

    /**
     * AUTH_Failure2.
     *
     * @param transactionId T_ID
     * @param failure what to say
     * @return the message
     */
    public static AuthFailure ofHost(int transactionId, AuthenticationFailure failure) {
        return new AuthFailure(transactionId, true, REASON, failure.explanation());
    }

    static AuthFailure read(MessageReader reader, int transactionId, boolean fromHost) {
        reader.require(fromHost ? "AUTH_Failure2" : "AUTH_Failure1", LENGTH);
        return new AuthFailure(transactionId, fromHost, reader.u8(RC), reader.u8(RCE));
    }

    /** {@return what RCE means, empty if it has no name here or RC is not {@link #REASON}} */
    public Optional<AuthenticationFailure> failure() {
        return reason == REASON ? AuthenticationFailure.find(explanation) : Optional.empty();
    }

    @Override
    public int length() {
        return LENGTH;
    }

    @Override
    public void encode(ByteBuf buffer, int index) {
        Require.range("RC", reason, 0, 0xFF);
        Require.range("RCE", explanation, 0, 0xFF);
        MessageReader.start(
                buffer, index, LENGTH, MessageReader.COMMON, fromHost ? FROM_HOST : FROM_CONTROLLER, transactionId);
        buffer.setByte(index + RC, reason);
        buffer.setByte(index + RCE, explanation);
    }
}
