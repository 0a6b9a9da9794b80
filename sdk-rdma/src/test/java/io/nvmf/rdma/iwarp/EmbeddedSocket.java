package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;

/** Reads into the buffers that a connection names, as a channel reads its socket. */
final class EmbeddedSocket {

    private final EmbeddedChannel channel;
    private final RecvByteBufAllocator.ExtendedHandle handle;

    /** Bytes that were read into the memory that they are for. */
    private int straight;

    EmbeddedSocket(EmbeddedIwarp iwarp) {
        channel = iwarp.channel;
        handle = (RecvByteBufAllocator.ExtendedHandle)
                channel.config().getRecvByteBufAllocator().newHandle();
    }

    int straight() {
        return straight;
    }

    /** These bytes are in the socket, which is read until it is empty. */
    EmbeddedSocket arrive(byte[] bytes, int from, int to) {
        handle.reset(channel.config());
        int at = from;
        while (at < to && channel.isOpen()) {
            ByteBuf buffer = handle.allocate(channel.alloc());
            // A part of other memory cannot grow, a buffer of the allocator's can.
            boolean lent = buffer.maxCapacity() == buffer.capacity();
            int n = Math.min(buffer.writableBytes(), to - at);
            handle.attemptedBytesRead(buffer.writableBytes());
            handle.lastBytesRead(n);
            buffer.writeBytes(bytes, at, n);
            straight += lent ? n : 0;
            at += n;
            channel.pipeline().fireChannelRead(buffer);
        }
        handle.readComplete();
        channel.pipeline().fireChannelReadComplete();
        channel.runPendingTasks();
        return this;
    }

    EmbeddedSocket arrive(byte[] bytes) {
        return arrive(bytes, 0, bytes.length);
    }
}
