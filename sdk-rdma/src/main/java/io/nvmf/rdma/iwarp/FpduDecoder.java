package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Takes the byte stream apart into FPDUs (RFC 5044 section 4), whatever the pieces it comes in. Only headers are
 * gathered. Payload goes to the memory that the {@link Receiver} names, once it has found the header to be right, and its
 * check sum is computed over what has been placed. Much of it is {@linkplain #lend read from the socket} into that memory;
 * the rest comes from the socket's buffer, with one copy.
 *
 * <p>A header that is wrong may have been damaged on its way: with check sums it is the check sum that decides which of
 * the two the peer is told, so the rest of the FPDU is read and dropped first.
 */
final class FpduDecoder {

    /** What becomes of the segments. */
    interface Receiver {

        /**
         * A header. Says with {@link FpduDecoder#place} or {@link FpduDecoder#placeIn} where the payload goes, if there
         * is any.
         */
        void begin(DdpHeader header) throws IwarpViolation;

        /** All of it is there and right. */
        void end(DdpHeader header) throws IwarpViolation;
    }

    private enum State {
        HEADER,
        PAYLOAD,
        TRAILER
    }

    /** Payload due, in bytes, from which a read of its own costs less than the copy. */
    static final int LEAST_LENT = 16 * 1024;

    /** Bytes between two large payloads in a stream of bulk data. */
    private static final int BETWEEN = 8 * 1024;

    private final Receiver receiver;
    private final boolean checked;
    private final DdpHeader header = new DdpHeader();
    private final CRC32C crc = new CRC32C();

    private State state = State.HEADER;
    private int gathered;
    private int payloadLeft;
    private int paddingLeft;
    private int trailerBytes;
    private int sentCrc;

    private @Nullable ByteBuf target;
    private int targetIndex;

    /** The window that the target belongs to. */
    private @Nullable Window window;

    /** The read that the target belongs to. */
    private @Nullable Operation operation;

    /** The part of the target that the socket is being read into. */
    private @Nullable ByteBuf lent;

    /** Bytes of other segments since the last large one. */
    private int sinceLarge = BETWEEN;

    /** What is wrong with this FPDU, unless its check sum is. */
    private @Nullable IwarpViolation wrong;

    private boolean stopped;

    /**
     * Creates a decoder at the start of an FPDU.
     *
     * @param receiver of the segments
     * @param checked whether check sums are right
     */
    FpduDecoder(Receiver receiver, boolean checked) {
        this.receiver = receiver;
        this.checked = checked;
    }

    /** The data of a read goes to its memory; within {@link Receiver#begin}. */
    void placeIn(Operation read, ByteBuf memory) {
        operation = read;
        place(memory, read.index + read.done);
    }

    /** Payload goes to this memory; within {@link Receiver#begin}. */
    void place(ByteBuf memory, int index) {
        target = memory;
        targetIndex = index;
    }

    /** Payload goes to a window, as long as that is open; within {@link Receiver#begin}. */
    void placeIn(Window open, long offset) {
        window = open;
        place(open.memory(), open.indexOf(offset));
    }

    /**
     * Where the socket may be read into so that payload needs no copy: the rest of the place of the payload that is due,
     * if that is much. What has been read is given to {@link #read} in this very buffer, and before anything else. Asked
     * for every read, because between two of them a window may be closed.
     *
     * @return an empty slice to be released by the caller, or null if a buffer of its own is better
     */
    @Nullable
    ByteBuf lend() {
        lent = null;
        ByteBuf memory = target;
        if (state != State.PAYLOAD || memory == null || payloadLeft < LEAST_LENT || isWindowClosed()) {
            return null;
        }
        if (!memory.isDirect() || memory.nioBufferCount() != 1) {
            return null;
        }
        ByteBuf slice = memory.retainedSlice(targetIndex, payloadLeft).setIndex(0, 0);
        lent = slice;
        return slice;
    }

    /** Whether payload comes in such pieces that most of it is read where it belongs. */
    boolean isBulk() {
        return sinceLarge < BETWEEN;
    }

    private boolean isWindowClosed() {
        Window reached = window;
        return reached != null && !reached.isOpen();
    }

    /** Reads nothing any more and forgets memory; legal at any time. */
    void stop() {
        stopped = true;
        target = null;
        window = null;
        operation = null;
    }

    /** Whether the last byte read was the last of its FPDU. */
    boolean isAtBoundary() {
        return state == State.HEADER && gathered == 0;
    }

    /** The header of the FPDU that {@link #read} threw for. */
    DdpHeader header() {
        return header;
    }

    /**
     * Consumes everything readable, unless stopped on the way.
     *
     * @throws IwarpViolation when the peer broke the protocol; nothing is to be read after that
     */
    void read(ByteBuf in) throws IwarpViolation {
        try {
            take(in);
        } finally {
            lent = null;
        }
    }

    private void take(ByteBuf in) throws IwarpViolation {
        while (!stopped && in.isReadable()) {
            switch (state) {
                case HEADER -> readHeader(in);
                case PAYLOAD -> readPayload(in);
                case TRAILER -> readTrailer(in);
            }
        }
    }

    private void readHeader(ByteBuf in) throws IwarpViolation {
        if (!gather(in, DdpHeader.PREFIX) || !gather(in, header.length())) {
            return;
        }
        int payload = header.payloadLength();
        if (payload < 0) {
            throw new IwarpViolation(
                    TerminateError.DDP_LOCAL,
                    "a segment of " + header.segmentLength() + " bytes is shorter than its header");
        }
        if (checked) {
            crc.reset();
            crc.update(header.bytes(), 0, header.length());
        }
        payloadLeft = payload;
        sinceLarge = payload >= LEAST_LENT ? 0 : Math.min(BETWEEN, sinceLarge + header.length() + payload);
        paddingLeft = Fpdu.padding(header.segmentLength());
        trailerBytes = 0;
        sentCrc = 0;
        state = payload > 0 ? State.PAYLOAD : State.TRAILER;
        try {
            receiver.begin(header);
        } catch (IwarpViolation violation) {
            fail(violation);
        }
    }

    private boolean gather(ByteBuf in, int needed) {
        int n = Math.min(needed - gathered, in.readableBytes());
        if (n > 0) {
            in.readBytes(header.bytes(), gathered, n);
            gathered += n;
        }
        return gathered >= needed;
    }

    private void fail(IwarpViolation violation) throws IwarpViolation {
        target = null;
        window = null;
        operation = null;
        if (!checked) {
            throw violation;
        }
        wrong = violation;
    }

    @SuppressWarnings("ReferenceEquality") // the very buffer
    private void readPayload(ByteBuf in) throws IwarpViolation {
        int n = Math.min(payloadLeft, in.readableBytes());
        int from = in.readerIndex();
        in.skipBytes(n);
        if (checked) {
            check(in, from, n);
        }
        if (isWindowClosed()) {
            fail(new IwarpViolation(
                    TerminateError.TAGGED_INVALID_STAG, "the window was closed while the peer wrote to it: " + header));
        }
        ByteBuf memory = target;
        if (memory != null) {
            if (in != lent) {
                memory.setBytes(targetIndex, in, from, n);
            }
            targetIndex += n;
        }
        payloadLeft -= n;
        if (payloadLeft == 0) {
            state = State.TRAILER;
        }
    }

    @SuppressWarnings("ReferenceEquality") // the very buffer
    private void check(ByteBuf in, int from, int bytes) {
        Window reached = window;
        Operation read = operation;
        if (in == lent && reached != null && reached.isOpen()) {
            reached.update(crc, targetIndex, bytes);
        } else if (in == lent && read != null) {
            read.update(crc, targetIndex, bytes);
        } else {
            Fpdu.update(crc, in, from, bytes);
        }
    }

    private void readTrailer(ByteBuf in) throws IwarpViolation {
        int n = Math.min(paddingLeft, in.readableBytes());
        if (n > 0) {
            if (checked) {
                Fpdu.update(crc, in, in.readerIndex(), n);
            }
            in.skipBytes(n);
            paddingLeft -= n;
        }
        while (paddingLeft == 0 && trailerBytes < Fpdu.CRC && in.isReadable()) {
            sentCrc |= in.readUnsignedByte() << 8 * trailerBytes;
            trailerBytes++;
        }
        if (trailerBytes == Fpdu.CRC) {
            endFpdu();
        }
    }

    private void endFpdu() throws IwarpViolation {
        target = null;
        window = null;
        operation = null;
        if (checked && sentCrc != (int) crc.getValue()) {
            throw new IwarpViolation(
                    TerminateError.MPA_CRC,
                    "the CRC is 0x" + Integer.toHexString(sentCrc) + ", computed 0x"
                            + Long.toHexString(crc.getValue()));
        }
        IwarpViolation found = wrong;
        if (found != null) {
            throw found;
        }
        state = State.HEADER;
        gathered = 0;
        receiver.end(header);
    }
}
