package io.nvmf.rdma;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The private data with which a controller refuses a connection, 4 bytes.
 *
 * @param status STS, see {@link RejectReason}
 */
record CmReject(int status) {

    /** Bytes. */
    static final int LENGTH = 4;

    private static final int RECORD_FORMAT = 0;
    private static final int STATUS = 2;

    /** The bytes. */
    ByteBuffer encode() {
        return ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN).putShort(STATUS, (short) status);
    }

    /**
     * What a rejection says, in words.
     *
     * @param privateData as it came; may be longer, or something else
     */
    static String text(byte[] privateData) {
        if (privateData.length < LENGTH) {
            return "no reason was given";
        }
        ByteBuffer bytes = ByteBuffer.wrap(privateData).order(ByteOrder.LITTLE_ENDIAN);
        int format = Short.toUnsignedInt(bytes.getShort(RECORD_FORMAT));
        if (format != 0) {
            return "the reason has the unknown format " + format;
        }
        int status = Short.toUnsignedInt(bytes.getShort(STATUS));
        RejectReason reason = RejectReason.of(status);
        return (reason == null ? "unknown reason" : reason.text()) + " (STS " + status + ')';
    }
}
