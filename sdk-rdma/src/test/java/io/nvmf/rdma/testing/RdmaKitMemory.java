package io.nvmf.rdma.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.nvmf.transport.testkit.BytePattern;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;

/** The buffers of a test: those that it gives away, and those that stay its own until it is over. Any thread. */
final class RdmaKitMemory {

    private final Queue<ByteBuf> all = new ConcurrentLinkedQueue<>();
    private final Queue<ByteBuf> own = new ConcurrentLinkedQueue<>();

    /** The first bytes of a pattern, to give away. */
    ByteBuf pattern(ByteBufAllocator allocator, int seed, int length) {
        return given(BytePattern.buffer(allocator, seed, length));
    }

    /** A part of a pattern, to give away. */
    ByteBuf range(ByteBufAllocator allocator, int seed, long from, int length) {
        return given(BytePattern.range(allocator, seed, from, length));
    }

    /** The first bytes of a pattern, given back after the test. */
    ByteBuf source(ByteBufAllocator allocator, int seed, int length) {
        return own(pattern(allocator, seed, length));
    }

    /** Where nothing has been written, given back after the test. */
    ByteBuf destination(ByteBufAllocator allocator, int length) {
        return own(given(BytePattern.destination(allocator, length)));
    }

    /** Watches a buffer that the test gives away. */
    ByteBuf given(ByteBuf buffer) {
        all.add(buffer);
        return buffer;
    }

    /** Gives a buffer back after the test. */
    ByteBuf own(ByteBuf buffer) {
        own.add(buffer);
        return buffer;
    }

    /** Ends the test: nobody else may have a reference. */
    void release() {
        for (ByteBuf buffer : own) {
            Awaitility.await()
                    .alias("the only reference to " + buffer + " is the test's")
                    .until(() -> buffer.refCnt() == 1);
            buffer.release();
        }
        own.clear();
        for (ByteBuf buffer : all) {
            Awaitility.await().alias(buffer + " is released").until(() -> buffer.refCnt() == 0);
        }
        assertThat(all).allMatch(buffer -> buffer.refCnt() == 0);
        all.clear();
    }
}
