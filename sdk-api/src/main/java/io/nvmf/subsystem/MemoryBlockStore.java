package io.nvmf.subsystem;

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

    /** Segments of a group, and so of a gibibyte: what nobody has written to is passed over in groups. */
    private static final int GROUP = 8192;

    /** Groups that a store has room for beyond its size, for {@link #resized}: 1 TiB. */
    private static final int SPARE_GROUPS = 1024;

    private static final long GROUP_BYTES = (long) GROUP * SEGMENT;

    private final int blockSize;
    private final long size;
    private final AtomicReferenceArray<@Nullable AtomicReferenceArray<byte @Nullable []>> groups;

    MemoryBlockStore(long size, int blockSize) {
        BlockStore.checkSize(size, blockSize);
        long count = (size + SEGMENT - 1) / SEGMENT;
        if (count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("size " + size + " exceeds the " + Integer.MAX_VALUE + " segments of "
                    + SEGMENT + " bytes that a store in memory can have");
        }
        this.blockSize = blockSize;
        this.size = size;
        this.groups = new AtomicReferenceArray<>((int) ((count + GROUP - 1) / GROUP) + SPARE_GROUPS);
    }

    private MemoryBlockStore(MemoryBlockStore original, long size) {
        BlockStore.checkSize(size, original.blockSize);
        long most = original.groups.length() * GROUP_BYTES;
        if (size > most) {
            throw new IllegalArgumentException(
                    "size " + size + " exceeds the " + most + " bytes that this store can have");
        }
        this.blockSize = original.blockSize;
        this.size = size;
        this.groups = original.groups;
    }

    @Override
    public BlockStore resized(long newSize) {
        return new MemoryBlockStore(this, newSize);
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
        return new InPlaceMono<>() {
            @Override
            public ByteBuf call() {
                return copyOut(offset, length);
            }
        };
    }

    @Override
    public Mono<Void> write(long offset, ByteBuf data) {
        return new InPlaceMono<>() {
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
        return new InPlaceMono<>() {
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

    /** Keeps the blocks, for the next target. */
    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }

    private ByteBuf copyOut(long offset, int length) {
        // Pairs with the fence of copyIn, because a host may write on one queue and read on another.
        VarHandle.acquireFence();
        ByteBuf target = SharedAllocator.INSTANCE.directBuffer(length, length);
        long at = offset;
        int left = length;
        while (left > 0) {
            int within = (int) (at % SEGMENT);
            int part = Math.min(left, SEGMENT - within);
            byte[] segment = present(at);
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
            data.getBytes(index, segment(at), within, part);
            index += part;
            at += part;
            left -= part;
        }
        VarHandle.releaseFence();
    }

    private static int indexInGroup(long at) {
        return (int) (at / SEGMENT % GROUP);
    }

    private byte @Nullable [] present(long at) {
        AtomicReferenceArray<byte @Nullable []> group = groups.get((int) (at / GROUP_BYTES));
        return group == null ? null : group.get(indexInGroup(at));
    }

    private byte[] segment(long at) {
        int number = (int) (at / GROUP_BYTES);
        AtomicReferenceArray<byte @Nullable []> group = groups.get(number);
        if (group == null) {
            AtomicReferenceArray<byte @Nullable []> fresh = new AtomicReferenceArray<>(GROUP);
            AtomicReferenceArray<byte @Nullable []> other = groups.compareAndExchange(number, null, fresh);
            group = other == null ? fresh : other;
        }
        int index = indexInGroup(at);
        byte[] segment = group.get(index);
        if (segment != null) {
            return segment;
        }
        byte[] fresh = new byte[SEGMENT];
        byte[] other = group.compareAndExchange(index, null, fresh);
        return other == null ? fresh : other;
    }

    private void zero(long offset, long length) {
        long at = offset;
        long end = offset + length;
        while (at < end) {
            AtomicReferenceArray<byte @Nullable []> group = groups.get((int) (at / GROUP_BYTES));
            long part = Math.min(end - at, group == null ? GROUP_BYTES - at % GROUP_BYTES : SEGMENT - at % SEGMENT);
            if (group != null) {
                zero(group, at, (int) part);
            }
            at += part;
        }
        VarHandle.releaseFence();
    }

    private static void zero(AtomicReferenceArray<byte @Nullable []> group, long at, int length) {
        if (length == SEGMENT) {
            group.set(indexInGroup(at), null);
            return;
        }
        byte[] segment = group.get(indexInGroup(at));
        if (segment != null) {
            int within = (int) (at % SEGMENT);
            Arrays.fill(segment, within, within + length, (byte) 0);
        }
    }
}
