package io.nvmf.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.NamespaceFixture;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.testing.ExhaustibleAllocator;
import io.nvmf.testing.Recorder;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class FileSourceTest {

    private static final int BUFFER = FileSource.BUFFER_SIZE;

    @TempDir
    Path directory;

    private Path path;
    private final List<FileChannel> opened = new ArrayList<>();
    private final AtomicInteger reads = new AtomicInteger();
    private final Turns turns = new Turns();
    private Runnable onRead = () -> {};
    private IOException closeFailure;

    @BeforeEach
    void nameTheFile() {
        path = directory.resolve("data");
    }

    private byte[] write(int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Files.write(path, content);
        return content;
    }

    /** A source that opens where the test sees it and reads when the test says so. */
    private Flux<ByteBuf> stepped(long offset, long length) {
        return stepped(offset, length, UnpooledByteBufAllocator.DEFAULT);
    }

    private Flux<ByteBuf> stepped(long offset, long length, ByteBufAllocator allocator) {
        return FileFlux.of(
                () -> {
                    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
                    opened.add(channel);
                    return new Watched(channel);
                },
                path.toString(),
                offset,
                length,
                turns,
                allocator);
    }

    private Recorder<ByteBuf> subscribe(Flux<ByteBuf> source, long demand) {
        Recorder<ByteBuf> recorder = new Recorder<>(demand);
        source.subscribe(recorder);
        turns.run();
        return recorder;
    }

    private void request(Recorder<ByteBuf> recorder, long demand) {
        recorder.request(demand);
        turns.run();
    }

    private void assertClosed() {
        assertThat(opened).hasSize(1).noneMatch(FileChannel::isOpen);
    }

    private static byte[] joined(List<ByteBuf> buffers) {
        ByteBuf all = Unpooled.wrappedBuffer(buffers.toArray(ByteBuf[]::new));
        try {
            return ByteBufUtil.getBytes(all);
        } finally {
            all.release();
        }
    }

    private static byte[] bytesOf(Flux<ByteBuf> source) {
        return joined(source.collectList().block());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER + 17})
    void wholeFileComesAsItIs(int size) throws IOException {
        byte[] content = write(size);
        assertThat(bytesOf(FileSource.bytes(path))).isEqualTo(content);
        assertThat(bytesOf(FileSource.bytes(path, 0, size))).isEqualTo(content);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "5, 1048576", "262143, 2", "1048575, 1"})
    void rangeIsWhatWasAskedFor(int offset, int length) throws IOException {
        byte[] content = write((1 << 20) + 5);
        assertThat(bytesOf(FileSource.bytes(path, offset, length)))
                .isEqualTo(Arrays.copyOfRange(content, offset, offset + length));
    }

    @Test
    void buffersAreDirectAndAllButTheLastAreFull() throws IOException {
        write(2 * BUFFER + 100);
        List<ByteBuf> buffers = FileSource.bytes(path).collectList().block();
        assertThat(buffers)
                .allMatch(ByteBuf::isDirect)
                .extracting(ByteBuf::readableBytes)
                .containsExactly(BUFFER, BUFFER, 100);
        buffers.forEach(ByteBuf::release);
    }

    @Test
    void everySubscriptionOpensTheFileAnew() throws IOException {
        Flux<ByteBuf> source = FileSource.bytes(path);
        for (int size : new int[] {100, 200}) {
            byte[] content = write(size);
            assertThat(bytesOf(source)).isEqualTo(content);
        }
    }

    @Test
    void emptyFileAndEmptyRangeAreEmptySources() throws IOException {
        write(0);
        StepVerifier.create(FileSource.bytes(path)).verifyComplete();
        write(10);
        StepVerifier.create(FileSource.bytes(path, 10, 0)).verifyComplete();
        StepVerifier.create(FileSource.bytes(path, 3, 0)).verifyComplete();
    }

    @Test
    void completionClosesTheFileFirst() throws IOException {
        byte[] content = write(BUFFER + 1);
        List<Boolean> openAtTheEnd = new ArrayList<>();
        Recorder<ByteBuf> recorder = subscribe(
                stepped(0, FileFlux.TO_THE_END)
                        .doOnComplete(() -> openAtTheEnd.add(opened.get(0).isOpen())),
                2);
        assertThat(recorder.completes).isOne();
        assertThat(openAtTheEnd).containsExactly(false);
        assertThat(joined(recorder.elements)).isEqualTo(content);
        assertClosed();
    }

    @Test
    void nothingIsOpenedBeforeTheFirstDemandNorReadBeyondIt() throws IOException {
        write(10 * BUFFER);
        Recorder<ByteBuf> recorder = subscribe(stepped(0, 10L * BUFFER), 0);
        assertThat(opened).isEmpty();
        request(recorder, 1);
        assertThat(reads).hasValue(1);
        request(recorder, 3);
        assertThat(reads).hasValue(4);
        assertThat(recorder.elements).hasSize(4);
        recorder.cancel();
        turns.run();
        recorder.elements.forEach(ByteBuf::release);
    }

    @Test
    void limitRateReadsAheadAndNoFurther() throws IOException {
        write(20 * BUFFER);
        Recorder<ByteBuf> recorder = new Recorder<>(1);
        stepped(0, 20L * BUFFER)
                .limitRate(4)
                .doOnDiscard(ByteBuf.class, ByteBuf::release)
                .subscribe(recorder);
        turns.run();
        assertThat(reads).hasValue(4);
        assertThat(recorder.elements).hasSize(1);
        recorder.cancel();
        turns.run();
        recorder.elements.forEach(ByteBuf::release);
    }

    @Test
    void cancellingHalfWayClosesTheFile() throws IOException {
        write(10 * BUFFER);
        Recorder<ByteBuf> recorder = subscribe(stepped(0, FileFlux.TO_THE_END), 2);
        assertThat(opened).hasSize(1).allMatch(FileChannel::isOpen);

        recorder.cancel();
        turns.run();

        assertClosed();
        assertThat(recorder.elements).hasSize(2);
        assertThat(recorder.isDone()).isFalse();
        recorder.elements.forEach(ByteBuf::release);
    }

    @Test
    void bufferReadWhileTheSubscriptionIsCancelledIsReleased() throws IOException {
        write(10 * BUFFER);
        Recorder<ByteBuf> recorder = new Recorder<>(5);
        onRead = () -> {
            if (reads.get() == 2) {
                recorder.cancel();
            }
        };
        stepped(0, 10L * BUFFER).subscribe(recorder);
        turns.run();
        assertThat(reads).hasValue(2);
        assertThat(recorder.elements).hasSize(1);
        assertClosed();
        recorder.elements.forEach(ByteBuf::release);
    }

    @Test
    void cancellingBeforeTheFirstDemandOpensNothing() throws IOException {
        write(10);
        Recorder<ByteBuf> recorder = subscribe(stepped(0, 10), 0);
        recorder.cancel();
        recorder.request(1);
        turns.run();
        assertThat(opened).isEmpty();
        assertThat(recorder.isDone()).isFalse();
    }

    @Test
    void missingFileIsAnIoException() {
        StepVerifier.create(FileSource.bytes(path))
                .expectError(NoSuchFileException.class)
                .verify();
        StepVerifier.create(FileSource.bytes(path, 0, 0))
                .expectError(NoSuchFileException.class)
                .verify();
    }

    @Test
    void fileShorterThanAskedForFailsBeforeTheFirstBuffer() throws IOException {
        write(BUFFER + 5);
        Recorder<ByteBuf> recorder = subscribe(stepped(5, BUFFER + 1), Long.MAX_VALUE);
        assertThat(recorder.elements).isEmpty();
        assertThat(recorder.errors)
                .singleElement()
                .isInstanceOf(EOFException.class)
                .asString()
                .contains(path.toString(), "262149 bytes", "5+262145");
        assertClosed();
    }

    @Test
    void truncationHalfWayFailsBehindWhatWasRead() throws IOException {
        write(4 * BUFFER);
        Recorder<ByteBuf> recorder = subscribe(stepped(0, FileFlux.TO_THE_END), 2);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(2 * BUFFER + 7);
        }
        request(recorder, 2);
        assertThat(recorder.elements).hasSize(2);
        assertThat(recorder.errors)
                .singleElement()
                .isInstanceOf(EOFException.class)
                .asString()
                .contains("truncated to 524295 bytes");
        assertClosed();
        recorder.elements.forEach(ByteBuf::release);
    }

    @Test
    void failureToCloseIsTold() throws IOException {
        write(5);
        IOException broken = new IOException("broken");
        closeFailure = broken;
        Recorder<ByteBuf> recorder = subscribe(stepped(0, 5), 1);
        assertThat(recorder.errors).containsExactly(broken);
        recorder.elements.forEach(ByteBuf::release);
    }

    @Test
    void wrongDemandAndWantOfThreadsEndTheSubscription() throws IOException {
        write(4 * BUFFER);
        Recorder<ByteBuf> recorder = new Recorder<>(1);
        List<Subscription> subscription = new ArrayList<>();
        stepped(0, BUFFER * 4L).doOnSubscribe(subscription::add).subscribe(recorder);
        turns.run();
        subscription.get(0).request(0);
        turns.run();
        assertThat(recorder.errors).singleElement().isInstanceOf(IllegalArgumentException.class);
        assertClosed();
        recorder.elements.forEach(ByteBuf::release);

        opened.clear();
        Recorder<ByteBuf> rejected = subscribe(stepped(0, BUFFER * 4L), 1);
        turns.rejects = true;
        rejected.request(1);
        assertThat(rejected.errors).singleElement().isInstanceOf(RejectedExecutionException.class);
        assertClosed();
        rejected.elements.forEach(ByteBuf::release);
    }

    @ParameterizedTest
    @ValueSource(classes = {NoClassDefFoundError.class, StackOverflowError.class, IllegalStateException.class})
    void whateverTheSubscriberOrTheOpeningThrowsEndsTheSourceAndClosesTheFile(Class<? extends Throwable> type)
            throws Exception {
        write(4 * BUFFER);
        Throwable thrown = type.getDeclaredConstructor().newInstance();
        Recorder<ByteBuf> consuming = subscribe(
                stepped(0, BUFFER * 4L).<ByteBuf>map(buffer -> {
                    buffer.release();
                    sneaky(thrown);
                    return buffer;
                }),
                1);
        assertThat(consuming.errors).containsExactly(thrown);
        assertClosed();

        Flux<ByteBuf> unopened = FileFlux.of(
                () -> {
                    sneaky(thrown);
                    throw new AssertionError(thrown);
                },
                "unopened",
                0,
                BUFFER,
                turns,
                UnpooledByteBufAllocator.DEFAULT);
        assertThat(subscribe(unopened, 1).errors).containsExactly(thrown);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void withoutMemoryTheSourceFailsAsDocumentedAndClosesTheFile() throws IOException {
        write(4 * BUFFER);
        ExhaustibleAllocator allocator = new ExhaustibleAllocator();
        allocator.exhausted = true;
        Recorder<ByteBuf> recorder = subscribe(stepped(0, BUFFER * 4L, allocator), 1);
        assertThat(recorder.errors)
                .singleElement()
                .isInstanceOf(NvmeLimitException.class)
                .satisfies(failure -> assertThat(failure).hasMessageContaining("no memory"));
        assertClosed();
    }

    @Test
    void rangesThatCannotBeAreRefusedAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileSource.bytes(path, -1, 1))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileSource.bytes(path, 0, -1))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileSource.bytes(path, 2, Long.MAX_VALUE - 1))
                .withMessageContaining("0..9223372036854775805");
    }

    @Test
    void threadsThatMustNotBlockMayAskForIt() throws IOException {
        byte[] content = write(3 * BUFFER);
        // BlockHound watches the parallel scheduler
        assertThat(bytesOf(FileSource.bytes(path).limitRate(1).subscribeOn(Schedulers.parallel())))
                .isEqualTo(content);
    }

    @Test
    void writeStreamPutsTheFileOntoTheNamespace() throws IOException {
        byte[] content = write(5 * BUFFER);
        DefaultEventExecutor executor = new DefaultEventExecutor();
        NamespaceFixture fixture = NamespaceFixture.blocks(content.length / NamespaceFixture.BLOCK)
                .executor(executor)
                .build();
        fixture.namespace.writeStream(0, FileSource.bytes(path)).blockLast();
        assertThat(fixture.media()).isEqualTo(content);
        executor.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Reads at a position and counts it; nothing else of a channel is to be used. */
    private final class Watched extends FileChannel {

        private final FileChannel channel;

        Watched(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            reads.incrementAndGet();
            onRead.run();
            return channel.read(target, position);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        protected void implCloseChannel() throws IOException {
            channel.close();
            if (closeFailure != null) {
                throw closeFailure;
            }
        }

        @Override
        public int read(ByteBuffer target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] targets, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer source) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer source, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void force(boolean metaData) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }
}
