package io.nvmf.rdma;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaCompletion;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.transport.DataAccount;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What a controller gives to its connection: data at once where the connection takes another operation, else in order,
 * and responses behind it. Event loop only.
 */
final class RemoteWrites {

    private final ControllerRdmaQueuePair queuePair;
    private final Bounce bounce;
    private final int most;
    private final RdmaCompletion responseSent = this::over;
    private final ArrayDeque<Write> waiting = new ArrayDeque<>();

    /** Objects of writes that are over; as many as ever were under way at once. */
    private final ArrayDeque<Write> free = new ArrayDeque<>();

    private int underWay;
    private @Nullable DataAccount account;

    /**
     * Nothing yet.
     *
     * @param queuePair whose data it is
     * @param bounce memory of the provider
     * @param most writes and responses at once, at least 1
     */
    RemoteWrites(ControllerRdmaQueuePair queuePair, Bounce bounce, int most) {
        this.queuePair = queuePair;
        this.bounce = bounce;
        this.most = most;
    }

    void account(DataAccount told) {
        account = told;
    }

    /** Whether a response may leave: all data is ahead of it, and the connection takes it. */
    boolean takesResponse() {
        return waiting.isEmpty() && underWay < most;
    }

    /** Whether data leaves at once. */
    boolean isWritable() {
        return takesResponse() && bounce.hasRoom();
    }

    /** Writes into a window of the host; consumes the data. */
    void write(ByteBuf data, long address, int key) {
        Write known = free.poll();
        Write write = (known != null ? known : new Write()).begin(data, address, key);
        if (queuePair.ended() != null) {
            write.drop();
        } else if (takesResponse()) {
            write.issue();
        } else {
            waiting.add(write);
        }
    }

    /** Sends a response. */
    void respond(ByteBuf response, int invalidate) {
        underWay++;
        queuePair.connection().send(response, null, invalidate, responseSent);
    }

    /** Writes what waits, as far as the connection takes it. */
    void issue() {
        while (underWay < most && !waiting.isEmpty()) {
            waiting.remove().issue();
        }
    }

    private void over(@Nullable RdmaException failure) {
        underWay--;
        queuePair.checkCompletion(failure);
        queuePair.scheduleTurn();
    }

    /** Drops what has not left, because the queue pair ends. */
    void dropAll() {
        Write write;
        while ((write = waiting.poll()) != null) {
            write.drop();
        }
    }

    /** Data on its way; then the object is another one's. */
    private final class Write implements RdmaCompletion {

        private ByteBuf data = Unpooled.EMPTY_BUFFER;
        private int length;
        private long address;
        private int key;
        private boolean copied;

        Write begin(ByteBuf bytes, long there, int its) {
            data = bytes;
            length = bytes.readableBytes();
            address = there;
            key = its;
            copied = bounce.isForeign(bytes);
            return this;
        }

        void issue() {
            ByteBuf bytes = data;
            data = Unpooled.EMPTY_BUFFER;
            if (copied) {
                ByteBuf foreign = bytes;
                try {
                    bytes = bounce.take(foreign, foreign.readerIndex(), length);
                } finally {
                    foreign.release();
                }
            }
            underWay++;
            queuePair.connection().write(bytes, address, key, this);
        }

        @Override
        public void completed(@Nullable RdmaException failure) {
            if (copied) {
                bounce.give(length);
            }
            tell();
            over(failure);
        }

        void drop() {
            data.release();
            data = Unpooled.EMPTY_BUFFER;
            tell();
        }

        /** It is over. */
        private void tell() {
            int bytes = length;
            if (free.size() < most) {
                free.push(this);
            }
            DataAccount told = account;
            if (told != null) {
                told.sent(bytes);
            }
        }
    }
}
