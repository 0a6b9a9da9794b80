package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.command.TransferReport;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.namespace.WriteStreamOptions.Durability;
import io.nvmf.namespace.WriteStreamOptions.Unaligned;
import io.nvmf.testing.Recorder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/** What the tests of the write stream share: a namespace, sources, and what the media must look like afterwards. */
abstract class WriteStreamHarness {

    static final int BLOCK = NamespaceFixture.BLOCK;
    static final WriteStreamOptions BY_BLOCK =
            WriteStreamOptions.defaults().chunkSize(BLOCK).window(4).durability(Durability.NONE);
    static final WriteStreamOptions MERGE = BY_BLOCK.unaligned(Unaligned.READ_MODIFY_WRITE);

    NamespaceFixture fixture;

    @BeforeEach
    void sixtyFourBlocks() {
        use(NamespaceFixture.blocks(64));
    }

    void use(NamespaceFixture.Builder builder) {
        fixture = builder.build();
        fixture.controller.fill();
    }

    Recorder<TransferProgress> write(long offset, Publisher<ByteBuf> source, WriteStreamOptions options, long demand) {
        Recorder<TransferProgress> recorder = new Recorder<>(demand);
        fixture.namespace.writeStream(offset, source, options).subscribe(recorder);
        fixture.pump();
        return recorder;
    }

    Recorder<TransferProgress> write(long offset, Publisher<ByteBuf> source, WriteStreamOptions options) {
        return write(offset, source, options, Long.MAX_VALUE);
    }

    /** A source of zero-free buffers whose bytes count on. */
    Flux<ByteBuf> source(int... sizes) {
        return Flux.defer(() -> {
            AtomicInteger at = new AtomicInteger();
            return Flux.fromStream(() -> Arrays.stream(sizes).boxed()).map(size -> {
                ByteBuf buffer = fixture.controller.allocator().buffer(Math.max(1, size));
                return buffer.writeBytes(sourceBytes(at.getAndAdd(size), size));
            });
        });
    }

    static byte[] sourceBytes(int index, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = sourceByte(index + i);
        }
        return bytes;
    }

    static byte sourceByte(int index) {
        return (byte) (index * 13 + (index >>> 8) + 5);
    }

    /** The media is the source's bytes in the given range, and untouched elsewhere. */
    void assertMedia(int offset, int length) {
        byte[] expected = new byte[fixture.controller.media.length];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = i >= offset && i < offset + length ? sourceByte(i - offset) : MemoryController.pattern(i);
        }
        assertThat(fixture.controller.media).isEqualTo(expected);
    }

    void assertNothingHeld() {
        assertThat(fixture.controller.usedMemory()).isZero();
    }

    static TransferReport report(Recorder<?> recorder) {
        assertThat(recorder.errors).singleElement().isInstanceOf(NvmeTransferException.class);
        NvmeTransferException failure = (NvmeTransferException) recorder.errors.get(0);
        assertThat(failure).hasMessageContaining(failure.report().toString());
        return failure.report();
    }

    static Throwable cause(Recorder<?> recorder) {
        return recorder.errors.get(0).getCause();
    }
}
