package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
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
 * Writes PDUs to the connection. Headers, padding, digests and data up to {@link #MOST_COPIED} bytes are written into a
 * slab, so that consecutive PDUs without more data leave as one buffer: a small copy costs less than a buffer of its
 * own. More data leaves as a retained slice; it is neither copied nor merged. Nothing is flushed before {@link #flush},
 * which comes once per turn of the event loop.
 *
 * <p>A PDU is written in four steps: {@link #begin}; the fields behind the common header, by the caller; {@link #end};
 * and {@link #data} if it has any. Nothing of a PDU leaves before it is whole. If an exception leaves one unfinished,
 * the next {@link #flush} takes it back.
 */
final class PduWriter {

    /** Data of a PDU up to this many bytes is copied. */
    static final int MOST_COPIED = 8 * 1024;

    private final boolean controller;
    private final OutboundSlab slab;
    private final Crc32cDigest digest = new Crc32cDigest();

    private ConnectionParameters parameters = ConnectionParameters.INITIAL;

    /** A PDU has been begun and is not whole yet. */
    private boolean unfinished;

    private int header;
    private int headerLength;
    private int dataOffset;

    PduWriter(boolean controller, ChannelHandlerContext ctx) {
        this.controller = controller;
        this.slab = new OutboundSlab(ctx);
    }

    void parameters(ConnectionParameters agreed) {
        parameters = agreed;
    }

    /** The buffer to write header fields to, at the index that {@link #begin} returned. */
    ByteBuf buffer() {
        return slab.buffer();
    }

    /** Whether anything was written since the last {@link #flush}. */
    boolean isPending() {
        return slab.isPending();
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
        reserve(dataLength);
        return beginReserved(type, flags, dataLength);
    }

    /**
     * Starts a PDU at the index that {@link #reserve} has returned.
     *
     * @param type the PDU type
     * @param flags flags other than those of digests
     * @param dataLength number of data bytes that {@link #data} will bring, not more than were reserved
     */
    int beginReserved(PduType type, int flags, int dataLength) {
        ByteBuf buffer = slab.buffer();
        unfinished = true;
        header = buffer.writerIndex();
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
        CommonHeader.encode(buffer, header, type, allFlags, dataOffset, length);
        return header;
    }

    /** Ends the header: its digest, and padding up to the data. */
    void end() {
        ByteBuf buffer = slab.buffer();
        int at = header + headerLength;
        if (parameters.headerDigest()) {
            buffer.setIntLE(at, digest.of(buffer, header, headerLength));
            at += Crc32cDigest.LENGTH;
        }
        if (dataOffset > 0) {
            buffer.setZero(at, header + dataOffset - at);
            at = header + dataOffset;
        }
        buffer.writerIndex(at);
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
        if (length <= MOST_COPIED && slab.hasRoom(length + Crc32cDigest.LENGTH)) {
            copy(data, index, length);
        } else {
            share(data, index, length);
        }
    }

    /** The digest is that of the copy, as others may be changing the data, which would only be wrong then. */
    private void copy(ByteBuf data, int index, int length) {
        ByteBuf buffer = slab.buffer();
        int at = buffer.writerIndex();
        buffer.setBytes(at, data, index, length);
        int end = at + length;
        if (parameters.dataDigest()) {
            buffer.setIntLE(end, digest.of(buffer, at, length));
            end += Crc32cDigest.LENGTH;
        }
        buffer.writerIndex(end);
        unfinished = false;
        slab.written();
    }

    private void share(ByteBuf data, int index, int length) {
        // What may fail comes before anything leaves.
        ByteBuf slice = data.retainedSlice(index, length);
        int dataDigest = parameters.dataDigest() ? digest(slice, length) : 0;
        slab.emit();
        unfinished = false;
        if (parameters.dataDigest()) {
            slab.buffer().writeIntLE(dataDigest);
        }
        slab.send(slice);
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
     * Makes room, for callers whose data length depends on fields they write first.
     *
     * @param mostData number of data bytes at most
     * @return the index that {@link #beginReserved} will return
     */
    int reserve(int mostData) {
        slab.reserve(mostData <= MOST_COPIED ? mostData : 0);
        return slab.buffer().writerIndex();
    }

    /** ICReq or ICResp; index of 128 bytes in {@link #buffer()} that are the caller's to fill. */
    int initialization() {
        int index = reserve(0);
        slab.buffer().writerIndex(index + IcReq.LENGTH);
        return index;
    }

    void termReq(ProtocolViolation violation, ByteBuffer offendingHeader) {
        int index = reserve(0);
        TermReq.encode(controller, violation, offendingHeader, slab.buffer(), index);
        slab.buffer().writerIndex(index + TermReq.length(offendingHeader));
    }

    /** Hands everything written to the socket. */
    void flush() {
        if (unfinished) {
            unfinished = false;
            slab.buffer().writerIndex(header);
        }
        slab.flush();
    }

    /** Whether the socket has taken everything there was to flush; if it cannot be told, it has not. */
    boolean isAllTaken() {
        return slab.isAllTaken();
    }

    /** A promise that completes when everything flushed so far has been written to the socket. */
    ChannelPromise promise() {
        return slab.promise();
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
            slab.reserve(0);
            return true;
        } catch (OutOfMemoryError exhausted) {
            return false;
        }
    }
}
