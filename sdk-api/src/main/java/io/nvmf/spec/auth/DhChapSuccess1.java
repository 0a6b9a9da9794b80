package io.nvmf.spec.auth;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Require;
import io.nvmf.spec.SpecificationViolationException;

/**
 * DHCHAP_Success1: the host is who it says, and here is the controller's own proof where it was asked for.
 *
 * @param transactionId T_ID, 0..65535
 * @param responseValid RVALID, whether {@code response} has to be taken for one
 * @param response R2; its length is HL, that of the hash; zeroes unless RVALID is set
 */
public record DhChapSuccess1(int transactionId, boolean responseValid, Octets response)
        implements AuthenticationMessage {
    static final int ID = 3;
    private static final int HL = 6;
    private static final int RVALID = 8;
    private static final int RESPONSE = 16;

    static DhChapSuccess1 read(MessageReader reader, int transactionId) {
        reader.require("DHCHAP_Success1", RESPONSE);
        int hashLength = reader.u8(HL);
        reader.require("DHCHAP_Success1", (long) RESPONSE + hashLength);
        int valid = reader.u8(RVALID);
        if (valid > 1) {
            throw new SpecificationViolationException("RVALID", valid, RVALID, "is 0 or 1");
        }
        return new DhChapSuccess1(transactionId, valid == 1, reader.octets(RESPONSE, hashLength));
    }

    @Override
    public int length() {
        return RESPONSE + response.length();
    }

    @Override
    public void encode(ByteBuf buffer, int index) {
        Require.range("HL", response.length(), 0, 0xFF);
        MessageReader.start(buffer, index, length(), MessageReader.DHCHAP, ID, transactionId);
        buffer.setByte(index + HL, response.length());
        buffer.setByte(index + RVALID, responseValid ? 1 : 0);
        response.write(buffer, index + RESPONSE);
    }
}
