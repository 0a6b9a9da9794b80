package io.nvmf.target;

import io.netty.buffer.ByteBuf;
import io.nvmf.transport.SharedAllocator;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Blocks on the heap; answers every call in place. */
final class MemoryBlockStore implements BlockStore {

    /** Small enough not to be a humongous object for any region size of the garbage collector from 512 KiB on. */
    private static final int SEGMENT = 128 * 1024;

    private final int blockSize;
    private final long size;
    private final AtomicReferenceArray<byte @Nullable []> segments;

    MemoryBlockStore(long size, int blockSize) {
        Sizes.check(size, blockSize);
        long count = (size + SEGMENT - 1) / SEGMENT;
        if (count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("size " + size + " exceeds the " + Integer.MAX_VALUE + " segments of "
                    + SEGMENT + " bytes that a store in memory can have");
        }
        this.blockSize = blockSize;
        this.size = size;
        this.segments = new AtomicReferenceArray<>((int) count);
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public long blocks() {
        return size / blockSize;
    }

    @Override
    public Mono<ByteBuf> read(long offset, int length) {
        return new InPlace<>() {
            @Override
            public ByteBuf call() {
                return copyOut(offset, length);
            }
        };
    }

    @Override
    public Mono<Void> write(long offset, ByteBuf data) {
        return new InPlace<>() {
            @Override
            public @Nullable Void call() {
                copyIn(offset, data);
                return null;
            }
        };
    }

    @Override
    public Mono<Void> flush() {
        return Mono.empty();
    }

    @Override
    public Mono<Void> writeZeroes(long offset, long length) {
        return new InPlace<>() {
            @Override
            public @Nullable Void call() {
                zero(offset, length);
                return null;
            }
        };
    }

    @Override
    public Mono<Void> deallocate(long offset, long length) {
        return writeZeroes(offset, length);
    }

    @Override
    public Deallocation deallocation() {
        return Deallocation.ZEROS;
    }

    @Override
    public Mono<Void> close() {
        return Mono.fromRunnable(() -> zero(0, size));
    }

    private ByteBuf copyOut(long offset, int length) {
        // Pairs with the fence of copyIn, for a host may write on one queue and read on another.
        VarHandle.acquireFence();
        ByteBuf target = SharedAllocator.INSTANCE.directBuffer(length, length);
        long at = offset;
        int left = length;
        while (left > 0) {
            int within = (int) (at % SEGMENT);
            int part = Math.min(left, SEGMENT - within);
            byte[] segment = segments.get((int) (at / SEGMENT));
            if (segment == null) {
                target.writeZero(part);
            } else {
                target.writeBytes(segment, within, part);
            }
            at += part;
            left -= part;
        }
        return target;
    }

    private void copyIn(long offset, ByteBuf data) {
        int index = data.readerIndex();
        long at = offset;
        int left = data.readableBytes();
        while (left > 0) {
            int within = (int) (at % SEGMENT);
            int part = Math.min(left, SEGMENT - within);
            data.getBytes(index, segment((int) (at / SEGMENT)), within, part);
            index += part;
            at += part;
            left -= part;
        }
        VarHandle.releaseFence();
    }

    private byte[] segment(int number) {
        byte[] segment = segments.get(number);
        if (segment != null) {
            return segment;
        }
        byte[] fresh = new byte[SEGMENT];
        byte[] other = segments.compareAndExchange(number, null, fresh);
        return other == null ? fresh : other;
    }

    private void zero(long offset, long length) {
        long at = offset;
        long end = offset + length;
        while (at < end) {
            int within = (int) (at % SEGMENT);
            int part = (int) Math.min(end - at, SEGMENT - within);
            int number = (int) (at / SEGMENT);
            byte[] segment = segments.get(number);
            if (segment != null) {
                if (part == SEGMENT) {
                    segments.set(number, null);
                } else {
                    Arrays.fill(segment, within, within + part, (byte) 0);
                }
            }
            at += part;
        }
        VarHandle.releaseFence();
    }
}
