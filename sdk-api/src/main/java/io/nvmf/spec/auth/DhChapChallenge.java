package io.nvmf.spec.auth;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Require;
import io.nvmf.spec.SpecificationViolationException;

/**
 * DHCHAP_Challenge, the controller's first message: what it has chosen, and what the host has to answer.
 *
 * @param transactionId T_ID, 0..65535
 * @param hash HashID, one of {@link DhChapHash} or another number, 0..255
 * @param group DHgID, one of {@link DhGroup} or another number, 0..255
 * @param sequenceNumber S1, 1..2^32-1
 * @param challenge C1; its length is HL, that of the hash
 * @param publicValue DHV, big-endian; as long as the modulus, empty for {@link DhGroup#NULL}
 */
public record DhChapChallenge(
        int transactionId, int hash, int group, long sequenceNumber, Octets challenge, Octets publicValue)
        implements AuthenticationMessage {
    static final int ID = 1;
    private static final int HL = 6;
    private static final int HASH_ID = 8;
    private static final int DHG_ID = 9;
    private static final int DHVLEN = 10;
    private static final int SEQNUM = 12;
    private static final int CHALLENGE = 16;

    static DhChapChallenge read(MessageReader reader, int transactionId) {
        reader.require("DHCHAP_Challenge", CHALLENGE);
        int hashLength = reader.u8(HL);
        int valueLength = reader.u16(DHVLEN);
        reader.require("DHCHAP_Challenge", (long) CHALLENGE + hashLength + valueLength);
        int hash = reader.u8(HASH_ID);
        int group = reader.u8(DHG_ID);
        DhChapHash.find(hash).ifPresent(known -> equal("HL", hashLength, HL, known.length()));
        DhGroup.find(group).ifPresent(known -> equal("DHVLEN", valueLength, DHVLEN, known.length()));
        return new DhChapChallenge(
                transactionId,
                hash,
                group,
                reader.u32(SEQNUM),
                reader.octets(CHALLENGE, hashLength),
                reader.octets(CHALLENGE + hashLength, valueLength));
    }

    private static void equal(String field, int value, int offset, int expected) {
        if (value != expected) {
            throw new SpecificationViolationException(field, value, offset, "has to be " + expected);
        }
    }

    @Override
    public int length() {
        return CHALLENGE + challenge.length() + publicValue.length();
    }

    @Override
    public void encode(ByteBuf buffer, int index) {
        Require.range("HL", challenge.length(), 0, 0xFF);
        Require.range("HashID", hash, 0, 0xFF);
        Require.range("DHgID", group, 0, 0xFF);
        Require.range("DHVLEN", publicValue.length(), 0, 0xFFFF);
        Require.range("SEQNUM", sequenceNumber, 0, 0xFFFF_FFFFL);
        MessageReader.start(buffer, index, length(), MessageReader.DHCHAP, ID, transactionId);
        buffer.setByte(index + HL, challenge.length());
        buffer.setByte(index + HASH_ID, hash);
        buffer.setByte(index + DHG_ID, group);
        buffer.setShortLE(index + DHVLEN, publicValue.length());
        buffer.setIntLE(index + SEQNUM, (int) sequenceNumber);
        challenge.write(buffer, index + CHALLENGE);
        publicValue.write(buffer, index + CHALLENGE + challenge.length());
    }
}
