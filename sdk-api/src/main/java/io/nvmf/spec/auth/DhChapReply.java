package io.nvmf.spec.auth;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Require;
import io.nvmf.spec.SpecificationViolationException;

/**
 * DHCHAP_Reply, the host's answer to the challenge, with one of its own where the controller has to prove itself too.
 *
 * @param transactionId T_ID, 0..65535
 * @param challengeValid CVALID, whether {@code challenge} has to be taken for one
 * @param sequenceNumber S2, 0..2^32-1; 0 says that the controller need not answer the challenge
 * @param response R1; its length is HL, that of the hash
 * @param challenge C2, as long as the response; zeroes unless CVALID is set
 * @param publicValue DHV, big-endian; as long as the modulus, empty for {@link DhGroup#NULL}
 */
public record DhChapReply(
        int transactionId,
        boolean challengeValid,
        long sequenceNumber,
        Octets response,
        Octets challenge,
        Octets publicValue)
        implements AuthenticationMessage {
    static final int ID = 2;
    private static final int HL = 6;
    private static final int CVALID = 8;
    private static final int DHVLEN = 10;
    private static final int SEQNUM = 12;
    private static final int RESPONSE = 16;

    static DhChapReply read(MessageReader reader, int transactionId) {
        reader.require("DHCHAP_Reply", RESPONSE);
        int hashLength = reader.u8(HL);
        int valueLength = reader.u16(DHVLEN);
        reader.require("DHCHAP_Reply", RESPONSE + 2L * hashLength + valueLength);
        int valid = reader.u8(CVALID);
        if (valid > 1) {
            throw new SpecificationViolationException("CVALID", valid, CVALID, "is 0 or 1");
        }
        return new DhChapReply(
                transactionId,
                valid == 1,
                reader.u32(SEQNUM),
                reader.octets(RESPONSE, hashLength),
                reader.octets(RESPONSE + hashLength, hashLength),
                reader.octets(RESPONSE + 2 * hashLength, valueLength));
    }

    @Override
    public int length() {
        return RESPONSE + response.length() + challenge.length() + publicValue.length();
    }

    @Override
    public void encode(ByteBuf buffer, int index) {
        Require.range("HL", response.length(), 0, 0xFF);
        Require.range("length of C2", challenge.length(), response.length(), response.length());
        Require.range("DHVLEN", publicValue.length(), 0, 0xFFFF);
        Require.range("SEQNUM", sequenceNumber, 0, 0xFFFF_FFFFL);
        MessageReader.start(buffer, index, length(), MessageReader.DHCHAP, ID, transactionId);
        buffer.setByte(index + HL, response.length());
        buffer.setByte(index + CVALID, challengeValid ? 1 : 0);
        buffer.setShortLE(index + DHVLEN, publicValue.length());
        buffer.setIntLE(index + SEQNUM, (int) sequenceNumber);
        response.write(buffer, index + RESPONSE);
        challenge.write(buffer, index + RESPONSE + response.length());
        publicValue.write(buffer, index + RESPONSE + 2 * response.length());
    }
}
