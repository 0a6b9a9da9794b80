package io.nvmf.spring.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;

/**
 * The memory of a buffer that is not Netty's, as a buffer of Netty. The other one is released when this is, so a pool
 * gets its memory back when nobody reads it any more.
 */
final class BorrowedMemory extends CompositeByteBuf {

    private final DataBuffer owner;
    private final DataBuffer.ByteBufferIterator parts;

    private BorrowedMemory(DataBuffer owner, DataBuffer.ByteBufferIterator parts) {
        super(ByteBufAllocator.DEFAULT, false, Integer.MAX_VALUE);
        this.owner = owner;
        this.parts = parts;
    }

    /** Takes over the buffer. */
    static ByteBuf of(DataBuffer buffer) {
        BorrowedMemory memory = new BorrowedMemory(buffer, buffer.readableByteBuffers());
        while (memory.parts.hasNext()) {
            ByteBuffer part = memory.parts.next();
            memory.addComponent(true, Unpooled.wrappedBuffer(part));
        }
        return memory;
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        parts.close();
        DataBufferUtils.release(owner);
    }
}
