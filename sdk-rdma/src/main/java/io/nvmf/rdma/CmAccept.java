package io.nvmf.rdma;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The private data with which a controller takes a connection, 32 bytes.
 *
 * @param receiveQueueSize CRQSIZE: places that the controller has for commands, 1..65,535; 65,536 is sent as 65,535
 */
record CmAccept(int receiveQueueSize) {

    /** Bytes. */
    static final int LENGTH = 32;

    private static final int RECORD_FORMAT = 0;
    private static final int RECEIVE_QUEUE_SIZE = 2;

    /** The bytes. */
    ByteBuffer encode() {
        return ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN).putShort(RECEIVE_QUEUE_SIZE, (short)
                Math.min(receiveQueueSize, 0xFFFF));
    }

    /**
     * Reads and checks what a controller has sent.
     *
     * @param privateData from its position on; may be longer
     */
    static CmAccept decode(ByteBuffer privateData) throws ProtocolException {
        ByteBuffer bytes = privateData.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() < LENGTH) {
            throw new ProtocolException("the controller's private data has " + bytes.remaining()
                    + " bytes, which are fewer than " + LENGTH);
        }
        int format = Short.toUnsignedInt(bytes.getShort(RECORD_FORMAT));
        if (format != 0) {
            throw new ProtocolException("RECFMT of the controller's private data is " + format + ", not 0");
        }
        int size = Short.toUnsignedInt(bytes.getShort(RECEIVE_QUEUE_SIZE));
        if (size < 1) {
            throw new ProtocolException("the controller has no place for a command: CRQSIZE is 0");
        }
        return new CmAccept(size);
    }
}
