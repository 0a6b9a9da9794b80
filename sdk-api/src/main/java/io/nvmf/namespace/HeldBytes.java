package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * The bytes of a read stream that are somewhere: in a command, waiting for their turn, or emitted and not released. The
 * event loop of the stream adds, so only it can reach the limit; whoever releases a buffer last subtracts, on any
 * thread, and wakes the stream if that is what it waits for.
 */
final class HeldBytes {

    private static final AtomicLongFieldUpdater<HeldBytes> HELD =
            AtomicLongFieldUpdater.newUpdater(HeldBytes.class, "held");

    private final EventLoopDrain stream;
    private final long limit;

    private volatile long held;

    /** What the next command needs while the stream waits for it, else 0. Written by the event loop of the stream. */
    private volatile int wanted;

    /**
     * @param stream is signalled when there is room for what it waits for
     * @param limit bytes; a single command may be larger if it is alone
     */
    HeldBytes(EventLoopDrain stream, long limit) {
        this.stream = stream;
        this.limit = limit;
    }

    /**
     * Takes room for a command. If there is none, the stream is signalled as soon as there is. On its event loop.
     *
     * @return whether there was room
     */
    boolean take(int bytes) {
        if (!fits(held, bytes)) {
            // Said before looking again: whoever releases from here on sees it.
            wanted = bytes;
            if (!fits(held, bytes)) {
                return false;
            }
        }
        if (wanted != 0) {
            wanted = 0;
        }
        HELD.addAndGet(this, bytes);
        return true;
    }

    private boolean fits(long now, int bytes) {
        return now == 0 || bytes <= limit - now;
    }

    /** Gives back room. Any thread. */
    void giveBack(int bytes) {
        long now = HELD.addAndGet(this, -bytes);
        int waitsFor = wanted;
        if (waitsFor != 0 && fits(now, waitsFor)) {
            stream.signal();
        }
    }

    /** The stream takes nothing any more, so nobody has to wake it. On its event loop. */
    void takesNoMore() {
        wanted = 0;
    }

    /** Whether the stream waits for somebody to release a buffer: no longer once it was, though it knows later. */
    boolean isAwaited() {
        int waitsFor = wanted;
        return waitsFor != 0 && !fits(held, waitsFor);
    }

    /** Bytes held. Any thread. */
    long bytes() {
        return held;
    }

    long limit() {
        return limit;
    }

    /** The same data as a buffer that gives back its room when it is released by the last who has it. */
    ByteBuf emitted(ByteBuf data, int bytes) {
        return new CountedByteBuf(data, this, bytes);
    }
}
