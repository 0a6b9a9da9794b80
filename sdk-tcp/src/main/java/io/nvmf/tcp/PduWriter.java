package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Puts PDUs onto the connection. Headers, padding and digests are written into a pooled slab, so that consecutive PDUs
 * without data leave as one buffer; data leaves as a retained slice of its own, neither copied nor merged. Nothing is flushed
 * here: that happens once per turn of the event loop.
 *
 * <p>A PDU is written as {@link #begin}, the fields behind the common header by the caller, {@link #end}, then
 * {@link #data} if it has any.
 */
final class PduWriter {

    /** Size of the slab in bytes: headers of some 400 commands. */
    private static final int SLAB = 32 * 1024;

    /** More than the largest header with digest, padding and the digest of the data before. */
    private static final int RESERVE = 512;

    private final boolean controller;
    private final ChannelHandlerContext ctx;
    private final Crc32cDigest digest = new Crc32cDigest();

    private ConnectionParameters parameters = ConnectionParameters.INITIAL;
    private ByteBuf slab;
    private int emitted;
    private boolean pending;

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
    int begin(int type, int flags, int dataLength) {
        ensureRoom();
        header = slab.writerIndex();
        headerLength = Pdu.headerLength(type);
        int fullHeader = headerLength + parameters.headerDigestLength();
        int allFlags = flags | (parameters.headerDigest() ? Pdu.HDGSTF : 0);
        int length = fullHeader;
        dataOffset = 0;
        if (dataLength > 0) {
            dataOffset = Pdu.roundUp(fullHeader, parameters.transmitAlignment());
            length = dataOffset + dataLength + parameters.dataDigestLength();
            allFlags |= parameters.dataDigest() ? Pdu.DDGSTF : 0;
        }
        Pdu.encodeCommonHeader(slab, header, type, allFlags, headerLength, dataOffset, length);
        return header;
    }

    /** Ends the header: its digest, and padding up to the data. */
    void end() {
        int at = header + headerLength;
        if (parameters.headerDigest()) {
            slab.setIntLE(at, digest.of(slab, header, headerLength));
            at += Pdu.DIGEST;
        }
        if (dataOffset > 0) {
            slab.setZero(at, header + dataOffset - at);
            at = header + dataOffset;
        }
        slab.writerIndex(at);
    }

    /**
     * Writes the data of the PDU.
     *
     * @param data retained as long as the connection needs it
     * @param index first byte
     * @param length number of bytes, at least 1
     * @param promise completed when the bytes have been written to the socket, or null
     */
    void data(ByteBuf data, int index, int length, @Nullable ChannelPromise promise) {
        emitHeaders();
        ByteBuf slice = data.retainedSlice(index, length);
        if (parameters.dataDigest()) {
            // Over the slice, which is this thread's alone: others may be sending the same memory.
            slab.writeIntLE(digest.of(slice, 0, length));
        }
        pending = true;
        ctx.write(slice, promise == null ? ctx.voidPromise() : promise);
    }

    /** Index that the next {@link #begin} will return, for callers whose data length depends on fields they write first. */
    int reserve() {
        ensureRoom();
        return slab.writerIndex();
    }

    /** ICReq or ICResp; index of 128 bytes in {@link #buffer()} that are the caller's to fill. */
    int initialization() {
        ensureRoom();
        int index = slab.writerIndex();
        slab.writerIndex(index + Pdu.IC_LENGTH);
        return index;
    }

    void termReq(ProtocolViolation violation, ByteBuffer offendingHeader) {
        ensureRoom();
        int index = slab.writerIndex();
        TermReq.encode(controller, violation, offendingHeader, slab, index);
        slab.writerIndex(index + TermReq.length(offendingHeader));
    }

    /** A promise for everything written so far, to be given to {@link #flush}. */
    ChannelPromise promise() {
        return ctx.newPromise();
    }

    /**
     * Hands everything written to the socket.
     *
     * @param promise completed when all of it has been written, or null
     */
    void flush(@Nullable ChannelPromise promise) {
        if (promise != null && slab.writerIndex() == emitted) {
            ctx.write(slab.retainedSlice(emitted, 0), promise);
        } else {
            emitHeaders(promise);
        }
        pending = false;
        ctx.flush();
    }

    /** Frees the slab; what was written stays on its way. */
    void release() {
        slab.release();
    }

    private void ensureRoom() {
        if (slab.maxCapacity() - slab.writerIndex() >= RESERVE) {
            return;
        }
        emitHeaders();
        if (slab.refCnt() > 1) {
            slab.release();
            slab = ctx.alloc().directBuffer(SLAB, SLAB);
        } else {
            slab.clear();
        }
        emitted = 0;
    }

    private void emitHeaders() {
        emitHeaders(null);
    }

    private void emitHeaders(@Nullable ChannelPromise promise) {
        int length = slab.writerIndex() - emitted;
        if (length > 0) {
            ByteBuf slice = slab.retainedSlice(emitted, length);
            emitted = slab.writerIndex();
            pending = true;
            ctx.write(slice, promise == null ? ctx.voidPromise() : promise);
        }
    }
}
