package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.nvmf.transport.support.ReadSize;

/**
 * Where a connection is read into: much data into the very memory it is for, everything else into pooled buffers whose
 * size follows the traffic within bounds. While bulk data comes, those are small, since all they have to hold is the
 * headers between. With a handler between the socket and the reader, for encryption say, no memory of a command is read
 * into. While the allocator has no memory, reading goes on in small pieces.
 */
final class ReceiveBuffers extends DefaultMaxMessagesRecvByteBufAllocator {

    /** For headers, and for connections on which little happens. */
    static final int LEAST = 2 * 1024;

    /**
     * The largest that the pooled allocator keeps in the cache of the thread, and that stays in the processor's until
     * it is used.
     */
    static final int MOST = 32 * 1024;

    /**
     * Reads in one turn. What they bring is answered with one flush; but a peer that sends bulk data as fast as it is
     * read would never hear of the next command before it has nothing left to send.
     */
    private static final int READS = 8;

    private final PduReader reader;

    ReceiveBuffers(PduReader reader) {
        super(READS);
        this.reader = reader;
    }

    /**
     * Makes a connection use these buffers, if its reads are over when they return: memory that an asynchronous read
     * may write to cannot be lent for it.
     */
    static void install(Channel channel, PduReader reader) {
        if (channel instanceof EpollSocketChannel || channel instanceof NioSocketChannel) {
            SpareBuffer.reserve();
            channel.config().setRecvByteBufAllocator(new ReceiveBuffers(reader));
        }
    }

    @Override
    public MaxMessageHandle newHandle() {
        return new AdaptiveHandle();
    }

    private final class AdaptiveHandle extends MaxMessageHandle {

        private final ReadSize size = new ReadSize(LEAST, MOST);
        private boolean lent;

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            ByteBuf destination = reader.lend();
            lent = destination != null;
            return destination != null ? destination : buffer(allocator);
        }

        private ByteBuf buffer(ByteBufAllocator allocator) {
            try {
                return allocator.directBuffer(guess());
            } catch (OutOfMemoryError exhausted) { // what has arrived may be the answer that frees memory
                return SpareBuffer.lend(exhausted);
            }
        }

        @Override
        public int guess() {
            return reader.isBulk() ? LEAST : size.get();
        }

        @Override
        public void lastBytesRead(int bytes) {
            super.lastBytesRead(bytes);
            if (!lent && bytes > 0) {
                size.read(bytes, bytes == attemptedBytesRead());
            }
        }

        @Override
        public void readComplete() {
            size.turnOver();
        }
    }
}
