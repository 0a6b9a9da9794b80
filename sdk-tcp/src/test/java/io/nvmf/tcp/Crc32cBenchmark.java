package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.nvmf.tcp.pdu.Crc32cDigest;
import io.nvmf.testing.benchmark.ShortBenchmark;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The digest of data: direct memory, which is what sockets and subscribers have, and heap memory to compare with. */
@State(Scope.Thread)
public class Crc32cBenchmark extends ShortBenchmark {

    /** Kinds of memory. */
    public enum Memory {
        /** Outside the heap. */
        DIRECT,
        /** In the heap. */
        HEAP
    }

    /** Where the bytes are. */
    @Param
    public Memory memory = Memory.DIRECT;

    /** Number of bytes. */
    @Param({"4096", "131072"})
    public int size;

    private final Crc32cDigest digest = new Crc32cDigest();
    private ByteBuf buffer;

    /** For JMH. */
    public Crc32cBenchmark() {}

    /** Makes the memory. */
    @Setup
    public void start() {
        ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;
        buffer = memory == Memory.DIRECT ? allocator.directBuffer(size, size) : allocator.heapBuffer(size, size);
        for (int i = 0; i < size; i++) {
            buffer.writeByte(i * 31);
        }
    }

    /** Frees it. */
    @TearDown
    public void stop() {
        buffer.release();
    }

    /**
     * One digest.
     *
     * @return the digest
     */
    @Benchmark
    public int digest() {
        return digest.of(buffer, 0, size);
    }
}
