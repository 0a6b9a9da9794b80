package io.nvmf.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.NamespaceFixture;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.testing.Recorder;
import io.nvmf.testing.TrackingAllocator;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class FileSinkTest {

    private static final int PART = 1000;

    @TempDir
    Path directory;

    private final TrackingAllocator buffers = new TrackingAllocator();
    private final Turns turns = new Turns();
    private final List<WatchedFile> opened = new ArrayList<>();
    private Path path;

    /** Makes what is opened fail at its n-th write, with 0 never. */
    private int failingWrite;

    @BeforeEach
    void nameTheFile() {
        path = directory.resolve("data");
    }

    @AfterEach
    void everyBufferIsReleasedAndTheFileClosed() {
        buffers.assertNoLiveBuffers();
        assertThat(opened).noneMatch(FileChannel::isOpen);
    }

    /** Emits what the test says, asked for and cancelled or not. */
    private static final class Source implements Publisher<ByteBuf>, Subscription {

        private final List<Long> requests = new ArrayList<>();
        private Subscriber<? super ByteBuf> subscriber;
        private boolean cancelled;

        @Override
        public void subscribe(Subscriber<? super ByteBuf> actual) {
            subscriber = actual;
            actual.onSubscribe(this);
        }

        @Override
        public void request(long n) {
            requests.add(n);
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        void next(ByteBuf buffer) {
            subscriber.onNext(buffer);
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private ByteBuf part(byte[] bytes, int index) {
        int length = Math.min(PART, bytes.length - index * PART);
        return buffers.directBuffer(Math.max(1, length)).writeBytes(bytes, index * PART, length);
    }

    private Flux<ByteBuf> parts(byte[] bytes) {
        return Flux.range(0, (bytes.length + PART - 1) / PART).map(index -> part(bytes, index));
    }

    /** A sink that opens where the test sees it, and writes when the test says so. */
    private Flux<Long> stepped(Publisher<ByteBuf> source, int ahead) {
        return FileWriteFlux.of(
                source,
                () -> {
                    WatchedFile file = new WatchedFile(
                            FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE), failingWrite);
                    opened.add(file);
                    return file;
                },
                new FileWrite.Settings(0, true, ahead),
                turns);
    }

    private Recorder<Long> subscribe(Flux<Long> sink, long demand) {
        Recorder<Long> recorder = new Recorder<>(demand);
        sink.subscribe(recorder);
        turns.run();
        return recorder;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, PART, PART + 1, 300 * PART + 17})
    void theFileHasTheBytesOfTheSource(int size) throws IOException {
        byte[] bytes = random(size);
        Long written = FileSink.creating(path).write(parts(bytes)).last().block();
        assertThat(written).isEqualTo(size);
        assertThat(Files.readAllBytes(path)).isEqualTo(bytes);
    }

    @Test
    void nothingHappensBeforeTheSubscriptionAndEachOpensAnew() throws IOException {
        Flux<Long> sink = FileSink.replacing(path).force(true).write(Flux.defer(() -> parts(random(3 * PART))));
        assertThat(path).doesNotExist();
        sink.blockLast();
        Files.write(path, new byte[5 * PART], StandardOpenOption.APPEND);
        assertThat(sink.last().block()).isEqualTo(3 * PART);
        assertThat(Files.readAllBytes(path)).isEqualTo(random(3 * PART));
    }

    @Test
    void aRangeGoesExactlyWhereItBelongs() throws IOException {
        byte[] before = random(10 * PART);
        Files.write(path, before);
        byte[] bytes = random(3 * PART + 1);
        FileSink.at(path, 2345).write(parts(bytes)).blockLast();
        byte[] expected = before.clone();
        System.arraycopy(bytes, 0, expected, 2345, bytes.length);
        assertThat(Files.readAllBytes(path)).isEqualTo(expected);

        FileSink.at(directory.resolve("new"), 3)
                .write(Mono.fromSupplier(() -> part(new byte[] {7}, 0)))
                .blockLast();
        assertThat(Files.readAllBytes(directory.resolve("new"))).containsExactly(0, 0, 0, 7);
    }

    @Test
    void buffersOfEveryKindAreWrittenWhole() throws IOException {
        ByteBuf composite = buffers.compositeDirectBuffer(4)
                .addComponent(true, part(random(PART), 0))
                .addComponent(true, Unpooled.wrappedBuffer(new byte[] {1, 2, 3}))
                .addComponent(true, part(random(PART), 0));
        ByteBuf read = part(random(PART), 0).skipBytes(10);
        FileSink.creating(path)
                .write(Flux.just(composite, read, Unpooled.EMPTY_BUFFER))
                .blockLast();
        byte[] written = Files.readAllBytes(path);
        assertThat(written).hasSize(2 * PART + 3 + PART - 10);
        assertThat(Arrays.copyOf(written, PART)).isEqualTo(random(PART));
        assertThat(Arrays.copyOfRange(written, 2 * PART + 3, written.length))
                .isEqualTo(Arrays.copyOfRange(random(PART), 10, PART));
    }

    @Test
    void aheadOfTheWritingNoMoreIsAskedForThanWasSaid() {
        Source source = new Source();
        Recorder<Long> recorder = subscribe(stepped(source, 4), 0);
        assertThat(source.requests).containsExactly(4L);
        for (int i = 0; i < 2; i++) {
            source.next(part(random(PART), 0));
        }
        turns.run();
        assertThat(source.requests).containsExactly(4L);
        source.next(part(random(PART), 0));
        assertThat(turns.isIdle()).isFalse();
        turns.run();
        assertThat(source.requests).containsExactly(4L, 3L);
        recorder.cancel();
        turns.run();
        assertThat(source.cancelled).isTrue();
    }

    @Test
    void progressIsSkippedWithoutDemandAndTheTotalComesLast() throws IOException {
        byte[] bytes = random(10 * PART);
        Recorder<Long> recorder = subscribe(stepped(parts(bytes), 16), 3);
        assertThat(recorder.elements).containsExactly(1L * PART, 2L * PART, 3L * PART);
        assertThat(recorder.isDone()).isFalse();
        // It is written, forced and closed, and waits for somebody to ask.
        assertThat(opened).singleElement().matches(file -> !file.isOpen() && file.forced == 1);
        recorder.request(1);
        turns.run();
        assertThat(recorder.last()).isEqualTo(10L * PART);
        assertThat(recorder.completes).isOne();
        assertThat(Files.readAllBytes(path)).isEqualTo(bytes);

        assertThat(subscribe(stepped(parts(bytes), 16), Long.MAX_VALUE).elements)
                .hasSize(10)
                .last()
                .isEqualTo(10L * PART);
        assertThat(subscribe(stepped(Flux.empty(), 16), 1).elements).containsExactly(0L);
    }

    @Test
    void withoutForceTheFileIsNotForced() {
        Flux<Long> sink = FileWriteFlux.of(
                parts(random(PART)),
                () -> {
                    WatchedFile file = new WatchedFile(
                            FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE), 0);
                    opened.add(file);
                    return file;
                },
                new FileWrite.Settings(0, false, 1),
                turns);
        assertThat(subscribe(sink, 1).completes).isOne();
        assertThat(opened.get(0).forced).isZero();
    }

    @Test
    void aFailureOfTheSourceComesBehindWhatItEmitted() throws IOException {
        IllegalStateException failure = new IllegalStateException("source");
        Recorder<Long> recorder =
                subscribe(stepped(parts(random(3 * PART)).concatWith(Mono.error(failure)), 16), Long.MAX_VALUE);
        assertThat(recorder.errors).containsExactly(failure);
        assertThat(recorder.last()).isEqualTo(3L * PART);
        assertThat(Files.readAllBytes(path)).isEqualTo(random(3 * PART));
    }

    @Test
    void aSourceThatFailsAtOnceTouchesNoFile() throws IOException {
        Files.write(path, new byte[] {1});
        FileSink.replacing(path)
                .write(Flux.error(new IllegalStateException("source")))
                .as(StepVerifier::create)
                .expectErrorMessage("source")
                .verify(Duration.ofSeconds(30));
        assertThat(Files.readAllBytes(path)).containsExactly(1);

        Publisher<ByteBuf> throwing = subscriber -> {
            throw new IllegalStateException("thrown");
        };
        assertThat(subscribe(stepped(throwing, 1), 1).errors).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void aFullDiskEndsEverything(int write) {
        failingWrite = write;
        Source source = new Source();
        Recorder<Long> recorder = new Recorder<>(Long.MAX_VALUE);
        stepped(source, 16).subscribe(recorder);
        turns.run();
        for (int i = 0; i < 10; i++) {
            source.next(part(random(PART), 0));
        }
        turns.run();
        source.next(part(random(PART), 0)); // before it notices
        turns.run();

        assertThat(recorder.errors)
                .singleElement()
                .isInstanceOf(IOException.class)
                .asString()
                .contains("No space");
        assertThat(recorder.elements).hasSize(write - 1);
        assertThat(source.cancelled).isTrue();
    }

    @Test
    void whatIsThereOrIsMissingIsTold() throws IOException {
        Files.write(path, new byte[1]);
        FileSink.creating(path)
                .write(parts(random(3 * PART)))
                .as(StepVerifier::create)
                .expectError(FileAlreadyExistsException.class)
                .verify(Duration.ofSeconds(30));
        FileSink.at(path.resolve("nowhere/file"), 0)
                .write(parts(random(3 * PART)))
                .as(StepVerifier::create)
                .expectErrorMatches(failure -> failure instanceof IOException)
                .verify(Duration.ofSeconds(30));
        FileSink.replacing(directory.resolve("nowhere/file"))
                .write(parts(random(3 * PART)))
                .as(StepVerifier::create)
                .expectError(NoSuchFileException.class)
                .verify(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 5})
    void aCancelAtAnyMomentReleasesEverything(int received) {
        Source source = new Source();
        Recorder<Long> recorder = new Recorder<>(1);
        stepped(source, 16).subscribe(recorder);
        turns.run();
        for (int i = 0; i < received; i++) {
            source.next(part(random(PART), 0));
            if (i == 1) {
                turns.run();
            }
        }
        recorder.cancel();
        assertThat(source.cancelled).isTrue();
        source.next(part(random(PART), 0));
        turns.run();
        source.next(part(random(PART), 0));
        turns.run();
        assertThat(recorder.isDone()).isFalse();
    }

    @Test
    void aCancelBeforeTheFirstTurnOpensNothing() {
        Recorder<Long> recorder = new Recorder<>(1);
        stepped(parts(random(PART)), 1).subscribe(recorder);
        recorder.cancel();
        turns.run();
        assertThat(opened).isEmpty();
    }

    @Test
    void operatorsOfTheSourceReleaseWhatTheyDiscard() {
        Recorder<Long> recorder = new Recorder<>(1);
        Flux<ByteBuf> source = parts(random(20 * PART)).concatWith(Flux.never()).publishOn(Schedulers.immediate(), 8);
        stepped(source.filter(buffer -> buffer.getByte(0) > 0), 2).subscribe(recorder);
        turns.run();
        recorder.cancel();
        turns.run();
    }

    @Test
    void aSourceThatEmitsTooMuchHasFailed() {
        Source source = new Source();
        Recorder<Long> recorder = new Recorder<>(1);
        stepped(source, 1).subscribe(recorder);
        turns.run();
        for (int i = 0; i < 20; i++) {
            source.next(part(random(PART), 0));
        }
        turns.run();
        assertThat(recorder.errors).singleElement().asString().contains("more buffers than were requested");
    }

    @Test
    void wrongDemandAndWantOfThreadsEndTheWriting() {
        Recorder<Long> recorder = new Recorder<>(1);
        Flux<ByteBuf> endless = parts(random(2 * PART)).concatWith(Flux.never());
        List<Subscription> subscription = new ArrayList<>();
        stepped(endless, 4).doOnSubscribe(subscription::add).subscribe(recorder);
        turns.run();
        subscription.get(0).request(0);
        turns.run();
        assertThat(recorder.errors).singleElement().isInstanceOf(IllegalArgumentException.class);

        Source source = new Source();
        Recorder<Long> rejected = new Recorder<>(1);
        stepped(source, 4).subscribe(rejected);
        turns.run();
        turns.rejects = true;
        source.next(part(random(PART), 0));
        assertThat(rejected.errors).singleElement().isInstanceOf(RejectedExecutionException.class);
        assertThat(source.cancelled).isTrue();
        source.next(part(random(PART), 0));
    }

    @Test
    void aSubscriberThatThrowsEndsTheWriting() {
        IllegalStateException thrown = new IllegalStateException("subscriber");
        Source source = new Source();
        List<Throwable> errors = new ArrayList<>();
        stepped(source, 4).subscribe(new CoreSubscriber<>() {
            @Override
            public void onSubscribe(Subscription subscription) {
                subscription.request(1);
            }

            @Override
            public void onNext(Long bytes) {
                throw thrown;
            }

            @Override
            public void onError(Throwable failure) {
                errors.add(failure);
            }

            @Override
            public void onComplete() {}
        });
        turns.run();
        source.next(part(random(PART), 0));
        source.next(part(random(PART), 0));
        turns.run();
        assertThat(errors).containsExactly(thrown);
        assertThat(source.cancelled).isTrue();
    }

    @Test
    void settingsThatCannotBeAreRefusedAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileSink.at(path, -1))
                .withMessageContaining("-1");
        FileSink sink = FileSink.at(path, 5);
        assertThatIllegalArgumentException().isThrownBy(() -> sink.buffers(0)).withMessageContaining("buffers 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sink.buffers(1025))
                .withMessageContaining("1..1024");
        assertThat(sink.force(true).buffers(3)).hasToString("FileSink[" + path + ", offset=5, force=true, buffers=3]");
    }

    /** The reading event loop is never blocked: BlockHound watches it. */
    @Test
    void aNamespaceBecomesAFile() throws IOException {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        NamespaceFixture fixture =
                NamespaceFixture.blocks(2048).executor(executor).build();
        byte[] bytes = random(fixture.media().length);
        System.arraycopy(bytes, 0, fixture.media(), 0, bytes.length);
        ReadStreamOptions options = ReadStreamOptions.defaults().chunkSize(8192).maxBuffered(32768);
        Stream.of(FileSink.replacing(path), FileSink.at(path, 0).force(true).buffers(1))
                .forEach(sink -> assertThat(sink.write(fixture.namespace.readStream(0, bytes.length, options))
                                .last()
                                .block())
                        .isEqualTo(bytes.length));
        assertThat(Files.readAllBytes(path)).isEqualTo(bytes);
        executor.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
