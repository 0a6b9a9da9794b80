package io.nvmf.samples.replicate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.subsystem.BlockStore;
import java.util.SplittableRandom;

/**
 * Two targets in this JVM, reached over TCP: a source with pseudo-random data in blocks of 512 bytes, and an empty
 * target with blocks of 4096.
 */
final class Demo implements AutoCloseable {

    /** Bytes of either namespace, on the heap. */
    static final int SIZE = 64 << 20;

    private static final String SOURCE = "nqn.2026-01.io.nvmf:replicate-source";
    private static final String TARGET = "nqn.2026-01.io.nvmf:replicate-target";
    private static final int SOURCE_BLOCK = 512;
    private static final int TARGET_BLOCK = 4096;
    private static final int FILL = 1 << 20;

    private final BoundTarget source;
    private final BoundTarget target;

    private Demo(BoundTarget source, BoundTarget target) {
        this.source = source;
        this.target = target;
    }

    /** Starts both; blocks until they listen. */
    static Demo start() {
        BlockStore data = BlockStore.memory(SIZE, SOURCE_BLOCK);
        fill(data);
        return new Demo(bind(SOURCE, data), bind(TARGET, BlockStore.memory(SIZE, TARGET_BLOCK)));
    }

    private static BoundTarget bind(String nqn, BlockStore store) {
        return NvmeTarget.create()
                .subsystem(nqn, subsystem -> subsystem.namespace(1, store))
                .bind()
                .blockOptional()
                .orElseThrow();
    }

    private static void fill(BlockStore store) {
        SplittableRandom random = new SplittableRandom(SIZE);
        byte[] bytes = new byte[FILL];
        for (long at = 0; at < SIZE; at += FILL) {
            random.nextBytes(bytes);
            ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
            store.write(at, buffer).block();
            buffer.release();
        }
    }

    NamespaceAddress from() {
        return NamespaceAddress.parse(source.uri(SOURCE).toString());
    }

    NamespaceAddress to() {
        return NamespaceAddress.parse(target.uri(TARGET).toString());
    }

    @Override
    public void close() {
        source.close().then(target.close()).block();
    }
}
