package io.nvmf.tcp.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What was written and is not in a record yet. Writes are put together into records as large as they can be, and
 * records into buffers, whatever the size of the writes. Event loop only.
 */
final class PlainWrites {

    /** Most data of a record. */
    private static final int MOST_IN_RECORD = 1 << 14;

    /** Most data that is sealed into one buffer. */
    static final int MOST_TOGETHER = 8 * MOST_IN_RECORD;

    /** Header, type of content and tag. */
    private static final int RECORD_OVERHEAD = RecordAssembler.HEADER + 1 + 16;

    private final ArrayDeque<ByteBuf> buffers = new ArrayDeque<>();
    private final ArrayDeque<ChannelPromise> promises = new ArrayDeque<>();
    private final byte[] record = new byte[MOST_IN_RECORD];
    private long pending;

    void add(ByteBuf bytes, ChannelPromise promise) {
        buffers.add(bytes);
        promises.add(promise);
        pending += bytes.readableBytes();
    }

    /** Bytes that wait. */
    long pending() {
        return pending;
    }

    /** Whether nothing waits, not even an empty buffer. */
    boolean isEmpty() {
        return buffers.isEmpty();
    }

    /** What the next buffer will hold. */
    Sent begin() {
        return new Sent((int) Math.min(pending, MOST_TOGETHER));
    }

    /**
     * Seals as much as {@link #begin} said.
     *
     * @param engine makes the records
     * @param to gets them
     * @param sent gets the promises of all writes whose last byte is among them
     */
    void seal(Engine engine, ByteBuf to, Sent sent) throws IOException {
        int left = sent.length;
        do {
            int length = gather(Math.min(left, MOST_IN_RECORD), sent);
            left -= length;
            if (length > 0) {
                engine.write(record, length);
                engine.drain(to);
            }
        } while (left > 0);
    }

    /** Moves data into the array; also takes the empty writes that come behind it. */
    private int gather(int most, Sent sent) {
        int at = 0;
        ByteBuf next;
        while ((next = buffers.peek()) != null && (at < most || !next.isReadable())) {
            int length = Math.min(most - at, next.readableBytes());
            next.readBytes(record, at, length);
            at += length;
            pending -= length;
            if (!next.isReadable()) {
                sent.promises.add(promises.remove());
                buffers.remove().release();
            }
        }
        return at;
    }

    /** None of them will leave. */
    void fail(Throwable cause) {
        ByteBuf next;
        while ((next = buffers.poll()) != null) {
            next.release();
            promises.remove().tryFailure(cause);
        }
        pending = 0;
    }

    /** Writes that leave together. */
    static final class Sent implements ChannelFutureListener {

        private final int length;
        private final List<ChannelPromise> promises = new ArrayList<>(4);

        private Sent(int length) {
            this.length = length;
        }

        boolean isEmpty() {
            return length == 0;
        }

        int sealedLength() {
            return length + (length + MOST_IN_RECORD - 1) / MOST_IN_RECORD * RECORD_OVERHEAD;
        }

        /** Tells the writes of their end when it is written. */
        ChannelPromise promise(ChannelHandlerContext context) {
            if (promises.size() == 1 && !promises.get(0).isVoid()) {
                return promises.get(0);
            }
            return context.newPromise().addListener(this);
        }

        @Override
        public void operationComplete(ChannelFuture future) {
            if (future.isSuccess()) {
                promises.forEach(ChannelPromise::trySuccess);
            } else {
                failed(future.cause());
            }
        }

        void failed(Throwable cause) {
            promises.forEach(promise -> promise.tryFailure(cause));
        }
    }
}
