package io.nvmf.tcp;

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
record ConnectionParameters(
        boolean headerDigest,
        boolean dataDigest,
        int receiveAlignment,
        int transmitAlignment,
        long maxR2t,
        int maxH2CData) {

    /** Before the initialisation: no digest, smallest alignment. */
    static final ConnectionParameters INITIAL = new ConnectionParameters(false, false, 4, 4, 0, 4096);

    int headerDigestLength() {
        return headerDigest ? Pdu.DIGEST : 0;
    }

    int dataDigestLength() {
        return dataDigest ? Pdu.DIGEST : 0;
    }
}
