package io.nvmf.rdma.testing;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaReceiver;
import io.nvmf.transport.support.CallBacks;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What one end tells its receiver, and what waits until there is one. Event loop only. */
final class MemoryDeliveries {

    private record Message(ByteBuf bytes, int invalidated) {}

    private final MemoryMessages places;
    private final Queue<Message> undelivered = new ArrayDeque<>();
    private @Nullable RdmaReceiver receiver;
    private boolean over;

    MemoryDeliveries(int receives) {
        this.places = new MemoryMessages(receives);
    }

    void receiver(RdmaReceiver named) {
        if (receiver != null) {
            throw new IllegalStateException("there is a receiver already");
        }
        receiver = named;
    }

    /** Takes a place. False if there is none. */
    boolean add(byte[] message, int invalidated) {
        ByteBuf place = places.take(message);
        return place != null && undelivered.add(new Message(place, invalidated));
    }

    void deliver() {
        RdmaReceiver to = receiver;
        while (to != null) {
            Message next = undelivered.poll();
            if (next == null) {
                return;
            }
            CallBacks.guarded(() -> to.received(next.bytes, next.invalidated));
        }
    }

    void writableChanged() {
        if (receiver != null && !over) {
            CallBacks.guarded(receiver::writableChanged);
        }
    }

    /** Delivers nothing more. */
    void drop() {
        for (Message next = undelivered.poll(); next != null; next = undelivered.poll()) {
            next.bytes.release();
        }
    }

    /** The last call, once. */
    void ended(RdmaEnd how) {
        RdmaReceiver to = receiver;
        if (to != null && !over) {
            over = true;
            CallBacks.guarded(() -> to.ended(how));
        }
    }
}
