package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.nvmf.tcp.pdu.CommonHeader;
import io.nvmf.tcp.pdu.ConnectionParameters;
import io.nvmf.tcp.pdu.Crc32cDigest;
import io.nvmf.tcp.pdu.IcReq;
import io.nvmf.tcp.pdu.PduType;
import io.nvmf.tcp.pdu.ProtocolViolation;
import io.nvmf.tcp.pdu.TermReq;
import java.nio.ByteBuffer;

/**
 * Writes PDUs to the connection. Headers, padding and digests are written into a pooled slab, so that consecutive PDUs
 * without data leave as one buffer. Data leaves as a retained slice of its own; it is neither copied nor merged.
 * Nothing is flushed here: that happens once per turn of the event loop.
 *
 * <p>A PDU is written in four steps: {@link #begin}; the fields behind the common header, by the caller; {@link #end};
 * and {@link #data} if it has any. Nothing of a PDU leaves before it is whole. If an exception leaves one unfinished,
 * the next {@link #flush} takes it back.
 */
final class PduWriter {

    /** Size of the slab in bytes: headers of some 100 commands. A thousand idle connections have one each. */
    private static final int SLAB = 8 * 1024;

    /** More than the largest header with digest, padding and the digest of the data before. */
    private static final int RESERVE = 512;

    private final boolean controller;
    private final ChannelHandlerContext ctx;
    private final Crc32cDigest digest = new Crc32cDigest();

    private ConnectionParameters parameters = ConnectionParameters.INITIAL;
    private ByteBuf slab;
    private int emitted;
    private boolean pending;

    /** A PDU has been begun and is not whole yet. */
    private boolean unfinished;

    private int header;
    private int headerLength;
    private int dataOffset;

    PduWriter(boolean controller, ChannelHandlerContext ctx) {
        this.controller = controller;
        this.ctx = ctx;
        this.slab = ctx.alloc().directBuffer(SLAB, SLAB);
    }

    void parameters(ConnectionParameters agreed) {
        parameters = agreed;
    }

    /** The buffer to write header fields to, at the index that {@link #begin} returned. */
    ByteBuf buffer() {
        return slab;
    }

    /** Whether anything was written since the last {@link #flush}. */
    boolean isPending() {
        return pending || slab.writerIndex() > emitted;
    }

    /**
     * Starts a PDU.
     *
     * @param type the PDU type
     * @param flags flags other than those of digests
     * @param dataLength number of data bytes that {@link #data} will bring
     * @return index of the header in {@link #buffer()}
     */
    int begin(PduType type, int flags, int dataLength) {
        ensureRoom();
        unfinished = true;
        header = slab.writerIndex();
        headerLength = type.headerLength();
        int fullHeader = headerLength + parameters.headerDigestLength();
        int allFlags = flags | (parameters.headerDigest() ? CommonHeader.HDGSTF : 0);
        int length = fullHeader;
        dataOffset = 0;
        if (dataLength > 0) {
            dataOffset = CommonHeader.aligned(fullHeader, parameters.transmitAlignment());
            length = dataOffset + dataLength + parameters.dataDigestLength();
            allFlags |= parameters.dataDigest() ? CommonHeader.DDGSTF : 0;
        }
        CommonHeader.encode(slab, header, type, allFlags, dataOffset, length);
        return header;
    }

    /** Ends the header: its digest, and padding up to the data. */
    void end() {
        int at = header + headerLength;
        if (parameters.headerDigest()) {
            slab.setIntLE(at, digest.of(slab, header, headerLength));
            at += Crc32cDigest.LENGTH;
        }
        if (dataOffset > 0) {
            slab.setZero(at, header + dataOffset - at);
            at = header + dataOffset;
        }
        slab.writerIndex(at);
        unfinished = dataOffset > 0;
    }

    /**
     * Writes the data of the PDU.
     *
     * @param data retained as long as the connection needs it
     * @param index first byte
     * @param length number of bytes, at least 1
     */
    void data(ByteBuf data, int index, int length) {
        // What may fail comes before anything leaves.
        ByteBuf slice = data.retainedSlice(index, length);
        int dataDigest = parameters.dataDigest() ? digest(slice, length) : 0;
        emitHeaders();
        unfinished = false;
        if (parameters.dataDigest()) {
            slab.writeIntLE(dataDigest);
        }
        pending = true;
        ctx.write(slice, ctx.voidPromise());
    }

    /** Over the slice, which is this thread's alone: others may be sending the same memory. */
    private int digest(ByteBuf slice, int length) {
        try {
            return digest.of(slice, 0, length);
        } catch (RuntimeException | Error e) {
            slice.release();
            throw e;
        }
    }

    /**
     * Index that the next {@link #begin} will return, for callers whose data length depends on fields they write first.
     */
    int reserve() {
        ensureRoom();
        return slab.writerIndex();
    }

    /** ICReq or ICResp; index of 128 bytes in {@link #buffer()} that are the caller's to fill. */
    int initialization() {
        ensureRoom();
        int index = slab.writerIndex();
        slab.writerIndex(index + IcReq.LENGTH);
        return index;
    }

    void termReq(ProtocolViolation violation, ByteBuffer offendingHeader) {
        ensureRoom();
        int index = slab.writerIndex();
        TermReq.encode(controller, violation, offendingHeader, slab, index);
        slab.writerIndex(index + TermReq.length(offendingHeader));
    }

    /** Hands everything written to the socket. */
    void flush() {
        if (unfinished) {
            unfinished = false;
            slab.writerIndex(header);
        }
        emitHeaders();
        pending = false;
        ctx.flush();
    }

    /** Whether the socket has taken everything there was to flush; if it cannot be told, it has not. */
    boolean isAllTaken() {
        ChannelOutboundBuffer outbound = ctx.channel().unsafe().outboundBuffer();
        // A handler between here and the socket may keep things back.
        return outbound != null && outbound.isEmpty() && ctx.pipeline().firstContext() == ctx;
    }

    /** A promise that completes when everything flushed so far has been written to the socket. */
    ChannelPromise promise() {
        ChannelPromise promise = ctx.newPromise();
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER, promise);
        return promise;
    }

    /** Frees the slab; what was written stays on its way. */
    void release() {
        slab.release();
    }

    /**
     * Whether the headers of a PDU can be written now. If not, there is no memory for more of them until the socket has
     * taken what it was given.
     */
    boolean hasRoom() {
        try {
            ensureRoom();
            return true;
        } catch (OutOfMemoryError exhausted) {
            return false;
        }
    }

    private void ensureRoom() {
        if (slab.maxCapacity() - slab.writerIndex() >= RESERVE) {
            return;
        }
        emitHeaders();
        if (slab.refCnt() > 1) {
            // The old one stays if there is no memory for another.
            ByteBuf next = ctx.alloc().directBuffer(SLAB, SLAB);
            slab.release();
            slab = next;
        } else {
            slab.clear();
        }
        emitted = 0;
    }

    private void emitHeaders() {
        int length = slab.writerIndex() - emitted;
        if (length > 0) {
            ByteBuf slice = slab.retainedSlice(emitted, length);
            emitted = slab.writerIndex();
            pending = true;
            ctx.write(slice, ctx.voidPromise());
        }
    }
}
