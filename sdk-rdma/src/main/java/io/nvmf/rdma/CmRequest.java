package io.nvmf.rdma;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The private data with which a host asks to be connected, 32 bytes.
 *
 * @param queueId QID, 0 for the admin queue
 * @param receiveQueueSize HRQSIZE: places that the host has for responses, 0..65,535
 * @param sendQueueSize HSQSIZE: entries of the submission queue less one, 0..65,535
 * @param controllerId CNTLID, 0 from hosts that do not fill it
 */
record CmRequest(int queueId, int receiveQueueSize, int sendQueueSize, int controllerId) {

    /** Bytes. */
    static final int LENGTH = 32;

    private static final int RECORD_FORMAT = 0;
    private static final int QUEUE_ID = 2;
    private static final int RECEIVE_QUEUE_SIZE = 4;
    private static final int SEND_QUEUE_SIZE = 6;
    private static final int CONTROLLER_ID = 8;

    /** What is wrong with the private data of a host, if anything. */
    static final class Invalid extends Exception {

        private static final long serialVersionUID = 1L;

        /** What the host is told. */
        private final RejectReason reason;

        Invalid(RejectReason reason, String detail) {
            super(reason.text() + ": " + detail, null, false, false);
            this.reason = reason;
        }

        RejectReason reason() {
            return reason;
        }
    }

    /** Entries of the submission queue. */
    int queueSize() {
        return sendQueueSize + 1;
    }

    /** The bytes. */
    ByteBuffer encode() {
        return ByteBuffer.allocate(LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(QUEUE_ID, (short) queueId)
                .putShort(RECEIVE_QUEUE_SIZE, (short) receiveQueueSize)
                .putShort(SEND_QUEUE_SIZE, (short) sendQueueSize)
                .putShort(CONTROLLER_ID, (short) controllerId);
    }

    /**
     * Reads and checks what a host has sent.
     *
     * @param privateData from its position on; may be longer
     * @param mostEntries of a submission queue
     */
    static CmRequest decode(ByteBuffer privateData, int mostEntries) throws Invalid {
        ByteBuffer bytes = privateData.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() < LENGTH) {
            throw new Invalid(RejectReason.INVALID_LENGTH, bytes.remaining() + " bytes are fewer than " + LENGTH);
        }
        int format = Short.toUnsignedInt(bytes.getShort(RECORD_FORMAT));
        if (format != 0) {
            throw new Invalid(RejectReason.INVALID_FORMAT, format + " is not 0");
        }
        CmRequest request = new CmRequest(
                Short.toUnsignedInt(bytes.getShort(QUEUE_ID)),
                Short.toUnsignedInt(bytes.getShort(RECEIVE_QUEUE_SIZE)),
                Short.toUnsignedInt(bytes.getShort(SEND_QUEUE_SIZE)),
                Short.toUnsignedInt(bytes.getShort(CONTROLLER_ID)));
        if (request.sendQueueSize < 1 || request.queueSize() > mostEntries) {
            throw new Invalid(
                    RejectReason.INVALID_SEND_QUEUE_SIZE,
                    request.sendQueueSize + " is outside 1.." + (mostEntries - 1));
        }
        if (request.receiveQueueSize < 1) {
            throw new Invalid(RejectReason.INVALID_RECEIVE_QUEUE_SIZE, "the host has no place for a response");
        }
        return request;
    }
}
