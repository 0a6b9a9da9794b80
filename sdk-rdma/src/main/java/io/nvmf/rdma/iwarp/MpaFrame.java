package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Require;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A request or reply with which a connection starts (RFC 5044 section 7.1, RFC 6581 section 9).
 *
 * @param reply whether this is a reply
 * @param flags {@link #MARKERS}, {@link #CRC}, {@link #REJECTED}, {@link #ENHANCED}
 * @param revision 1 or 2
 * @param readsIn IRD with flags A and B, if enhanced
 * @param readsOut ORD with flags C and D, if enhanced
 * @param privateData opaque; at most {@link #MOST_PRIVATE} bytes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record MpaFrame(boolean reply, int flags, int revision, int readsIn, int readsOut, byte[] privateData) {

    /** The sender wants markers in what it receives. */
    static final int MARKERS = 0x80;
    /** The sender wants check sums. */
    static final int CRC = 0x40;
    /** The request is rejected. */
    static final int REJECTED = 0x20;
    /** Numbers of reads follow the fixed part. */
    static final int ENHANCED = 0x10;

    /** In the word with the IRD: peer-to-peer, the initiator says first that it is ready. */
    static final int PEER_TO_PEER = 0x8000;
    /** In the word with the IRD: ready is said with an empty Send. */
    static final int READY_SEND = 0x4000;
    /** In the word with the ORD: ready is said with an empty Write. */
    static final int READY_WRITE = 0x8000;
    /** In the word with the ORD: ready is said with an empty Read. */
    static final int READY_READ = 0x4000;
    /** The number of reads, or, with all bits set, that it is not agreed on here. */
    static final int READS = 0x3FFF;

    /** Bytes before the private data, or the numbers of reads. */
    static final int FIXED = 20;

    private static final int ENHANCED_LENGTH = 4;
    private static final int MOST_DATA = 512;

    /** Bytes of private data that go with the numbers of reads. */
    static final int MOST_PRIVATE = MOST_DATA - ENHANCED_LENGTH;

    /** Bytes of the longest frame. */
    static final int MOST = FIXED + MOST_DATA;

    static final int LATEST_REVISION = 2;

    private static final byte[] REQUEST_KEY = "MPA ID Req Frame".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REPLY_KEY = "MPA ID Rep Frame".getBytes(StandardCharsets.US_ASCII);

    MpaFrame {
        Require.range("private data", privateData.length, 0, MOST_DATA);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Whether the numbers of reads are agreed on with these frames. */
    boolean agreesOnReads() {
        return has(ENHANCED) && (readsIn & READS) != READS && (readsOut & READS) != READS;
    }

    /**
     * Reads a frame.
     *
     * @param in what has come so far; its indexes stay
     * @param reply whether a reply is due
     * @return null while it is not whole
     * @throws IwarpViolation if no such frame begins like this
     */
    static @Nullable MpaFrame parse(ByteBuf in, boolean reply) throws IwarpViolation {
        int start = in.readerIndex();
        byte[] key = reply ? REPLY_KEY : REQUEST_KEY;
        byte[] begins = new byte[Math.min(key.length, in.readableBytes())];
        in.getBytes(start, begins);
        if (!Arrays.equals(begins, 0, begins.length, key, 0, begins.length)) {
            throw new IwarpViolation(TerminateError.MPA_FRAME, "not the key of a " + (reply ? "reply" : "request"));
        }
        if (in.readableBytes() < FIXED) {
            return null;
        }
        int flags = in.getUnsignedByte(start + 16);
        int revision = in.getUnsignedByte(start + 17);
        int dataLength = in.getUnsignedShort(start + 18);
        check(flags, revision, dataLength, reply);
        if (in.readableBytes() < FIXED + dataLength) {
            return null;
        }
        int extra = (flags & ENHANCED) == 0 ? 0 : ENHANCED_LENGTH;
        byte[] data = new byte[dataLength - extra];
        in.getBytes(start + FIXED + extra, data);
        return new MpaFrame(
                reply,
                flags,
                revision,
                extra == 0 ? 0 : in.getUnsignedShort(start + FIXED),
                extra == 0 ? 0 : in.getUnsignedShort(start + FIXED + 2),
                data);
    }

    private static void check(int flags, int revision, int dataLength, boolean reply) throws IwarpViolation {
        if (revision < 1 || revision > LATEST_REVISION) {
            throw new IwarpViolation(TerminateError.MPA_FRAME, "revision " + revision);
        }
        if (dataLength > MOST_DATA) {
            throw new IwarpViolation(TerminateError.MPA_FRAME, dataLength + " bytes of private data");
        }
        boolean enhanced = (flags & ENHANCED) != 0;
        if (enhanced && (revision == 1 || dataLength < ENHANCED_LENGTH)) {
            throw new IwarpViolation(
                    TerminateError.MPA_FRAME,
                    "enhanced, with revision " + revision + " and " + dataLength + " bytes of private data");
        }
        if (!reply && (flags & REJECTED) != 0) {
            throw new IwarpViolation(TerminateError.MPA_FRAME, "a request that rejects");
        }
    }

    /** Bytes on the wire. */
    int length() {
        return FIXED + (has(ENHANCED) ? ENHANCED_LENGTH : 0) + privateData.length;
    }

    void encode(ByteBuf out) {
        out.writeBytes(reply ? REPLY_KEY : REQUEST_KEY);
        out.writeByte(flags).writeByte(revision).writeShort(length() - FIXED);
        if (has(ENHANCED)) {
            out.writeShort(readsIn).writeShort(readsOut);
        }
        out.writeBytes(privateData);
    }
}
