package io.nvmf.spec.auth;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Require;
import io.nvmf.spec.SpecificationViolationException;
import java.util.ArrayList;
import java.util.List;

/**
 * AUTH_Negotiate, the host's first message: what it can do.
 *
 * @param transactionId T_ID, 0..65535
 * @param secureChannel SC_C, one of {@link SecureChannel} or another number, 0..255
 * @param protocols the protocols in the order of the host's preference, at most 255
 */
public record AuthNegotiate(int transactionId, int secureChannel, List<Protocol> protocols)
        implements AuthenticationMessage {
    /** AUTHID of DH-HMAC-CHAP. */
    public static final int DH_HMAC_CHAP = 1;
    /** Most hashes, and most groups, of one protocol. */
    public static final int MAX_IDENTIFIERS = 30;

    static final int ID = 0;
    private static final int SC_C = 6;
    private static final int NAPD = 7;
    private static final int DESCRIPTORS = 8;
    private static final int DESCRIPTOR_LENGTH = 64;
    private static final int HALEN = 2;
    private static final int DHLEN = 3;
    private static final int HASHES = 4;
    private static final int GROUPS = HASHES + MAX_IDENTIFIERS;

    /**
     * Takes copies of the lists.
     *
     * @param transactionId T_ID, 0..65535
     * @param secureChannel SC_C, 0..255
     * @param protocols the protocols
     */
    public AuthNegotiate {
        protocols = List.copyOf(protocols);
    }

    /**
     * One authentication protocol.
     *
     * @param protocol AUTHID, 0..255
     * @param hashes hash identifiers, at most 30; empty unless AUTHID is {@link #DH_HMAC_CHAP}
     * @param groups group identifiers, at most 30; empty unless AUTHID is {@link #DH_HMAC_CHAP}
     */
    public record Protocol(int protocol, List<Integer> hashes, List<Integer> groups) {
        /**
         * Takes copies of the lists.
         *
         * @param protocol AUTHID
         * @param hashes hash identifiers
         * @param groups group identifiers
         */
        public Protocol {
            hashes = List.copyOf(hashes);
            groups = List.copyOf(groups);
        }

        private static Protocol read(MessageReader reader, int offset) {
            int protocol = reader.u8(offset);
            if (protocol != DH_HMAC_CHAP) {
                return new Protocol(protocol, List.of(), List.of());
            }
            return new Protocol(
                    protocol,
                    identifiers(reader, "HALEN", offset + HALEN, offset + HASHES),
                    identifiers(reader, "DHLEN", offset + DHLEN, offset + GROUPS));
        }

        private static List<Integer> identifiers(MessageReader reader, String field, int countAt, int offset) {
            int count = reader.u8(countAt);
            if (count > MAX_IDENTIFIERS) {
                throw new SpecificationViolationException(field, count, countAt, "is at most " + MAX_IDENTIFIERS);
            }
            List<Integer> identifiers = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                identifiers.add(reader.u8(offset + i));
            }
            return identifiers;
        }

        private void encode(ByteBuf buffer, int index) {
            buffer.setByte(index, Require.range("AUTHID", protocol, 0, 0xFF));
            buffer.setByte(index + HALEN, Require.range("HALEN", hashes.size(), 0, MAX_IDENTIFIERS));
            buffer.setByte(index + DHLEN, Require.range("DHLEN", groups.size(), 0, MAX_IDENTIFIERS));
            for (int i = 0; i < hashes.size(); i++) {
                buffer.setByte(index + HASHES + i, Require.range("HashID", hashes.get(i), 0, 0xFF));
            }
            for (int i = 0; i < groups.size(); i++) {
                buffer.setByte(index + GROUPS + i, Require.range("DHgID", groups.get(i), 0, 0xFF));
            }
        }
    }

    static AuthNegotiate read(MessageReader reader, int transactionId) {
        reader.require("AUTH_Negotiate", DESCRIPTORS);
        int count = reader.u8(NAPD);
        reader.require("AUTH_Negotiate", DESCRIPTORS + (long) count * DESCRIPTOR_LENGTH);
        List<Protocol> protocols = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            protocols.add(Protocol.read(reader, DESCRIPTORS + i * DESCRIPTOR_LENGTH));
        }
        return new AuthNegotiate(transactionId, reader.u8(SC_C), protocols);
    }

    @Override
    public int length() {
        return DESCRIPTORS + protocols.size() * DESCRIPTOR_LENGTH;
    }

    @Override
    public void encode(ByteBuf buffer, int index) {
        Require.range("SC_C", secureChannel, 0, 0xFF);
        Require.range("NAPD", protocols.size(), 0, 0xFF);
        MessageReader.start(buffer, index, length(), MessageReader.COMMON, ID, transactionId);
        buffer.setByte(index + SC_C, secureChannel);
        buffer.setByte(index + NAPD, protocols.size());
        for (int i = 0; i < protocols.size(); i++) {
            protocols.get(i).encode(buffer, index + DESCRIPTORS + i * DESCRIPTOR_LENGTH);
        }
    }
}
