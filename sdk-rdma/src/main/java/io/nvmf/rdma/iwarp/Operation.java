package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaCompletion;
import io.nvmf.rdma.spi.RdmaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A message, write or read of this side, from the call to its completion. */
final class Operation {

    private static final Logger LOG = LoggerFactory.getLogger(Operation.class);

    enum Kind {
        SEND,
        WRITE,
        READ
    }

    /** In the order of the calls. */
    final long number;

    final Kind kind;

    /** First bytes of a message. */
    final @Nullable ByteBuf header;

    /** The data, or the memory that gets it; this object has a reference. */
    final @Nullable ByteBuf data;

    final int index;
    final int length;

    /** Window of the peer, where it is used or what the message invalidates. */
    final int key;

    /** In the window of the peer. */
    final long address;

    private final RdmaCompletion completion;

    /** Bytes that have been sent, or of a read received. */
    int done;

    /** For a read: how this side's memory is named to the peer. */
    int sinkKey;

    long sinkOffset;

    /** The batch with the last bytes of it. */
    long batch;

    Operation(
            long number,
            Kind kind,
            @Nullable ByteBuf header,
            @Nullable ByteBuf data,
            int index,
            int length,
            long address,
            int key,
            RdmaCompletion completion) {
        this.number = number;
        this.kind = kind;
        this.header = header;
        this.data = data;
        this.index = index;
        this.length = length;
        this.address = address;
        this.key = key;
        this.completion = completion;
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

    /** It is over; once. */
    void complete(@Nullable RdmaException failure) {
        if (header != null) {
            header.release();
        }
        if (data != null) {
            data.release();
        }
        try {
            completion.completed(failure);
        } catch (RuntimeException | Error e) {
            LOG.warn("a completion failed", e);
        }
    }
}
