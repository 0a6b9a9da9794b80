package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaCompletion;
import io.nvmf.rdma.spi.RdmaException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A message, write or read of this side, from the call to its completion; then the object is another one's. */
final class Operation {

    private static final Logger LOG = LoggerFactory.getLogger(Operation.class);

    enum Kind {
        SEND,
        WRITE,
        READ
    }

    private static final RdmaCompletion NOBODY = failure -> {};

    /** In the order of the calls. */
    long number;

    Kind kind = Kind.SEND;

    /** First bytes of a message. */
    @Nullable
    ByteBuf header;

    /** The data, or the memory that gets it; this object has a reference. */
    @Nullable
    ByteBuf data;

    int index;
    int length;

    /** Window of the peer, where it is used or what the message invalidates. */
    int key;

    /** In the window of the peer. */
    long address;

    private final OperationPool pool;
    private final PayloadView view = new PayloadView();
    private RdmaCompletion completion = NOBODY;

    /** Bytes that have been sent, or of a read received. */
    int done;

    /** For a read: how this side's memory is named to the peer. */
    int sinkKey;

    long sinkOffset;

    /** The batch with the last bytes of it. */
    long batch;

    Operation(OperationPool pool) {
        this.pool = pool;
    }

    /** Becomes an operation of which nothing has been done; its memory and its addresses are set by the caller. */
    Operation begin(long inOrder, Kind what, RdmaCompletion told) {
        number = inOrder;
        kind = what;
        completion = told;
        done = 0;
        sinkKey = 0;
        sinkOffset = 0;
        batch = 0;
        return this;
    }

    /** Names the memory of this side. */
    Operation memory(@Nullable ByteBuf first, @Nullable ByteBuf rest, int at, int bytes) {
        header = first;
        data = rest;
        index = at;
        length = bytes;
        return this;
    }

    /** Names the window of the peer. */
    Operation window(long there, int its) {
        address = there;
        key = its;
        return this;
    }

    /** Adds bytes of the data to a check sum; where they begin is an index in the memory. */
    void update(CRC32C crc, int from, int bytes) {
        ByteBuf memory = data;
        if (memory != null) {
            view.update(crc, memory, index, length, from - index, bytes);
        }
    }

    /** Bytes of the first part of a message. */
    int headerLength() {
        ByteBuf first = header;
        return first == null ? 0 : first.readableBytes();
    }

    /** Bytes of all of it. */
    int total() {
        return headerLength() + length;
    }

    /** It is over; once. From here on the object is not the caller's any more. */
    void complete(@Nullable RdmaException failure) {
        ByteBuf first = header;
        ByteBuf rest = data;
        RdmaCompletion told = completion;
        header = null;
        data = null;
        completion = NOBODY;
        view.clear();
        pool.give(this);
        if (first != null) {
            first.release();
        }
        if (rest != null) {
            rest.release();
        }
        try {
            told.completed(failure);
        } catch (RuntimeException | Error e) {
            LOG.warn("a completion failed", e);
        }
    }
}
