package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The payload of a Terminate message (RFC 5040 section 4.8). Written as the RFC has it. Linux' siw swaps the halves of
 * the first byte and has the flags at the other end of the third, so that is read, too.
 *
 * @param layer where the error is: 0 RDMAP, 1 DDP, 2 MPA
 * @param type of error
 * @param errorCode what it is
 * @param doubtful whether it may as well be meant as siw has it
 */
record TerminateMessage(int layer, int type, int errorCode, boolean doubtful) {

    /** The length of the segment is valid. */
    private static final int LENGTH_VALID = 0x80;
    /** The DDP header follows. */
    private static final int DDP_HEADER = 0x40;
    /** The header of a Read Request follows. */
    private static final int READ_HEADER = 0x20;

    private static final int RFC_FLAGS = LENGTH_VALID | DDP_HEADER | READ_HEADER;
    private static final int SIW_FLAGS = 0x07;

    /** Layer, type, code and flags. */
    static final int LEAST = 4;

    /** With the longest headers. */
    static final int MOST = LEAST + 2 + DdpHeader.UNTAGGED_LENGTH - DdpHeader.LENGTH_FIELD + ReadRequest.LENGTH;

    /**
     * Writes one.
     *
     * @param out gets at most {@link #MOST} bytes
     * @param error what is wrong
     * @param header of the segment that was wrong; null if there is none to speak of
     * @param readRequest what the segment asked to read; null if it did not
     */
    static void encode(ByteBuf out, TerminateError error, @Nullable DdpHeader header, byte @Nullable [] readRequest) {
        int flags = header == null ? 0 : LENGTH_VALID | DDP_HEADER | (readRequest == null ? 0 : READ_HEADER);
        out.writeByte(error.layer() << 4 | error.type())
                .writeByte(error.errorCode())
                .writeByte(flags)
                .writeByte(0);
        if (header == null) {
            return;
        }
        out.writeBytes(header.bytes(), 0, header.length());
        if (readRequest != null) {
            out.writeBytes(readRequest);
        }
    }

    /**
     * Reads one.
     *
     * @param in the payload
     * @param index where its at least {@link #LEAST} bytes start
     */
    static TerminateMessage decode(ByteBuf in, int index) {
        int first = in.getUnsignedByte(index);
        int code = in.getUnsignedByte(index + 1);
        int flags = in.getUnsignedByte(index + 2);
        TerminateMessage asRfc = new TerminateMessage(first >> 4, first & 0x0F, code, false);
        TerminateMessage asSiw = asRfc.swapped();
        if ((flags & RFC_FLAGS) != 0) {
            return asRfc;
        }
        if ((flags & SIW_FLAGS) != 0) {
            return asSiw;
        }
        if (!asSiw.isDefined() || asSiw.equals(asRfc)) {
            return asRfc;
        }
        return asRfc.isDefined() ? new TerminateMessage(asRfc.layer, asRfc.type, code, true) : asSiw;
    }

    private TerminateMessage swapped() {
        return new TerminateMessage(type, layer, errorCode, false);
    }

    private boolean isDefined() {
        return TerminateError.of(layer, type, errorCode) != null;
    }

    int code() {
        return TerminateError.code(layer, type, errorCode);
    }

    @Override
    public String toString() {
        TerminateError error = TerminateError.of(layer, type, errorCode);
        String text = (error == null ? "an error that no RFC names" : error.toString()) + " (" + layer + '/' + type
                + '/' + errorCode + ')';
        return doubtful ? text + ", or, if this is siw, " + swapped() : text;
    }
}
