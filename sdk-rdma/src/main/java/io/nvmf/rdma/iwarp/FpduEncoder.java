package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.nvmf.rdma.spi.RdmaConnection;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes FPDUs to the channel. Headers, trailers and the short first part of a message are written into a slab, so that
 * the trailer of one FPDU and the header of the next leave as one piece; data leaves as retained slices and is never
 * copied. What was written since the last {@link #flush} is one batch, which the socket takes in gathering writes.
 */
final class FpduEncoder {

    /** Of an operation up to this many bytes the payload is copied, which costs less than a piece of its own. */
    private static final int MOST_COPIED = 8 * 1024;

    /** Enough for headers, and what a connection has while it is idle. */
    private static final int SLAB = 16 * 1024;

    /** For more: the largest that the pooled allocator keeps in the cache of the thread. */
    private static final int LARGE_SLAB = 32 * 1024;

    /** Whatever one FPDU may put into the slab besides its payload. */
    private static final int ROOM = DdpHeader.UNTAGGED_LENGTH + Fpdu.MOST_TRAILER;

    private static final byte[] PADDING = new byte[3];

    private final ChannelHandlerContext context;
    private final boolean checked;
    private final int ulpdu;
    private final CRC32C crc = new CRC32C();

    private @Nullable ByteBuf slab;

    /** Bytes of the slab that the channel has got. */
    private int given;

    private int start;
    private int segmentLength;
    private int messages;
    private int reads;

    /**
     * Creates an encoder.
     *
     * @param context where to write to
     * @param checked whether CRCs are computed
     * @param ulpdu bytes of a DDP segment at most
     */
    FpduEncoder(ChannelHandlerContext context, boolean checked, int ulpdu) {
        this.context = context;
        this.checked = checked;
        this.ulpdu = ulpdu;
    }

    /**
     * The next segment of a message.
     *
     * @return bytes of payload
     */
    int send(Operation message) {
        int from = message.done;
        int n = Math.min(message.total() - from, mostUntagged());
        if (from == 0) {
            messages++;
        }
        boolean last = from + n == message.total();
        int opcode = message.key == RdmaConnection.NO_KEY ? DdpHeader.SEND : DdpHeader.SEND_INVALIDATE;
        boolean small = message.total() <= MOST_COPIED;
        int first = Math.max(0, Math.min(message.headerLength() - from, n));
        ByteBuf out = untagged(opcode, n, last, small ? n : first);
        out.writeInt(message.key)
                .writeInt(DdpHeader.SEND_QUEUE)
                .writeInt(messages)
                .writeInt(from);
        headerDone(out);
        ByteBuf header = message.header;
        if (header != null && first > 0) {
            firstPart(out, header, header.readerIndex() + from, first);
        }
        ByteBuf data = message.data;
        if (data != null && first < n) {
            payload(out, data, message.index + from + first - message.headerLength(), n - first, small, message, null);
        }
        end(out);
        return n;
    }

    /**
     * The next segment of a write.
     *
     * @return bytes of payload
     */
    int write(Operation write) {
        ByteBuf data = write.data;
        int n = Math.min(write.length - write.done, mostTagged());
        boolean last = write.done + n == write.length;
        boolean small = write.length <= MOST_COPIED;
        ByteBuf out = tagged(DdpHeader.WRITE, n, last, write.key, write.address + write.done, small);
        if (data != null) {
            payload(out, data, write.index + write.done, n, small, write, null);
        }
        end(out);
        return n;
    }

    /** A write of nothing, which says that this side is there. Its STag is not 0 because some hardware refuses that. */
    void emptyWrite() {
        end(tagged(DdpHeader.WRITE, 0, true, 1, 0, true));
    }

    /**
     * The next segment of an answer to a read of the peer.
     *
     * @return bytes of payload
     */
    int readResponse(ReadResponse response) {
        int n = Math.min(response.left(), mostTagged());
        boolean last = n == response.left();
        Window window = response.window();
        ReadRequest request = response.request();
        boolean small = request.length() <= MOST_COPIED;
        ByteBuf out = tagged(DdpHeader.READ_RESPONSE, n, last, request.sinkKey(), response.sinkOffset(), small);
        if (window != null && n > 0) {
            payload(out, window.memory(), response.index(), n, small, null, window);
        }
        end(out);
        return n;
    }

    /** Asks for memory of the peer. */
    void readRequest(ReadRequest request) {
        reads++;
        ByteBuf out = untagged(DdpHeader.READ_REQUEST, ReadRequest.LENGTH, true, ReadRequest.LENGTH);
        out.writeInt(0).writeInt(DdpHeader.READ_QUEUE).writeInt(reads).writeInt(0);
        request.encode(out);
        headerDone(out);
        end(out);
    }

    /** Says what the peer did wrong; the last that is sent. */
    void terminate(TerminateError error, @Nullable DdpHeader header, byte @Nullable [] readRequest) {
        ByteBuf out = untagged(DdpHeader.TERMINATE, 0, true, TerminateMessage.MOST);
        int lengthAt = start;
        out.writeInt(0).writeInt(DdpHeader.TERMINATE_QUEUE).writeInt(1).writeInt(0);
        int payload = out.writerIndex();
        TerminateMessage.encode(out, error, header, readRequest);
        segmentLength += out.writerIndex() - payload;
        out.setShort(lengthAt, segmentLength);
        headerDone(out);
        end(out);
    }

    /**
     * Gives the batch to the socket.
     *
     * @return whether the socket has taken it, and everything before
     */
    boolean flush() {
        ByteBuf out = slab;
        if (out != null) {
            give(out);
        }
        context.flush();
        ChannelOutboundBuffer outbound = context.channel().unsafe().outboundBuffer();
        // A handler between here and the socket may keep things back.
        boolean taken =
                outbound != null && outbound.isEmpty() && context.pipeline().firstContext() == context;
        if (taken) {
            reuse();
        }
        return taken;
    }

    /** The promise completes when the socket has taken everything that was flushed. */
    void tell(ChannelPromise promise) {
        context.writeAndFlush(Unpooled.EMPTY_BUFFER, promise);
    }

    /** Frees the slab; what was written stays on its way. */
    void release() {
        ByteBuf present = slab;
        if (present != null) {
            slab = null;
            present.release();
        }
    }

    private int mostTagged() {
        return ulpdu + DdpHeader.LENGTH_FIELD - DdpHeader.TAGGED_LENGTH;
    }

    private int mostUntagged() {
        return ulpdu + DdpHeader.LENGTH_FIELD - DdpHeader.UNTAGGED_LENGTH;
    }

    private ByteBuf tagged(int opcode, int payload, boolean last, int stag, long offset, boolean small) {
        ByteBuf out = begin(DdpHeader.TAGGED, opcode, DdpHeader.TAGGED_LENGTH, payload, last, small ? payload : 0);
        out.writeInt(stag).writeLong(offset);
        headerDone(out);
        return out;
    }

    private ByteBuf untagged(int opcode, int payload, boolean last, int copied) {
        return begin(0, opcode, DdpHeader.UNTAGGED_LENGTH, payload, last, Math.min(copied, MOST_COPIED));
    }

    private ByteBuf begin(int kind, int opcode, int headerLength, int payload, boolean last, int copied) {
        ByteBuf out = room(copied);
        start = out.writerIndex();
        segmentLength = headerLength - DdpHeader.LENGTH_FIELD + payload;
        return out.writeShort(segmentLength)
                .writeByte(kind | DdpHeader.DDP_VERSION | (last ? DdpHeader.LAST : 0))
                .writeByte(DdpHeader.RDMAP_VERSION | opcode);
    }

    private ByteBuf room(int copied) {
        ByteBuf present = slab;
        if (present != null && present.writableBytes() >= ROOM + copied) {
            return present;
        }
        int size = present == null ? SLAB : LARGE_SLAB;
        ByteBuf fresh = context.alloc().directBuffer(size, size);
        if (present != null) {
            give(present);
            present.release();
        }
        slab = fresh;
        given = 0;
        return fresh;
    }

    /** Where the socket has taken everything, the slab is written to again from its beginning, or given up if it is large. */
    void reuse() {
        ByteBuf present = slab;
        if (present == null || present.writerIndex() > given || present.refCnt() > 1) {
            return;
        }
        given = 0;
        if (present.capacity() > SLAB) {
            slab = null;
            present.release();
        } else {
            present.clear();
        }
    }

    private void headerDone(ByteBuf out) {
        if (checked) {
            crc.reset();
            Fpdu.update(crc, out, start, out.writerIndex() - start);
        }
    }

    private void firstPart(ByteBuf out, ByteBuf part, int index, int length) {
        if (length <= MOST_COPIED) {
            copy(out, part, index, length);
            return;
        }
        if (checked) {
            ByteBuf view = part.slice(index, length); // another thread may use the buffer
            Fpdu.update(crc, view, 0, length);
        }
        share(out, part, index, length);
    }

    /** Data of one of both. */
    private void payload(
            ByteBuf out,
            ByteBuf data,
            int index,
            int length,
            boolean small,
            @Nullable Operation operation,
            @Nullable Window window) {
        if (small) {
            copy(out, data, index, length);
            return;
        }
        if (checked && window != null) {
            window.update(crc, index, length);
        } else if (checked && operation != null) {
            operation.update(crc, index, length);
        }
        share(out, data, index, length);
    }

    private void copy(ByteBuf out, ByteBuf data, int index, int length) {
        int at = out.writerIndex();
        out.writeBytes(data, index, length);
        if (checked) {
            Fpdu.update(crc, out, at, length);
        }
    }

    private void share(ByteBuf out, ByteBuf data, int index, int length) {
        give(out);
        context.write(data.retainedSlice(index, length), context.voidPromise());
    }

    private void end(ByteBuf out) {
        int padding = Fpdu.padding(segmentLength);
        out.writeZero(padding);
        if (checked) {
            crc.update(PADDING, 0, padding);
        }
        out.writeIntLE(checked ? (int) crc.getValue() : 0);
    }

    private void give(ByteBuf out) {
        if (out.writerIndex() > given) {
            context.write(next(out), context.voidPromise());
        }
    }

    private ByteBuf next(ByteBuf out) {
        ByteBuf slice = out.retainedSlice(given, out.writerIndex() - given);
        given = out.writerIndex();
        return slice;
    }
}
