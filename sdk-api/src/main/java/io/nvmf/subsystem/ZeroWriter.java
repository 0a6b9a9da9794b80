package io.nvmf.subsystem;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Writes zeros to stores that have no better way, from memory that all of them share. Any thread. */
public final class ZeroWriter {

    /** The most zeros that there are at once, in bytes. */
    public static final int PART = 128 * 1024;

    /** Never released and never written to; every write gets a view. */
    private static final ByteBuf ZEROS = Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(PART, PART).setZero(0, PART).writerIndex(PART))
            .asReadOnly();

    private ZeroWriter() {}

    /**
     * Writes zeros with the store's own {@link BlockStore#write}, a part after the other. Cold.
     *
     * @param store where to
     * @param offset first byte, a multiple of the block size
     * @param length number of bytes, a multiple of the block size
     * @return completes when all is written, or fails as the first write that fails
     */
    public static Mono<Void> write(BlockStore store, long offset, long length) {
        long parts = (length + PART - 1) / PART;
        return Flux.<Long, Long>generate(() -> 0L, (part, sink) -> {
                    if (part == parts) {
                        sink.complete();
                    } else {
                        sink.next(part);
                    }
                    return part + 1;
                })
                .concatMap(
                        part -> {
                            long start = part * PART;
                            return store.write(offset + start, zeros((int) Math.min(PART, length - start)));
                        },
                        0)
                .then();
    }

    /**
     * A view of zeros. Releasing it does nothing.
     *
     * @param length how many bytes, at most {@link #PART}
     * @return read only
     */
    public static ByteBuf zeros(int length) {
        return ZEROS.slice(0, length);
    }
}
