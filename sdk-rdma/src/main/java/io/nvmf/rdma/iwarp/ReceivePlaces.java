package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the messages for which there is a place. A message has one from its first byte on until its buffer is released,
 * on whatever thread.
 */
final class ReceivePlaces {

    private final AtomicInteger free;

    ReceivePlaces(int places) {
        free = new AtomicInteger(places);
    }

    /** Takes a place; event loop only. False if there is none. */
    boolean take() {
        if (free.get() == 0) {
            return false;
        }
        free.decrementAndGet();
        return true;
    }

    /** Any thread. */
    void giveBack() {
        free.incrementAndGet();
    }

    /**
     * The message for its receiver.
     *
     * @param memory of one piece, the result's from now on
     * @param length bytes of the message
     * @return gives memory and place back when it is released
     */
    ByteBuf message(ByteBuf memory, int length) {
        return new Message(this, memory, length);
    }

    /** A view of pooled memory that tells when nobody needs it any more. */
    private static final class Message extends UnpooledDirectByteBuf {

        private final ReceivePlaces places;
        private final ByteBuf memory;

        Message(ReceivePlaces places, ByteBuf memory, int length) {
            super(memory.alloc(), memory.nioBuffer(0, length), length);
            this.places = places;
            this.memory = memory;
        }

        @Override
        protected void deallocate() {
            super.deallocate();
            memory.release();
            places.giveBack();
        }
    }
}
