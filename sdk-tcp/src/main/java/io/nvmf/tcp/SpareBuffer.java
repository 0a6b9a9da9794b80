package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * A little memory that each event loop keeps for reading while the allocator has none left. With it, responses and keep
 * alive go on, so that missing memory ends the commands that need some, and no connection.
 *
 * <p>It is enough because {@link PduReader} keeps nothing of what it has read: data goes to memory that was there
 * before the data came. Only while a connection {@linkplain TcpConnection#pause pauses}, and keeps input, may the spare
 * buffer be in use.
 */
final class SpareBuffer {

    /** Freed by the garbage collector, as an event loop may end without a word to its thread's variables. */
    private static final UnpooledByteBufAllocator MEMORY = new UnpooledByteBufAllocator(true, true, false);

    private static final FastThreadLocal<ByteBuf> OF_THIS_LOOP = new FastThreadLocal<>() {
        @Override
        protected ByteBuf initialValue() {
            return MEMORY.directBuffer(ReceiveBuffers.LEAST, ReceiveBuffers.LEAST);
        }
    };

    private SpareBuffer() {}

    /** Sets the memory of the calling event loop aside, unless that was done before. */
    static void reserve() {
        OF_THIS_LOOP.get();
    }

    /**
     * Lends the memory of the calling event loop.
     *
     * @param exhausted why the allocator does not do
     * @return an empty buffer, the receiver's to release
     * @throws OutOfMemoryError the given one, while the memory is still lent
     */
    static ByteBuf lend(OutOfMemoryError exhausted) {
        ByteBuf spare = OF_THIS_LOOP.get();
        if (spare.refCnt() > 1) {
            throw exhausted;
        }
        return spare.retainedDuplicate().clear();
    }
}
