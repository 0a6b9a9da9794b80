package io.nvmf.rdma.testing;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaCompletion;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.transport.support.CallBacks;
import org.jspecify.annotations.Nullable;

/** A message, write or read of one end, from its call to its completion. Event loop only. */
final class MemoryOperation {

    enum Kind {
        SEND,
        WRITE,
        READ
    }

    final Kind kind;

    /** What leaves, or for a read where it goes; a reference of its own. */
    private final ByteBuf memory;

    private final @Nullable ByteBuf more;
    private final RdmaCompletion completion;

    /** First byte and bytes of a read. */
    final int index;

    final int length;

    /** Where the peer has its bytes. */
    final long address;

    /** The window, or for a message the window that it invalidates. */
    final int key;

    private MemoryOperation(
            Kind kind,
            ByteBuf memory,
            @Nullable ByteBuf more,
            int index,
            int length,
            long address,
            int key,
            RdmaCompletion completion) {
        this.kind = kind;
        this.memory = memory;
        this.more = more;
        this.index = index;
        this.length = length;
        this.address = address;
        this.key = key;
        this.completion = completion;
    }

    static MemoryOperation send(ByteBuf header, @Nullable ByteBuf data, int invalidate, RdmaCompletion completion) {
        int length = header.readableBytes() + (data == null ? 0 : data.readableBytes());
        return new MemoryOperation(Kind.SEND, header, data, 0, length, 0, invalidate, completion);
    }

    static MemoryOperation write(ByteBuf data, long address, int key, RdmaCompletion completion) {
        return new MemoryOperation(Kind.WRITE, data, null, 0, data.readableBytes(), address, key, completion);
    }

    static MemoryOperation read(
            ByteBuf memory, int index, int length, long address, int key, RdmaCompletion completion) {
        return new MemoryOperation(Kind.READ, memory.retain(), null, index, length, address, key, completion);
    }

    /** A copy of what leaves. */
    byte[] bytes() {
        byte[] bytes = new byte[length];
        int first = memory.readableBytes();
        memory.getBytes(memory.readerIndex(), bytes, 0, first);
        if (more != null) {
            more.getBytes(more.readerIndex(), bytes, first, length - first);
        }
        return bytes;
    }

    /** What a read has brought. */
    void place(byte[] bytes) {
        memory.setBytes(index, bytes);
    }

    /** Gives the memory back and tells; once. */
    void complete(@Nullable RdmaException failure) {
        memory.release();
        if (more != null) {
            more.release();
        }
        CallBacks.guarded(() -> completion.completed(failure));
    }
}
