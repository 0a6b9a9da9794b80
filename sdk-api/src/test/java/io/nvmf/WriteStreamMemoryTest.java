package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.testing.Recorder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;

/**
 * What the transport is given is the memory of what the publisher emitted. The proof is the same for every kind of buffer: bytes
 * changed in the source's memory after the commands have left are seen in the data of the commands.
 */
class WriteStreamMemoryTest extends WriteStreamHarness {

    @TempDir
    Path directory;

    private final List<ByteBuf> memory = new ArrayList<>();

    /** How the source's bytes lie in memory. */
    enum Kind {
        DIRECT,
        HEAP,
        COMPOSITE,
        COMPOSITE_OF_HEAP_AND_DIRECT,
        READ_ONLY,
        SLICE,
        MAPPED
    }

    /** A buffer of that kind; writing to what is put into {@link #memory} changes its bytes. */
    private ByteBuf emitted(Kind kind, int size) {
        return switch (kind) {
            case DIRECT -> remembered(Unpooled.directBuffer(size, size).writeZero(size));
            case HEAP -> remembered(Unpooled.buffer(size, size).writeZero(size));
            case READ_ONLY ->
                remembered(Unpooled.directBuffer(size, size).writeZero(size)).asReadOnly();
            case SLICE ->
                remembered(Unpooled.directBuffer(size + 20).writeZero(size + 20))
                        .slice(10, size);
            case MAPPED -> mapped(size);
            case COMPOSITE -> composite(Kind.DIRECT, size);
            case COMPOSITE_OF_HEAP_AND_DIRECT -> composite(Kind.HEAP, size);
        };
    }

    private ByteBuf composite(Kind second, int size) {
        return Unpooled.compositeBuffer()
                .addComponent(true, emitted(Kind.DIRECT, size / 2))
                .addComponent(true, emitted(second, size - size / 2));
    }

    private ByteBuf remembered(ByteBuf buffer) {
        memory.add(buffer.duplicate().readerIndex(0));
        return buffer;
    }

    /** Read-only, as a mapped file is; the same pages mapped for writing are what the test changes. */
    private ByteBuf mapped(int size) {
        try {
            Path file = Files.createTempFile(directory, "mapped", null);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                memory.add(Unpooled.wrappedBuffer(channel.map(FileChannel.MapMode.READ_WRITE, 0, size)));
                ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
                return Unpooled.wrappedBuffer(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void changeMemory() {
        for (ByteBuf part : memory) {
            for (int i = 0; i < part.readableBytes(); i++) {
                part.setByte(i, 0x5A);
            }
        }
    }

    private void assertShared(Kind kind, WriteStreamOptions options, int... sizes) {
        fixture.controller.hold = true;
        List<ByteBuf> source = new ArrayList<>();
        for (int size : sizes) {
            source.add(emitted(kind, size));
        }
        Recorder<TransferProgress> recorder = write(0, Flux.fromIterable(source), options);
        assertThat(fixture.controller.outstanding()).isPositive();

        changeMemory();

        for (int i = 0; i < fixture.controller.outstanding(); i++) {
            assertThat(ByteBufUtil.getBytes(fixture.controller.data(i))).containsOnly(0x5A);
        }
        while (fixture.controller.outstanding() > 0) {
            fixture.answer(0);
        }
        assertThat(recorder.completes).isOne();
        assertThat(source).allMatch(buffer -> buffer.refCnt() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void bufferAsLargeAsACommandIsItsData(Kind kind) {
        assertShared(kind, BY_BLOCK.chunkSize(4 * BLOCK), 4 * BLOCK, 4 * BLOCK);
    }

    @ParameterizedTest
    @EnumSource
    void largeBufferIsCutIntoSlices(Kind kind) {
        assertShared(kind, BY_BLOCK.chunkSize(2 * BLOCK), 8 * BLOCK);
    }

    @ParameterizedTest
    @EnumSource
    void commandOverSeveralBuffersIsAComposite(Kind kind) {
        assertShared(kind, BY_BLOCK.chunkSize(8 * BLOCK), 3 * BLOCK - 100, 3 * BLOCK + 500, 4 * BLOCK - 400, 6 * BLOCK);
    }
}
