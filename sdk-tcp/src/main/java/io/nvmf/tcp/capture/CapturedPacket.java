package io.nvmf.tcp.capture;

import org.jspecify.annotations.Nullable;

/** A packet on its way to the file. Its arrays belong to it, so it can go to another thread. Immutable. */
final class CapturedPacket {

    /** What an object with its arrays takes besides their bytes. */
    private static final int OVERHEAD = 160;

    private final long nanos;
    private final boolean inbound;
    private final byte[] headers;
    private final byte[] payload;
    private final int payloadLength;
    private final int zeros;
    private final byte[] tail;
    private final long originalLength;
    private final @Nullable String comment;

    /**
     * Creates the packet.
     *
     * @param nanos time in nanoseconds since 1970
     * @param inbound whether this side has received it
     * @param headers of IP and TCP
     * @param payload holds the bytes of the PDU that are kept
     * @param payloadLength number of these
     * @param zeros number of zero bytes that stand for data behind the payload
     * @param tail what comes behind the data
     * @param originalLength bytes that this packet had with everything that was left out
     * @param comment what a reader should know, or null
     */
    CapturedPacket(
            long nanos,
            boolean inbound,
            byte[] headers,
            byte[] payload,
            int payloadLength,
            int zeros,
            byte[] tail,
            long originalLength,
            @Nullable String comment) {
        this.nanos = nanos;
        this.inbound = inbound;
        this.headers = headers;
        this.payload = payload;
        this.payloadLength = payloadLength;
        this.zeros = zeros;
        this.tail = tail;
        this.originalLength = originalLength;
        this.comment = comment;
    }

    long nanos() {
        return nanos;
    }

    boolean inbound() {
        return inbound;
    }

    byte[] headers() {
        return headers;
    }

    byte[] payload() {
        return payload;
    }

    int payloadLength() {
        return payloadLength;
    }

    int zeros() {
        return zeros;
    }

    byte[] tail() {
        return tail;
    }

    long originalLength() {
        return originalLength;
    }

    @Nullable
    String comment() {
        return comment;
    }

    /** Bytes in the file. */
    int capturedLength() {
        return headers.length + payloadLength + zeros + tail.length;
    }

    /** Bytes of memory, about. */
    int memory() {
        return OVERHEAD + headers.length + payload.length + tail.length + (comment == null ? 0 : comment.length());
    }
}
