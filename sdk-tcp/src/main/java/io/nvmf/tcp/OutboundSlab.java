package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/**
 * The memory that a connection writes headers and small payloads to, and the way of that memory to the socket. What is
 * written one after another is emitted as one slice. After a flush, memory of which the socket has taken everything is
 * written to again from its beginning.
 *
 * <p>There are three kinds of memory. Each connection has a small buffer of its own, which is all that it keeps while
 * it is idle. If that does not do, it borrows the {@link LoopSlab}. Where this is not to be had, or full, further
 * buffers are allocated. Those are so small that little is held in vain while a slow socket has taken a part of one.
 * While the socket takes nothing, a buffer is filled up before there is another one, so that what a connection holds
 * is in proportion to the data that waits. Event loop only.
 */
final class OutboundSlab implements ChannelFutureListener {

    /** Size in bytes of a connection's own buffer: headers of some 100 commands. A thousand idle connections have it. */
    static final int OWN = 8 * 1024;

    /** Size in bytes of a further buffer: the largest that the pooled allocator keeps in the cache of the thread. */
    static final int FURTHER = 32 * 1024;

    /** Bytes, more than the largest header with digest, padding and the digest of the data before. */
    private static final int RESERVE = 512;

    /** Which memory is written to. */
    private enum Place {
        OWN,
        BORROWED,
        FURTHER
    }

    private final ChannelHandlerContext ctx;
    private final LoopSlab shared;

    private ByteBuf own;

    /** The slab of the event loop while it is here. It need not be written to any more. */
    private @Nullable ByteBuf borrowed;

    /** What is written to. */
    private ByteBuf current;

    private Place place = Place.OWN;

    /** Up to here the current buffer has been given to the channel. */
    private int emitted;

    /** Something was given to the channel since the last flush. */
    private boolean pending;

    /** There was no memory for a further buffer. It is asked for again after the next flush. */
    private boolean exhausted;

    /** A promise will tell that the socket has taken everything up to some flush. */
    private boolean watching;

    /** There was a flush since that one. */
    private boolean flushedSince;

    private boolean released;

    OutboundSlab(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        this.own = ctx.alloc().directBuffer(OWN, OWN);
        this.current = own;
        this.shared = LoopSlab.join();
    }

    /** The buffer to write to, behind its writer index; another one after each {@link #reserve}. */
    ByteBuf buffer() {
        return current;
    }

    /** Whether something was written since the last {@link #flush}. */
    boolean isPending() {
        return pending || current.writerIndex() > emitted;
    }

    /**
     * Makes room for a PDU: always for its headers, and for its data if there is memory.
     *
     * @param data number of bytes that are to be copied behind the headers
     * @throws OutOfMemoryError if there is no room for headers. Nothing has changed then but that everything written
     *     has been emitted.
     */
    void reserve(int data) {
        boolean room = hasRoom(RESERVE);
        if (room && hasRoom(RESERVE + data) && !prefersShared(data)) {
            return;
        }
        if (!grow() && !room) {
            renew();
        }
    }

    /** Whether so many bytes fit in behind what was written. */
    boolean hasRoom(int bytes) {
        return current.maxCapacity() - current.writerIndex() >= bytes;
    }

    /** Others that follow in this turn will need it anyway, and now there is little to take along. */
    private boolean prefersShared(int data) {
        return data > 0 && place == Place.OWN && emitted == 0 && shared.isIdle();
    }

    /** Goes on in a larger buffer, if there is memory for one. */
    private boolean grow() {
        boolean taken = place == Place.OWN;
        if (!taken) {
            emit();
        }
        boolean had = borrowed != null;
        ByteBuf next = memory();
        boolean borrows = !had && borrowed != null;
        if (next == null) {
            return false;
        }
        if (taken) {
            // So it leaves together with what follows.
            next.writeBytes(own, emitted, own.writerIndex() - emitted);
            own.writerIndex(emitted);
        } else {
            abandon();
        }
        current = next;
        place = borrows ? Place.BORROWED : Place.FURTHER;
        emitted = 0;
        return true;
    }

    private @Nullable ByteBuf memory() {
        if (released || exhausted) {
            return null;
        }
        if (borrowed == null) {
            borrowed = shared.lend(ctx.alloc());
            if (borrowed != null) {
                return borrowed;
            }
        }
        try {
            return ctx.alloc().directBuffer(FURTHER, FURTHER);
        } catch (OutOfMemoryError e) { // the own buffer does
            exhausted = true;
            return null;
        }
    }

    /** Goes on in the own buffer, or in one like it. The old one stays if there is no memory for another. */
    private void renew() {
        emit();
        if (place != Place.OWN) {
            abandon();
            returnToOwn();
            if (hasRoom(RESERVE)) {
                return;
            }
        }
        if (own.refCnt() > 1) {
            ByteBuf next = ctx.alloc().directBuffer(OWN, OWN);
            own.release();
            own = next;
            current = next;
        } else {
            own.clear();
        }
        emitted = 0;
    }

    /** Nothing more is written to the current buffer, of which everything is emitted. A borrowed one stays here. */
    private void abandon() {
        if (place == Place.FURTHER) {
            current.release();
        }
    }

    private void returnToOwn() {
        current = own;
        place = Place.OWN;
        if (own.refCnt() == 1) {
            own.clear();
        }
        emitted = own.writerIndex();
    }

    /**
     * A whole PDU with data was written. Bytes that are not emitted do not count for the channel, so if it would not
     * be writable with them, they are.
     */
    void written() {
        long left = ctx.channel().bytesBeforeUnwritable();
        if (left > 0 && current.writerIndex() - emitted >= left) {
            emit();
        }
    }

    /** Gives to the channel what was written. */
    void emit() {
        int length = current.writerIndex() - emitted;
        if (length > 0) {
            ByteBuf slice = current.retainedSlice(emitted, length);
            emitted = current.writerIndex();
            send(slice);
        }
    }

    /** Gives a buffer to the channel, behind what was emitted. The buffer is consumed. */
    void send(ByteBuf bytes) {
        pending = true;
        ctx.write(bytes, ctx.voidPromise());
    }

    /** Hands everything written to the socket. */
    void flush() {
        emit();
        pending = false;
        ctx.flush();
        exhausted = false;
        if (isFlushed()) {
            reuse();
            flushedSince = true;
            watch();
        }
    }

    /** Whether nothing is written that was not flushed: call-backs of a flush may have written the next data. */
    private boolean isFlushed() {
        return !released && !isPending();
    }

    /** Memory that nobody holds any more is free again. */
    private void reuse() {
        if (place == Place.FURTHER && current.refCnt() == 1) {
            current.release();
            returnToOwn();
        }
        ByteBuf slab = borrowed;
        if (slab != null && slab.refCnt() == 1) {
            borrowed = null;
            shared.giveBack(slab);
            if (place == Place.BORROWED) {
                returnToOwn();
            }
        }
        if (place == Place.OWN && own.refCnt() == 1) {
            own.clear();
            emitted = 0;
        }
    }

    /** Makes sure that more than the own buffer is given up, even if nothing is sent any more. */
    private void watch() {
        if (watching || place == Place.OWN && borrowed == null || isAllTaken()) {
            return;
        }
        watching = true;
        flushedSince = false;
        promise().addListener(this);
    }

    @Override
    public void operationComplete(ChannelFuture future) {
        watching = false;
        if (isFlushed()) {
            reuse();
            if (flushedSince) {
                watch();
            }
        }
    }

    /** Whether the socket has taken everything there was to flush; if it cannot be told, it has not. */
    boolean isAllTaken() {
        ChannelOutboundBuffer outbound = ctx.channel().unsafe().outboundBuffer();
        // A handler between here and the socket may keep things back.
        return outbound != null && outbound.isEmpty() && Capturing.isNextToSocket(ctx);
    }

    /** A promise that completes when everything flushed so far has been written to the socket. */
    ChannelPromise promise() {
        ChannelPromise promise = ctx.newPromise();
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER, promise);
        return promise;
    }

    /** Gives up all memory; what was emitted stays on its way. */
    void release() {
        released = true;
        abandon();
        ByteBuf slab = borrowed;
        if (slab != null) {
            borrowed = null;
            shared.giveBack(slab);
        }
        own.release();
        shared.leave();
    }
}
