package io.nvmf.target;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Writes zeros to stores that have no better way. */
final class ZeroWriter {

    static final int PART = 128 * 1024;

    /** Never released and never written to; every write gets a view. */
    private static final ByteBuf ZEROS = Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(PART, PART).setZero(0, PART).writerIndex(PART))
            .asReadOnly();

    private ZeroWriter() {}

    static Mono<Void> write(BlockStore store, long offset, long length) {
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

    /** A view of zeros, at most {@link #PART} of them; releasing it does nothing. */
    static ByteBuf zeros(int length) {
        return ZEROS.slice(0, length);
    }
}
