package io.nvmf.subsystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class BlockStoreTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int BLOCK = 512;
    private static final int SIZE = 1 << 20;

    @TempDir
    private Path directory;

    enum Kind {
        MEMORY,
        FILE
    }

    private BlockStore open(Kind kind) {
        return kind == Kind.MEMORY
                ? BlockStore.memory(SIZE, BLOCK)
                : BlockStore.file(directory.resolve("store"), SIZE, BLOCK);
    }

    private static byte[] random(int length) {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        return data;
    }

    private static byte[] read(BlockStore store, long offset, int length) {
        ByteBuf bytes = store.read(offset, length).block(PATIENCE);
        try {
            return ByteBufUtil.getBytes(bytes);
        } finally {
            bytes.release();
        }
    }

    private static void write(BlockStore store, long offset, byte[] data) {
        store.write(offset, Unpooled.wrappedBuffer(data)).block(PATIENCE);
    }

    @ParameterizedTest
    @EnumSource
    void unwrittenBlocksReadAsZerosAndWrittenOnesAsWritten(Kind kind) {
        BlockStore store = open(kind);
        byte[] data = random(300 * BLOCK);

        assertThat(store.size()).isEqualTo(SIZE);
        assertThat(store.blocks()).isEqualTo(SIZE / BLOCK);
        assertThat(read(store, SIZE - BLOCK, BLOCK)).containsOnly(0);
        write(store, 131_072 - BLOCK, data);
        byte[] all = read(store, 0, SIZE);

        byte[] expected = new byte[SIZE];
        System.arraycopy(data, 0, expected, 131_072 - BLOCK, data.length);
        assertThat(all).isEqualTo(expected);
        store.flush().block(PATIENCE);
        store.close().block(PATIENCE);
    }

    @ParameterizedTest
    @EnumSource
    void zeroesAreWrittenOverPartsAndWholeSegments(Kind kind) {
        BlockStore store = open(kind);
        byte[] expected = random(SIZE);
        write(store, 0, expected);

        store.writeZeroes(BLOCK, 5 * 131_072).block(PATIENCE);

        Arrays.fill(expected, BLOCK, BLOCK + 5 * 131_072, (byte) 0);
        assertThat(read(store, 0, SIZE)).isEqualTo(expected);
        store.close().block(PATIENCE);
    }

    @ParameterizedTest
    @EnumSource
    void nothingHappensBeforeSubscription(Kind kind) {
        BlockStore store = open(kind);
        ByteBuf data = Unpooled.wrappedBuffer(random(BLOCK));

        store.write(0, data);
        store.read(0, BLOCK);
        store.writeZeroes(0, BLOCK);

        assertThat(read(store, 0, BLOCK)).containsOnly(0);
        assertThat(data.refCnt()).isOne();
        assertThat(data.readableBytes()).isEqualTo(BLOCK);
        store.close().block(PATIENCE);
    }

    @ParameterizedTest
    @EnumSource
    void buffersAreOnlyLentToWrites(Kind kind) {
        BlockStore store = open(kind);
        ByteBuf first = Unpooled.directBuffer().writeBytes(random(BLOCK));
        ByteBuf second = Unpooled.directBuffer().writeBytes(random(2 * BLOCK));
        ByteBuf both = Unpooled.wrappedBuffer(first, second);

        store.write(0, both).block(PATIENCE);

        assertThat(both.refCnt()).isOne();
        assertThat(both.readerIndex()).isZero();
        assertThat(read(store, 0, 3 * BLOCK)).isEqualTo(ByteBufUtil.getBytes(both));
        both.release();
        store.close().block(PATIENCE);
    }

    @ParameterizedTest
    @EnumSource
    void manyCallsAtATimeDoNotDisturbEachOther(Kind kind) {
        BlockStore store = open(kind);
        byte[] expected = random(SIZE);

        Flux.range(0, SIZE / 4096)
                .flatMap(
                        part -> store.write(part * 4096L, Unpooled.wrappedBuffer(expected, part * 4096, 4096))
                                .subscribeOn(Schedulers.parallel()),
                        64)
                .blockLast(PATIENCE);

        assertThat(read(store, 0, SIZE)).isEqualTo(expected);
        store.close().block(PATIENCE);
    }

    @Test
    void memoryAnswersInPlaceAndToSubscribers() throws Exception {
        BlockStore store = BlockStore.memory(SIZE, BLOCK);

        assertThat(store.read(0, BLOCK)).isInstanceOf(Callable.class);
        assertThat(store.flush()).isInstanceOf(Callable.class);
        ByteBuf data = Unpooled.wrappedBuffer(random(BLOCK));
        assertThat(((Callable<?>) store.write(0, data)).call()).isNull();
        StepVerifier.create(store.read(0, BLOCK).map(bytes -> {
                    byte[] copy = ByteBufUtil.getBytes(bytes);
                    bytes.release();
                    return copy;
                }))
                .assertNext(bytes -> assertThat(bytes).isEqualTo(random(BLOCK)))
                .verifyComplete();
    }

    @Test
    void closedMemoryKeepsItsContent() {
        BlockStore store = BlockStore.memory(SIZE, BLOCK);
        write(store, 0, random(BLOCK));

        store.close().block();
        store.close().block();
        store.open().block();

        assertThat(read(store, 0, BLOCK)).isEqualTo(random(BLOCK));
    }

    @Test
    void closedFileIsOpenedAgain() {
        BlockStore store = BlockStore.file(directory.resolve("again"), SIZE, BLOCK);
        write(store, 0, random(BLOCK));
        store.open().block(PATIENCE);
        store.close().block(PATIENCE);
        StepVerifier.create(store.read(0, BLOCK)).verifyError();

        store.open().block(PATIENCE);

        assertThat(read(store, 0, BLOCK)).isEqualTo(random(BLOCK));
        store.close().block(PATIENCE);
    }

    @Test
    void fileThatIsNoFileAnyMoreIsNotOpenedAgain() throws IOException {
        Path path = directory.resolve("gone");
        BlockStore store = BlockStore.file(path, SIZE, BLOCK);
        store.close().block(PATIENCE);
        Files.delete(path);
        Files.createDirectory(path);

        StepVerifier.create(store.open()).verifyError(IOException.class);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void storeInAnotherSizeHasTheSameContent(Kind kind) {
        BlockStore store = open(kind);
        write(store, SIZE - BLOCK, random(BLOCK));

        BlockStore larger = store.resized(4L * SIZE);
        BlockStore smaller = larger.resized(BLOCK);

        assertThat(larger.size()).isEqualTo(4L * SIZE);
        assertThat(smaller.blocks()).isOne();
        assertThat(read(larger, SIZE - BLOCK, BLOCK)).isEqualTo(random(BLOCK));
        assertThat(read(larger, 4L * SIZE - BLOCK, BLOCK)).containsOnly(0);
        write(larger, 4L * SIZE - BLOCK, random(BLOCK));
        write(larger, 0, random(BLOCK));
        assertThat(read(store, 0, BLOCK)).isEqualTo(random(BLOCK));
        assertThat(read(smaller, 0, BLOCK)).isEqualTo(random(BLOCK));
        assertThat(read(smaller.resized(4L * SIZE), 4L * SIZE - BLOCK, BLOCK)).isEqualTo(random(BLOCK));
        assertThatThrownBy(() -> store.resized(BLOCK + 1)).isInstanceOf(IllegalArgumentException.class);
        larger.close().block(PATIENCE);
        store.open().block(PATIENCE);
        assertThat(read(smaller, 0, BLOCK)).isEqualTo(random(BLOCK));
        store.close().block(PATIENCE);
    }

    @Test
    void memoryGrowsByATebibyteAtMost() {
        BlockStore store = BlockStore.memory(SIZE, BLOCK);
        long most = 1025L << 30;

        write(store.resized(most), most - BLOCK, random(BLOCK));

        assertThat(read(store.resized(most), most - BLOCK, BLOCK)).isEqualTo(random(BLOCK));
        assertThatThrownBy(() -> store.resized(most + BLOCK))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("exceeds the " + most);
    }

    @Test
    void fileKeepsItsContentOverReopening() throws IOException {
        Path path = directory.resolve("kept");
        byte[] data = random(4 * BLOCK);
        BlockStore store = BlockStore.file(path, SIZE, BLOCK);
        write(store, 10 * BLOCK, data);
        store.flush().block(PATIENCE);
        store.close().block(PATIENCE);
        store.close().block(PATIENCE);

        assertThat(Files.size(path)).isEqualTo(SIZE);
        BlockStore again = BlockStore.file(path, SIZE, BLOCK);
        assertThat(read(again, 10 * BLOCK, 4 * BLOCK)).isEqualTo(data);
        again.close().block(PATIENCE);
    }

    @Test
    void longerFileIsLeftAsItIs() throws IOException {
        Path path = directory.resolve("longer");
        byte[] content = random(2 * SIZE);
        Files.write(path, content);
        BlockStore store = BlockStore.file(path, SIZE, BLOCK);

        assertThat(read(store, 0, SIZE)).isEqualTo(Arrays.copyOf(content, SIZE));
        store.close().block(PATIENCE);
        assertThat(Files.readAllBytes(path)).isEqualTo(content);
    }

    @Test
    void fileThatShrinksAndFileThatIsClosedAreErrors() throws IOException {
        Path path = directory.resolve("shrinking");
        BlockStore store = BlockStore.file(path, SIZE, BLOCK);
        Files.write(path, new byte[BLOCK]);

        StepVerifier.create(store.read(0, 2 * BLOCK)).verifyErrorMessage("the file ends at 512 within 0+1024");
        store.close().block(PATIENCE);
        StepVerifier.create(store.flush()).verifyError();
        StepVerifier.create(store.read(0, BLOCK)).verifyError();
    }

    @Test
    void fileWorksOnThreadsOfItsOwn() {
        BlockStore store = open(Kind.FILE);

        String thread = store.flush()
                .then(Mono.fromCallable(() -> Thread.currentThread().getName()))
                .block(PATIENCE);

        assertThat(thread).startsWith("nvmf-file-store");
        store.close().block(PATIENCE);
    }

    @Test
    void fileThatCannotBeOpenedSaysWhich() {
        Path path = directory.resolve("missing").resolve("store");

        assertThatThrownBy(() -> BlockStore.file(path, SIZE, BLOCK))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(path.toString());
    }

    @ParameterizedTest
    @CsvSource({"0, 512", "-512, 512", "1000, 512", "4096, 0", "4096, 256", "4096, 1000", "131072, 131072", "512, 4096"
    })
    void sizesMustFit(long size, int blockSize) {
        List.<Runnable>of(
                        () -> BlockStore.memory(size, blockSize),
                        () -> BlockStore.file(directory.resolve("unfit"), size, blockSize))
                .forEach(creation -> assertThatThrownBy(creation::run)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("blockSize " + blockSize));
        assertThat(directory.resolve("unfit")).doesNotExist();
    }

    /** The views that allocators give of their buffers begin at any position. */
    @Test
    void fileIsReadIntoBuffersOfAPoolToo() throws IOException {
        byte[] content = random(4 * BLOCK);
        Path file = Files.write(directory.resolve("content"), content);
        ByteBuf before = PooledByteBufAllocator.DEFAULT.directBuffer(BLOCK, BLOCK);
        ByteBuf target = PooledByteBufAllocator.DEFAULT.directBuffer(BLOCK, BLOCK);
        try (FileChannel channel = FileChannel.open(file)) {
            for (ByteBuf buffer : List.of(before, target)) {
                FileBlockStore.fill(buffer, channel, 2 * BLOCK);
                assertThat(ByteBufUtil.getBytes(buffer)).isEqualTo(Arrays.copyOfRange(content, 2 * BLOCK, 3 * BLOCK));
            }
        } finally {
            before.release();
            target.release();
        }
    }

    @Test
    void closingAFileInterruptsNobodyWhoListens() {
        Boolean interrupted = open(Kind.FILE)
                .close()
                .then(Mono.fromSupplier(Thread::interrupted))
                .block(PATIENCE);

        assertThat(interrupted).isFalse();
    }

    @Test
    void noMemoryIsAFailureLikeOthers() {
        BlockStore store = open(Kind.FILE);
        ByteBuf exhausting = new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, BLOCK, BLOCK) {
            @Override
            public ByteBuffer[] nioBuffers(int index, int length) {
                throw new OutOfMemoryError("made up");
            }
        };
        exhausting.writeZero(BLOCK);

        StepVerifier.create(store.write(0, exhausting))
                .expectError(OutOfMemoryError.class)
                .verify(PATIENCE);

        exhausting.release();
        store.close().block(PATIENCE);
    }
}
