package io.nvmf.tcp.capture;

import io.netty.buffer.ByteBuf;
import io.nvmf.tcp.pdu.CommonHeader;
import io.nvmf.tcp.pdu.PduType;
import org.jspecify.annotations.Nullable;

/**
 * Takes one direction of a connection apart, whatever the pieces it comes in, and hands on a packet for each PDU.
 * Buffers are only looked at: their indices, contents and reference counts stay as they are. A peer can make this
 * allocate what {@link PayloadRule} lets be kept, and no more. Event loop only.
 *
 * <p>Headers are whole, with their digest and the padding before the data. Data that is left out is cut off: the
 * packet says how long it was. This does not do for a PDU with a data digest, since Wireshark reads that before it
 * looks at anything else; so zeros stand for the data there, except in data PDUs that are large.
 */
final class PduStream {

    /** Takes what is captured. */
    interface Sink {

        /**
         * A PDU, or as much of it as there was.
         *
         * @param payload holds the bytes that are kept; not used here any more
         * @param payloadLength number of these
         * @param zeros number of bytes behind them that zeros stand for
         * @param tail what comes behind the data
         * @param length bytes of everything on the wire
         * @param comment for the reader, or null
         */
        void pdu(byte[] payload, int payloadLength, int zeros, byte[] tail, long length, @Nullable String comment);
    }

    /** Data of a data PDU with a digest up to which zeros stand for it, in bytes. */
    static final int MOST_FILLED = 16 * 1024;

    private static final int DIGEST = 4;

    /** Enough for HLEN with a digest, and for PDO. */
    private static final int MOST_HEADER = 255 + DIGEST;

    private static final byte[] NOTHING = new byte[0];

    private static final String LEFT_OUT = "zeros stand for data that is not captured";

    private final PayloadRule rule;
    private final Sink sink;

    private final byte[] header = new byte[MOST_HEADER];
    private int gathered;

    /** Bytes of the header, as far as they are known. */
    private int headerLength = CommonHeader.LENGTH;

    /** Bytes of the PDU; 0 before they are known. */
    private long length;

    /** Bytes of the PDU that have gone by. */
    private long seen;

    /** What is kept of the PDU, from its start on; null before that is known. */
    private byte @Nullable [] kept;

    private int keptLength;

    /** Bytes behind those that zeros stand for. */
    private int zeros;

    private byte[] tail = NOTHING;
    private int tailLength;
    private @Nullable String comment;

    /** The packet has been handed on, before the rest of the PDU is there. */
    private boolean told;

    /** There is no telling where the next PDU begins. */
    private boolean lost;

    PduStream(PayloadRule rule, Sink sink) {
        this.rule = rule;
        this.sink = sink;
    }

    /** Looks at bytes of the stream. */
    void bytes(ByteBuf buffer) {
        int at = buffer.readerIndex();
        int end = buffer.writerIndex();
        while (at < end) {
            at += lost ? pass(end - at) : next(buffer, at, end - at);
        }
    }

    /** There is no more: hands on what there was of a PDU that is not whole. */
    void end() {
        if (seen > 0 && !told && !lost) {
            byte[] payload = kept == null ? header.clone() : kept;
            int there = (int) Math.min(kept == null ? gathered : keptLength, seen);
            told = true;
            sink.pdu(payload, there, 0, NOTHING, seen, "the connection ended within this PDU");
        }
    }

    private int pass(int bytes) {
        sink.pdu(NOTHING, 0, 0, NOTHING, bytes, "not captured, as it follows what is no PDU");
        return bytes;
    }

    private int next(ByteBuf buffer, int at, int available) {
        int taken;
        if (kept == null) {
            taken = Math.min(available, headerLength - gathered);
            buffer.getBytes(at, header, gathered, taken);
            gathered += taken;
            seen += taken;
            headerGathered();
        } else {
            taken = takeData(buffer, at, available);
        }
        if (kept != null) {
            handOn();
        }
        return taken;
    }

    private void headerGathered() {
        if (gathered == CommonHeader.LENGTH && length == 0) {
            commonHeader();
        }
        if (gathered == headerLength && !lost) {
            plan();
        }
    }

    private void commonHeader() {
        PduType type = type();
        int stated = header[2] & 0xFF;
        long announced =
                (header[4] & 0xFFL) | (header[5] & 0xFFL) << 8 | (header[6] & 0xFFL) << 16 | (header[7] & 0xFFL) << 24;
        if (type == null || stated < type.headerLength() || announced < stated) {
            lost = true;
            sink.pdu(header.clone(), gathered, 0, NOTHING, gathered, "this is the header of no PDU");
            return;
        }
        length = announced;
        int whole = stated + (type.mayCarryHeaderDigest() && has(CommonHeader.HDGSTF) ? DIGEST : 0);
        if (type.isTermReq()) {
            // The header that it is about follows.
            whole = MOST_HEADER;
        } else if (type.mayCarryData()) {
            whole = Math.max(whole, header[3] & 0xFF);
        }
        headerLength = (int) Math.min(whole, announced);
    }

    private @Nullable PduType type() {
        return PduType.of(header[0] & 0xFF);
    }

    private boolean has(int flag) {
        return (header[1] & flag) != 0;
    }

    /** Decides what of the rest is kept. */
    private void plan() {
        PduType type = type();
        long rest = length - headerLength;
        int keep = 0;
        zeros = 0;
        tail = NOTHING;
        comment = null;
        if (type != null && type.mayCarryData()) {
            boolean digest = has(CommonHeader.DDGSTF) && rest >= DIGEST;
            long data = rest - (digest ? DIGEST : 0);
            PayloadRule.Kept may = rule.of(type, header);
            keep = (int) Math.min(may.bytes(), data);
            if (digest && keep == data && !may.secret()) {
                keep += DIGEST;
            } else if (digest) {
                planFill(type, keep, data, may.secret());
            }
        }
        byte[] bytes = new byte[headerLength + keep];
        System.arraycopy(header, 0, bytes, 0, headerLength);
        kept = bytes;
        keptLength = headerLength;
        tailLength = 0;
    }

    private void planFill(PduType type, int keep, long data, boolean secret) {
        long left = data - keep;
        if (left <= (type == PduType.CAPSULE_CMD ? CaptureSettings.MAX_DATA : MOST_FILLED)) {
            zeros = (int) left + (secret ? DIGEST : 0);
            tail = secret ? NOTHING : new byte[DIGEST];
            comment = zeros > 0 ? LEFT_OUT : null;
        } else {
            comment = DataPduText.of(type, header);
        }
    }

    private int takeData(ByteBuf buffer, int at, int available) {
        byte[] bytes = kept;
        int taken;
        if (bytes != null && keptLength < bytes.length) {
            taken = Math.min(available, bytes.length - keptLength);
            buffer.getBytes(at, bytes, keptLength, taken);
            keptLength += taken;
        } else if (tailLength < tail.length && seen >= length - tail.length) {
            taken = Math.min(available, tail.length - tailLength);
            buffer.getBytes(at, tail, tailLength, taken);
            tailLength += taken;
        } else {
            taken = (int) Math.min(available, length - tail.length - seen);
        }
        seen += taken;
        return taken;
    }

    /** Hands on the packet as soon as everything that is kept is there, and ends the PDU where it ends. */
    private void handOn() {
        byte[] bytes = kept;
        if (bytes != null && !told && keptLength == bytes.length && tailLength == tail.length) {
            told = true;
            sink.pdu(bytes, keptLength, zeros, tail, length, comment);
        }
        if (seen == length) {
            gathered = 0;
            headerLength = CommonHeader.LENGTH;
            length = 0;
            seen = 0;
            kept = null;
            told = false;
        }
    }
}
