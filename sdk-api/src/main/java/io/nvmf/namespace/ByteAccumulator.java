package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.nvmf.host.queue.Discarded;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a source that wait to become a chunk: buffers of any size go in, slices of them come out. Bytes are not
 * copied, but for {@linkplain #SMALL small} buffers, where a copy costs less than the bookkeeping of a piece, and where
 * it keeps a source of single bytes from holding a thousand times the memory that it fills. Not thread safe.
 */
final class ByteAccumulator {

    /** Buffers below this many bytes are copied together. */
    static final int SMALL = 512;

    /** What they are copied into. */
    private static final int GATHER = 4096;

    private final ByteBufAllocator allocator;
    private final ArrayDeque<ByteBuf> pieces = new ArrayDeque<>();

    /** The last piece if it is ours to append to. */
    private @Nullable ByteBuf gathering;

    private long readable;

    ByteAccumulator(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    boolean isEmpty() {
        return readable == 0;
    }

    long readableBytes() {
        return readable;
    }

    /** Takes over a buffer. */
    void add(ByteBuf buffer) {
        int length = buffer.readableBytes();
        readable += length;
        if (length == 0) {
            buffer.release();
        } else if (length < SMALL) {
            gather(buffer);
        } else {
            gathering = null;
            pieces.add(buffer);
        }
    }

    /** Takes over a buffer that goes before everything else. */
    void addFirst(ByteBuf buffer) {
        readable += buffer.readableBytes();
        pieces.addFirst(buffer);
    }

    private void gather(ByteBuf buffer) {
        try {
            ByteBuf target = gathering;
            if (target == null || target.writableBytes() < buffer.readableBytes()) {
                target = allocator.directBuffer(GATHER, GATHER);
                pieces.add(target);
                gathering = target;
            }
            target.writeBytes(buffer);
        } finally {
            Discarded.release(buffer);
        }
    }

    /**
     * Takes bytes out.
     *
     * @param length 1..readable bytes
     * @return the bytes, owned by the caller
     */
    ByteBuf take(int length) {
        readable -= length;
        ByteBuf first = Objects.requireNonNull(pieces.peek());
        if (first.readableBytes() >= length) {
            return part(first, length);
        }
        CompositeByteBuf whole = allocator.compositeDirectBuffer(Integer.MAX_VALUE);
        try {
            int missing = length;
            while (missing > 0) {
                ByteBuf piece = Objects.requireNonNull(pieces.peek());
                int size = Math.min(missing, piece.readableBytes());
                whole.addComponent(true, part(piece, size));
                missing -= size;
            }
            return whole;
        } catch (RuntimeException | Error unusable) {
            whole.release();
            throw unusable;
        }
    }

    /** Bytes of the first piece; the piece itself if that is all there is in it. */
    private ByteBuf part(ByteBuf first, int length) {
        if (first.readableBytes() > length) {
            return first.readRetainedSlice(length);
        }
        pieces.remove();
        if (pieces.isEmpty()) {
            gathering = null;
        }
        return first;
    }

    void release() {
        readable = 0;
        gathering = null;
        for (ByteBuf piece = pieces.poll(); piece != null; piece = pieces.poll()) {
            Discarded.release(piece);
        }
    }
}
