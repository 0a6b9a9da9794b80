package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.nvmf.testing.benchmark.ShortBenchmark;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a write stream does with the buffers of its source: an operation is a chunk of 128 KiB, made of buffers that are smaller,
 * copied together, of the size of a packet or half a chunk, or larger, cut. The source keeps its buffers and emits them again.
 */
@State(Scope.Thread)
public class RechunkBenchmark extends ShortBenchmark {

    private static final int CHUNK = 128 * 1024;

    /** Size of the source's buffers, bytes. */
    @Param({"256", "1460", "65536", "1048576"})
    public int source;

    private final ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;
    private final ByteAccumulator accumulator = new ByteAccumulator(allocator);
    private ByteBuf[] buffers;
    private int next;

    /** For JMH. */
    public RechunkBenchmark() {}

    /** Makes the source's buffers: more than a chunk and the rest of the buffer before it can hold. */
    @Setup
    public void start() {
        buffers = new ByteBuf[CHUNK / source + 2];
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = allocator.directBuffer(source, source);
        }
    }

    /** Frees them. */
    @TearDown
    public void stop() {
        accumulator.release();
        for (ByteBuf buffer : buffers) {
            buffer.release();
        }
    }

    /**
     * Takes one chunk out, having put in what it takes.
     *
     * @return bytes of the chunk
     */
    @Benchmark
    public int chunk() {
        while (accumulator.readableBytes() < CHUNK) {
            accumulator.add(buffers[next].setIndex(0, source).retain());
            next = (next + 1) % buffers.length;
        }
        ByteBuf chunk = accumulator.take(CHUNK);
        int bytes = chunk.readableBytes();
        chunk.release();
        return bytes;
    }
}
