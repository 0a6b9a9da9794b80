package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Counts the messages for which there is a place. A message has one from its first byte on until its receiver has released
 * it, on whatever thread: a reference is kept here, and when the next message comes it is looked whether it is the last. Event
 * loop only.
 */
final class ReceivePlaces {

    /** Delivered, and not released when their receiver returned. */
    private final ArrayDeque<ByteBuf> kept = new ArrayDeque<>();

    private int free;

    ReceivePlaces(int places) {
        free = places;
    }

    /** Takes a place; false if there is none. */
    boolean take() {
        if (!kept.isEmpty()) {
            collect();
        }
        if (free == 0) {
            return false;
        }
        free--;
        return true;
    }

    /** Of a message that was not delivered. */
    void giveBack() {
        free++;
    }

    /** A message has been delivered; consumes a reference of the caller's. */
    void delivered(ByteBuf message) {
        if (message.refCnt() == 1) {
            message.release();
            free++;
        } else {
            kept.add(message);
        }
    }

    private void collect() {
        for (Iterator<ByteBuf> all = kept.iterator(); all.hasNext(); ) {
            ByteBuf message = all.next();
            if (message.refCnt() == 1) {
                all.remove();
                message.release();
                free++;
            }
        }
    }

    /** Nothing is received any more: what was delivered is the receiver's alone. */
    void close() {
        kept.forEach(ByteBuf::release);
        kept.clear();
    }
}
