package io.nvmf.subsystem;

import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import reactor.core.publisher.Mono;

/**
 * Where the blocks of a namespace live.
 *
 * <p>All publishers are cold and may be subscribed to on an event loop, so they must not block; a store whose work
 * blocks moves it to a thread of its own. Signals may come on any thread. Calls may overlap, from several event loops,
 * and there is no order among those that do. Offsets and lengths are in bytes, lie within {@link #size()} and are
 * multiples of {@link #blockSize()}; the engine has checked that before it calls. The engine does not cancel what it
 * has subscribed to.
 *
 * <p>A {@code Mono} that is also a {@link java.util.concurrent.Callable}, such as {@code Mono.just} or
 * {@code Mono.fromCallable}, is called in place, on the event loop, without being subscribed to: the cheapest way for a
 * store that can answer at once.
 */
public interface BlockStore {

    /** Smallest block size in bytes. */
    int MIN_BLOCK_SIZE = 512;

    /** Largest block size in bytes. */
    int MAX_BLOCK_SIZE = 65_536;

    /** What {@link #deallocate} does, and hosts are told of it (ONCS, DLFEAT). */
    enum Deallocation {
        /** Nothing: hosts need not ask, and blocks keep what they have. */
        IGNORED,
        /** Something, perhaps; a block then reads as zeros or as what it was before. */
        UNSPECIFIED,
        /** Every block that is deallocated reads as zeros. */
        ZEROS
    }

    /**
     * What every store checks first: that the block size is a power of two within its range, and the size a number of
     * blocks.
     *
     * @param size bytes
     * @param blockSize bytes
     * @throws IllegalArgumentException with the offending number if not
     */
    static void checkSize(long size, int blockSize) {
        if (blockSize < MIN_BLOCK_SIZE || blockSize > MAX_BLOCK_SIZE || Integer.bitCount(blockSize) != 1) {
            throw new IllegalArgumentException("blockSize " + blockSize + " is not a power of two within "
                    + MIN_BLOCK_SIZE + ".." + MAX_BLOCK_SIZE);
        }
        if (size < blockSize || size % blockSize != 0) {
            throw new IllegalArgumentException("size " + size + " is not a multiple of blockSize " + blockSize);
        }
    }

    /**
     * A store in memory. Memory is taken from the heap in segments of 128 KiB when they are first written to; blocks
     * never written read as zeros. The content lives as long as the object: closing keeps it, so a target that is bound
     * again finds it, and the memory is free when nothing refers to the store any more.
     *
     * @param size bytes, a multiple of the block size
     * @param blockSize bytes, a power of two, {@value #MIN_BLOCK_SIZE}..{@value #MAX_BLOCK_SIZE}
     * @return a new store
     * @throws IllegalArgumentException if a number is out of its range
     */
    static BlockStore memory(long size, int blockSize) {
        return new MemoryBlockStore(size, blockSize);
    }

    /**
     * A store in a file, which is created when it does not exist and made sparse up to the size where the file system
     * can do that; what lies beyond the size in a longer file is left alone. Opening happens in this call and blocks;
     * reading, writing and flushing (force without metadata) happen on up to four threads that the store has for
     * itself. Deallocation is ignored: there is no way to punch holes into a file without native code. {@link #open()}
     * opens the file again after it was closed.
     *
     * @param path the file
     * @param size bytes, a multiple of the block size
     * @param blockSize bytes, a power of two, {@value #MIN_BLOCK_SIZE}..{@value #MAX_BLOCK_SIZE}
     * @return a new store
     * @throws IllegalArgumentException if a number is out of its range
     * @throws java.io.UncheckedIOException if the file cannot be opened, or not be made as long as the size
     */
    static BlockStore file(Path path, long size, int blockSize) {
        return FileBlockStore.open(path, size, blockSize);
    }

    /**
     * A store of nothing, for measuring what surrounds it: writes are accepted and forgotten, reads give the bytes
     * 0..255 over and over, from memory that all reads share and nobody may change. Takes no memory for its blocks, so
     * it can be as large as the numbers allow.
     *
     * @param size bytes, a multiple of the block size
     * @param blockSize bytes, a power of two, {@value #MIN_BLOCK_SIZE}..{@value #MAX_BLOCK_SIZE}
     * @return a new store
     * @throws IllegalArgumentException if a number is out of its range
     */
    static BlockStore nullBlocks(long size, int blockSize) {
        return new NullBlockStore(size, blockSize);
    }

    /**
     * Makes the store ready. A target calls it before it listens and before it adds the store as a namespace, so a
     * store that was closed with one target can serve the next. Does nothing if the store is open, which a new one is.
     *
     * @return completes when ready, and does so by default at once; an error if the store cannot be opened again
     */
    default Mono<Void> open() {
        return Mono.empty();
    }

    /**
     * Bytes of a logical block.
     *
     * @return a power of two, {@value #MIN_BLOCK_SIZE}..{@value #MAX_BLOCK_SIZE}, always the same
     */
    int blockSize();

    /**
     * Number of logical blocks.
     *
     * @return at least 1, always the same
     */
    long blocks();

    /**
     * Bytes of the store.
     *
     * @return blocks times block size
     */
    default long size() {
        return blocks() * blockSize();
    }

    /**
     * Reads.
     *
     * @param offset first byte
     * @param length number of bytes
     * @return exactly that many bytes; the subscriber owns the buffer. An error is answered with Unrecovered Read Error
     */
    Mono<ByteBuf> read(long offset, int length);

    /**
     * Writes. When it completes, reads see the data; that it survives is what {@link #flush} is for.
     *
     * @param offset first byte
     * @param data the bytes from reader to writer index; lent until the terminal signal, the store neither releases the
     *     buffer nor keeps it longer
     * @return completes when written. An error is answered with Write Fault
     */
    Mono<Void> write(long offset, ByteBuf data);

    /**
     * Makes everything written before durable, as far as the store can.
     *
     * @return completes when durable. An error is answered with Write Fault
     */
    Mono<Void> flush();

    /**
     * Fills a range with zeros. This default writes buffers of zeros, one after the other.
     *
     * @param offset first byte
     * @param length number of bytes
     * @return completes when written
     */
    default Mono<Void> writeZeroes(long offset, long length) {
        return ZeroWriter.write(this, offset, length);
    }

    /**
     * Says that the content of a range is not needed any more; a hint that may be ignored, which is what this default
     * does. What a deallocated block reads as, {@link #deallocation()} says.
     *
     * @param offset first byte
     * @param length number of bytes
     * @return completes when done
     */
    default Mono<Void> deallocate(long offset, long length) {
        return Mono.empty();
    }

    /**
     * Says what {@link #deallocate} does.
     *
     * @return the default is {@link Deallocation#UNSPECIFIED}; always the same
     */
    default Deallocation deallocation() {
        return Deallocation.UNSPECIFIED;
    }

    /**
     * The same blocks in another number, for {@code BoundSubsystem.resizeNamespace}. Both stores are of the same
     * content, as far as both have it, and can be used at a time; closing one of them closes both. Blocks that only the
     * larger one has read as zeros, or as what was written to them when the store had been that large before. A store
     * in memory grows by up to 1 TiB; a file is made as long as need be, in this call, which blocks.
     *
     * @param size bytes, a multiple of the block size
     * @return another view of this store
     * @throws UnsupportedOperationException if the store cannot do that, which this default says
     * @throws IllegalArgumentException if the size is not a number of blocks, or too large
     * @throws java.io.UncheckedIOException if a file cannot be made that long
     */
    default BlockStore resized(long size) {
        throw new UnsupportedOperationException(this + " has a fixed size");
    }

    /**
     * Gives back what the store holds. Nothing is called afterwards but {@link #open()}, and nothing is under way.
     * Idempotent.
     *
     * @return completes when done
     */
    Mono<Void> close();

    /**
     * The same store without its close, for one that outlives the targets it is used in.
     *
     * @return a view whose {@link #close} does nothing
     */
    default BlockStore keepOpen() {
        return new KeptOpenBlockStore(this);
    }
}
