package io.nvmf.tcp.pdu;

/**
 * What ICReq and ICResp agreed upon, as seen from one side.
 *
 * @param headerDigest whether headers carry digests
 * @param dataDigest whether data carries digests
 * @param receiveAlignment bytes; data received starts at a multiple of it within its PDU
 * @param transmitAlignment bytes; data sent starts at a multiple of it within its PDU
 * @param maxR2t R2Ts that may be outstanding for one command, 0's based as on the wire
 * @param maxH2CData largest DATAL of an H2CData PDU, bytes
 */
public record ConnectionParameters(
        boolean headerDigest,
        boolean dataDigest,
        int receiveAlignment,
        int transmitAlignment,
        long maxR2t,
        int maxH2CData) {

    /** Before ICReq and ICResp: no digests, the smallest alignment. */
    public static final ConnectionParameters INITIAL = new ConnectionParameters(false, false, 4, 4, 0, 4096);

    /**
     * Bytes that a header digest adds to each header.
     *
     * @return 4, or 0 without header digests
     */
    public int headerDigestLength() {
        return headerDigest ? Crc32cDigest.LENGTH : 0;
    }

    /**
     * Bytes that a data digest adds to each PDU with data.
     *
     * @return 4, or 0 without data digests
     */
    public int dataDigestLength() {
        return dataDigest ? Crc32cDigest.LENGTH : 0;
    }
}
