package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaLimits;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a connection makes of the segments of its peer: checks them (RFC 5041 section 8, RFC 5040 section 7), names the
 * memory for what they bring, and acts when they are there. Event loop only.
 */
final class Inbound implements FpduDecoder.Receiver {

    /** Whom this belongs to. */
    interface Owner {

        /** A segment is there and right. */
        void arrived();

        /** A message; the owner's from here on. */
        void received(ByteBuf message, int invalidated);

        /** There is a read to be answered. */
        void asked();

        /** The peer says that this side broke the protocol. */
        void terminated(TerminateMessage message);
    }

    private final Owner owner;
    private final RdmaLimits limits;
    private final ByteBufAllocator allocator;
    private final WindowTable windows;
    private final SendQueue sends;
    private final ReadQueue reads;
    private final ReceivePlaces places;
    private final FpduDecoder decoder;
    private final ByteBuf scratch = Unpooled.wrappedBuffer(new byte[TerminateMessage.MOST]);

    private int nextMessage = 1;
    private int nextRead = 1;

    /** The message that is being received. */
    private @Nullable ByteBuf message;

    private int messageOpcode;
    private int messageKey;
    private int messageLength;

    private boolean stopped;

    /** What the segment that was wrong asked to read. */
    private byte @Nullable [] wrongRead;

    Inbound(
            Owner owner,
            ConnectionTerms terms,
            ByteBufAllocator allocator,
            WindowTable windows,
            SendQueue sends,
            ReadQueue reads) {
        this.owner = owner;
        this.limits = terms.limits();
        this.allocator = allocator;
        this.windows = windows;
        this.sends = sends;
        this.reads = reads;
        this.places = new ReceivePlaces(limits.receives());
        this.decoder = new FpduDecoder(this, terms.checked());
    }

    /** Takes bytes from the socket. */
    void read(ByteBuf in) throws IwarpViolation {
        decoder.read(in);
    }

    /** Memory to read the socket into, see {@link FpduDecoder#lend}. */
    @Nullable
    ByteBuf lend() {
        return decoder.lend();
    }

    /** Whether what comes is mostly read into the memory it is for. */
    boolean isBulk() {
        return decoder.isBulk();
    }

    /** The header of the segment that {@link #read} threw for, if the error is one of a segment. */
    @Nullable
    DdpHeader wrongHeader(TerminateError error) {
        boolean framing = error == TerminateError.DDP_LOCAL || error.layer() > TerminateError.DDP_LOCAL.layer();
        return framing ? null : decoder.header();
    }

    /** What the segment that {@link #read} threw for asked to read; null if it did not. */
    byte @Nullable [] wrongRead() {
        return wrongRead;
    }

    /** Whether everything that has come is whole. */
    boolean isAtBoundary() {
        return decoder.isAtBoundary() && message == null;
    }

    /** Takes nothing any more; legal at any time. */
    void stop() {
        stopped = true;
        decoder.stop();
        places.close();
        ByteBuf unfinished = message;
        if (unfinished != null) {
            message = null;
            unfinished.release();
            places.giveBack();
        }
    }

    // ---- headers

    @Override
    public void begin(DdpHeader header) throws IwarpViolation {
        boolean tagged = header.isTagged();
        if (header.ddpVersion() != DdpHeader.DDP_VERSION) {
            throw new IwarpViolation(
                    tagged ? TerminateError.TAGGED_VERSION : TerminateError.UNTAGGED_VERSION,
                    "DDP version " + header.ddpVersion());
        }
        if (header.rdmapVersion() != DdpHeader.RDMAP_VERSION >> 6) {
            throw new IwarpViolation(TerminateError.RDMAP_VERSION, "RDMAP version " + header.rdmapVersion());
        }
        boolean known = header.opcode() <= DdpHeader.TERMINATE;
        boolean forTagged = header.opcode() == DdpHeader.WRITE || header.opcode() == DdpHeader.READ_RESPONSE;
        if (!known || tagged != forTagged) {
            throw new IwarpViolation(TerminateError.RDMAP_OPCODE, header.toString());
        }
        switch (header.opcode()) {
            case DdpHeader.WRITE -> beginWrite(header);
            case DdpHeader.READ_RESPONSE -> beginReadResponse(header);
            case DdpHeader.READ_REQUEST -> beginReadRequest(header);
            case DdpHeader.TERMINATE -> beginTerminate(header);
            default -> beginMessage(header);
        }
    }

    private void beginWrite(DdpHeader header) throws IwarpViolation {
        int length = header.payloadLength();
        if (length == 0) {
            return; // neither STag nor offset count
        }
        Window window = windows.find(header.stag());
        if (window == null) {
            throw new IwarpViolation(TerminateError.TAGGED_INVALID_STAG, "no such window: " + header);
        }
        switch (window.check(header.taggedOffset(), length)) {
            case WRAPS -> throw new IwarpViolation(TerminateError.TAGGED_WRAP, header.toString());
            case OUTSIDE -> throw new IwarpViolation(TerminateError.TAGGED_BOUNDS, "outside of the window: " + header);
            default -> {
                if (window.access() != RdmaAccess.REMOTE_WRITE) {
                    throw new IwarpViolation(TerminateError.RDMAP_ACCESS, "the window is not for writing: " + header);
                }
            }
        }
        decoder.placeIn(window, header.taggedOffset());
    }

    private void beginReadResponse(DdpHeader header) throws IwarpViolation {
        Operation read = sends.reading();
        if (read == null) {
            throw new IwarpViolation(TerminateError.TAGGED_INVALID_STAG, "nothing was asked for: " + header);
        }
        int length = header.payloadLength();
        if (length > 0) {
            if (header.stag() != read.sinkKey) {
                throw new IwarpViolation(TerminateError.TAGGED_INVALID_STAG, "not what was asked for: " + header);
            }
            if (header.taggedOffset() != read.sinkOffset + read.done || length > read.length - read.done) {
                throw new IwarpViolation(TerminateError.TAGGED_BOUNDS, "not what was asked for: " + header);
            }
            decoder.placeIn(read, Objects.requireNonNull(read.data, "memory of a read"));
        }
        if (header.isLast() && length != read.length - read.done) {
            throw new IwarpViolation(
                    TerminateError.RDMAP_STREAM,
                    "the answer has " + (read.done + length) + " bytes of " + read.length + ": " + header);
        }
    }

    private void beginReadRequest(DdpHeader header) throws IwarpViolation {
        checkUntagged(header, DdpHeader.READ_QUEUE, nextRead, 0);
        if (!header.isLast() || header.payloadLength() != ReadRequest.LENGTH) {
            throw new IwarpViolation(TerminateError.RDMAP_STREAM, "not a whole read request: " + header);
        }
        if (limits.readsIn() == 0 || reads.isFull()) {
            throw new IwarpViolation(
                    TerminateError.UNTAGGED_NO_BUFFER, "more reads than the " + limits.readsIn() + " agreed on");
        }
        decoder.place(scratch, 0);
    }

    private void beginTerminate(DdpHeader header) throws IwarpViolation {
        checkUntagged(header, DdpHeader.TERMINATE_QUEUE, 1, 0);
        int length = header.payloadLength();
        if (!header.isLast() || length > scratch.capacity()) {
            throw new IwarpViolation(TerminateError.UNTAGGED_TOO_LONG, header.toString());
        }
        if (length < TerminateMessage.LEAST) {
            throw new IwarpViolation(TerminateError.RDMAP_STREAM, "not a whole Terminate: " + header);
        }
        decoder.place(scratch, 0);
    }

    private void beginMessage(DdpHeader header) throws IwarpViolation {
        ByteBuf current = message;
        checkUntagged(header, DdpHeader.SEND_QUEUE, nextMessage, current == null ? 0 : messageLength);
        int length = header.payloadLength();
        if (current == null) {
            current = firstOfMessage(header, length);
        } else if (header.opcode() != messageOpcode || header.stag() != messageKey) {
            throw new IwarpViolation(TerminateError.RDMAP_OPCODE, "not what the message began with: " + header);
        }
        if (length > limits.receiveSize() - messageLength) {
            throw new IwarpViolation(
                    TerminateError.UNTAGGED_TOO_LONG,
                    "a message of more than " + limits.receiveSize() + " bytes: " + header);
        }
        decoder.place(current, messageLength);
    }

    private ByteBuf firstOfMessage(DdpHeader header, int length) throws IwarpViolation {
        if (length > limits.receiveSize()) {
            throw new IwarpViolation(
                    TerminateError.UNTAGGED_TOO_LONG,
                    "a message of more than " + limits.receiveSize() + " bytes: " + header);
        }
        if (!places.take()) {
            throw new IwarpViolation(
                    TerminateError.UNTAGGED_NO_BUFFER, "all " + limits.receives() + " places are taken");
        }
        try {
            ByteBuf memory = allocator.directBuffer(Math.max(1, header.isLast() ? length : limits.receiveSize()));
            message = memory;
            messageOpcode = header.opcode();
            messageKey = header.stag();
            messageLength = 0;
            return memory;
        } catch (RuntimeException | Error e) {
            places.giveBack();
            throw e;
        }
    }

    private static void checkUntagged(DdpHeader header, int queue, int sequence, int offset) throws IwarpViolation {
        if (header.queue() != queue) {
            throw new IwarpViolation(TerminateError.UNTAGGED_QN, header.toString());
        }
        if (header.sequence() != sequence) {
            throw new IwarpViolation(
                    TerminateError.UNTAGGED_MSN, "not message " + Integer.toUnsignedString(sequence) + ": " + header);
        }
        if (header.messageOffset() != offset) {
            throw new IwarpViolation(TerminateError.UNTAGGED_MO, "not offset " + offset + ": " + header);
        }
    }

    // ---- whole segments

    @Override
    public void end(DdpHeader header) throws IwarpViolation {
        owner.arrived();
        switch (header.opcode()) {
            case DdpHeader.WRITE -> {
                // placed, and that is all
            }
            case DdpHeader.READ_RESPONSE -> endReadResponse(header);
            case DdpHeader.READ_REQUEST -> endReadRequest();
            case DdpHeader.TERMINATE -> owner.terminated(TerminateMessage.decode(scratch, 0));
            default -> endMessage(header);
        }
    }

    private void endReadResponse(DdpHeader header) {
        Operation read = sends.reading();
        if (read != null) {
            read.done += header.payloadLength();
            if (header.isLast()) {
                sends.read();
            }
        }
    }

    private void endReadRequest() throws IwarpViolation {
        nextRead++;
        ReadRequest request = ReadRequest.decode(scratch, 0);
        Window window = null;
        if (request.length() > 0) {
            window = windows.find(request.sourceKey());
            TerminateError error = wrong(window, request);
            if (error != null) {
                byte[] quoted = new byte[ReadRequest.LENGTH];
                scratch.getBytes(0, quoted);
                wrongRead = quoted;
                throw new IwarpViolation(error, request.toString());
            }
        }
        reads.add(new ReadResponse(request, window));
        owner.asked();
    }

    private static @Nullable TerminateError wrong(@Nullable Window window, ReadRequest request) {
        if (window == null) {
            return TerminateError.RDMAP_INVALID_STAG;
        }
        return switch (window.check(request.sourceOffset(), request.length())) {
            case WRAPS -> TerminateError.RDMAP_WRAP;
            case OUTSIDE -> TerminateError.RDMAP_BOUNDS;
            case RIGHT -> window.access() == RdmaAccess.REMOTE_READ ? null : TerminateError.RDMAP_ACCESS;
        };
    }

    private void endMessage(DdpHeader header) throws IwarpViolation {
        messageLength += header.payloadLength();
        ByteBuf whole = message;
        if (whole == null || !header.isLast()) {
            return;
        }
        int invalidated = RdmaConnection.NO_KEY;
        if (messageOpcode == DdpHeader.SEND_INVALIDATE || messageOpcode == DdpHeader.SEND_EVENT_INVALIDATE) {
            Window window = windows.find(messageKey);
            if (window == null) {
                throw new IwarpViolation(TerminateError.RDMAP_CANNOT_INVALIDATE, "no such window: " + header);
            }
            window.close();
            invalidated = messageKey;
        }
        nextMessage++;
        message = null;
        try {
            owner.received(whole.setIndex(0, messageLength).retain(), invalidated);
        } finally {
            if (stopped) {
                whole.release();
            } else {
                places.delivered(whole);
            }
        }
    }
}
