package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.nvmf.transport.support.ReadSize;
import org.jspecify.annotations.Nullable;

/**
 * Where a connection is read into: the rest of a large payload into the very memory that it is for, everything else into
 * pooled buffers whose size follows the traffic within bounds. While large payload comes, those are small, since all
 * they have to hold is what is between. With a handler between the socket and the connection, for encryption say,
 * nothing is read into the memory itself. Event loop only.
 */
final class ReceiveBuffers extends DefaultMaxMessagesRecvByteBufAllocator {

    /** For headers, and for connections on which little happens. */
    static final int LEAST = 2 * 1024;

    /** The largest that the pooled allocator keeps in the cache of the thread. */
    static final int MOST = 32 * 1024;

    /** Where a read that is over before its call returns is not to be had. */
    private static final int MOST_OTHERWISE = 128 * 1024;

    /** Reads in one turn, so that there is time for writing. */
    private static final int READS = 8;

    private @Nullable Inbound inbound;
    private @Nullable ChannelHandlerContext place;

    ReceiveBuffers() {
        super(READS);
    }

    /**
     * Makes a channel use such buffers, if its reads are over when they return: memory that an asynchronous read may
     * write to cannot be lent for it.
     */
    static void install(Channel channel) {
        boolean synchronous = channel instanceof EpollSocketChannel || channel instanceof NioSocketChannel;
        RecvByteBufAllocator buffers =
                synchronous ? new ReceiveBuffers() : new AdaptiveRecvByteBufAllocator(LEAST, MOST, MOST_OTHERWISE);
        channel.config().setRecvByteBufAllocator(buffers);
    }

    /** From now on a handler takes what is read from its channel. */
    static void use(ChannelHandlerContext place, Inbound inbound) {
        if (place.channel().config().getRecvByteBufAllocator() instanceof ReceiveBuffers buffers) {
            buffers.place = place;
            buffers.inbound = inbound;
        }
    }

    /** Null while somebody stands in front, who may decrypt, change or keep what is read. Asked for every read. */
    private @Nullable Inbound first() {
        ChannelHandlerContext own = place;
        return own != null && own.pipeline().firstContext() == own ? inbound : null;
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
            Inbound reader = first();
            ByteBuf destination = reader == null ? null : reader.lend();
            lent = destination != null;
            return destination != null ? destination : allocator.directBuffer(guess());
        }

        @Override
        public int guess() {
            Inbound reader = first();
            return reader != null && reader.isBulk() ? LEAST : size.get();
        }

        @Override
        public void lastBytesRead(int bytes) {
            super.lastBytesRead(bytes);
            if (!lent && bytes > 0) {
                size.read(bytes, bytes == attemptedBytesRead() && bytes >= size.get());
            }
        }

        @Override
        public void readComplete() {
            size.turnOver();
        }
    }
}
