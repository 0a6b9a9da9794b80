package io.nvmf.tcp.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files on disk: shared, bounded, readable at any time, and never in the way of who captures. */
class CaptureFileTest {

    private static final int STATISTICS = 5;

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("a.pcapng");
    }

    private CaptureSettings settings(long size, int files) {
        return new CaptureSettings(file(), size, files, 0);
    }

    private CaptureSettings settings() {
        return settings(1 << 20, 3);
    }

    private static CapturedPacket packet(int number, int bytes) {
        byte[] headers = new PacketHeaders(InetAddress.getLoopbackAddress(), 1, InetAddress.getLoopbackAddress(), 2)
                .encode(number, 0, PacketHeaders.ACK, bytes);
        return new CapturedPacket(
                number, false, headers, new byte[bytes], bytes, 0, new byte[0], headers.length + bytes, null);
    }

    private static List<Long> numbers(Path file) throws IOException {
        return CaptureReader.packets(file).stream()
                .map(CaptureReader.Packet::sequence)
                .toList();
    }

    private static List<CaptureReader.Block> statistics(Path file) throws IOException {
        return CaptureReader.blocks(Files.readAllBytes(file)).stream()
                .filter(block -> block.type() == STATISTICS)
                .toList();
    }

    /** Waits until the thread has closed the file. */
    private CaptureFile started(CaptureSettings settings, CountDownLatch ended) {
        CaptureFile file = new CaptureFile(settings, null);
        file.start(ended::countDown);
        return file;
    }

    private static void awaitEnd(CountDownLatch ended) throws InterruptedException {
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void theFileIsCompleteWhenTheLastConnectionHasLeft() throws IOException, InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        CaptureFile file = started(settings(), ended);
        assertThat(file.join()).isTrue();
        file.add(packet(1, 100));
        file.leave();
        file.add(packet(2, 100));
        assertThat(ended.getCount()).isOne();
        file.leave();
        awaitEnd(ended);

        assertThat(file.join()).as("it is too late").isFalse();
        assertThat(numbers(file())).containsExactly(1L, 2L);
        assertThat(statistics(file())).hasSize(1);
        assertThat(statistics(file()).get(0).number(4)).isEqualTo(2);
        assertThat(statistics(file()).get(0).number(5)).isZero();
    }

    @Test
    void whatWasCapturedIsReadableBeforeTheEnd() {
        CountDownLatch ended = new CountDownLatch(1);
        CaptureFile file = started(settings(), ended);
        file.add(packet(1, 100));

        CaptureReader.awaitFile(() -> assertThat(numbers(file())).containsExactly(1L));
        file.leave();
    }

    @Test
    void whatDoesNotFitInIsDroppedAndCounted() throws IOException, InterruptedException {
        CapturedPacket first = packet(0, 100);
        CaptureFile file = new CaptureFile(settings(), null, 3L * first.memory());
        // Nobody writes yet.
        for (int number = 0; number < 10; number++) {
            file.add(packet(number, 100));
        }
        CountDownLatch ended = new CountDownLatch(1);
        file.start(ended::countDown);
        CaptureReader.awaitFile(() -> assertThat(numbers(file())).hasSize(3));
        file.add(packet(10, 100));
        file.leave();
        awaitEnd(ended);

        List<CaptureReader.Packet> packets = CaptureReader.packets(file());
        assertThat(packets).extracting(CaptureReader.Packet::sequence).containsExactly(0L, 1L, 2L, 10L);
        assertThat(packets.stream().mapToLong(CaptureReader.Packet::dropped).sum())
                .isEqualTo(7);
        assertThat(statistics(file()).get(0).number(4)).isEqualTo(11);
        assertThat(statistics(file()).get(0).number(5)).isEqualTo(7);
    }

    @Test
    void fullFilesAreRenamedAndTheOldestGoes() throws IOException {
        int size = 8 * 1024;
        try (RotatingFile file = new RotatingFile(settings(size, 3))) {
            for (int number = 0; number < 100; number++) {
                file.write(packet(number, 1000), 0);
            }
            file.finish(0, 0);
        }

        try (Stream<Path> names = Files.list(directory)) {
            assertThat(names.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("a.pcapng", "a.1.pcapng", "a.2.pcapng");
        }
        List<Long> all = Stream.of("a.2.pcapng", "a.1.pcapng", "a.pcapng")
                .map(directory::resolve)
                .flatMap(path -> {
                    try {
                        assertThat(Files.size(path)).isLessThanOrEqualTo(size);
                        assertThat(statistics(path)).hasSize(1);
                        return numbers(path).stream();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
        assertThat(all).hasSizeGreaterThan(15).isSorted().endsWith(99L);
        assertThat(all.get(all.size() - 1) - all.get(0)).as("without a gap").isEqualTo(all.size() - 1);
    }

    @Test
    void aSingleFileIsBegunAnewWhenItIsFull() throws IOException {
        try (RotatingFile file = new RotatingFile(settings(8 * 1024, 1))) {
            for (int number = 0; number < 20; number++) {
                file.write(packet(number, 1000), 0);
            }
            file.finish(0, 0);
        }

        try (Stream<Path> names = Files.list(directory)) {
            assertThat(names).containsExactly(file());
        }
        assertThat(numbers(file())).endsWith(19L).doesNotContain(0L);
    }

    @Test
    void aFileThatIsWholeGoesOn() throws IOException {
        for (int number = 0; number < 3; number++) {
            try (RotatingFile file = new RotatingFile(settings())) {
                file.write(packet(number, 10), 0);
                file.finish(0, 0);
            }
        }

        assertThat(numbers(file())).containsExactly(0L, 1L, 2L);
        assertThat(directory).isDirectoryNotContaining("glob:**.1.pcapng");
    }

    @Test
    void aFileThatWasCutOffIsKeptAside() throws IOException {
        try (RotatingFile file = new RotatingFile(settings())) {
            file.write(packet(0, 10), 0);
            file.finish(0, 0);
        }
        byte[] whole = Files.readAllBytes(file());
        byte[] cut = Arrays.copyOf(whole, whole.length - 5);
        Files.write(file(), cut);

        try (RotatingFile file = new RotatingFile(settings())) {
            file.write(packet(1, 10), 0);
            file.finish(0, 0);
        }

        assertThat(directory.resolve("a.1.pcapng")).hasBinaryContent(cut);
        assertThat(numbers(file())).containsExactly(1L);
    }

    @Test
    void aFileThatIsNoCaptureIsLeftAlone() throws IOException, InterruptedException {
        Files.writeString(file(), "precious");
        CountDownLatch ended = new CountDownLatch(1);
        CaptureFile file = started(settings(), ended);
        file.add(packet(1, 10));
        file.leave();
        awaitEnd(ended);

        assertThat(file()).hasContent("precious");
    }

    @Test
    void whereNothingCanBeWrittenNobodyWaits() throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        CaptureFile file = started(new CaptureSettings(directory.resolve("no/such/directory"), 1 << 20, 1, 0), ended);
        for (int number = 0; number < 1000; number++) {
            file.add(packet(number, 1000));
        }
        file.leave();
        awaitEnd(ended);
    }

    @Test
    void onlyTheOwnerMayRead() throws IOException {
        try (RotatingFile file = new RotatingFile(settings())) {
            file.finish(0, 0);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void whoNamesTheSameFileSharesItAlsoAfterItsEnd() throws IOException {
        CaptureSettings other = new CaptureSettings(directory.resolve("x/../a.pcapng"), 1 << 21, 9, 7);
        CaptureFile first = CaptureFiles.join(settings());
        assertThat(CaptureFiles.join(other)).isSameAs(first);
        first.add(packet(1, 10));
        first.leave();
        first.leave();
        for (int number = 2; number < 50; number++) {
            // While the one before writes its end, or after it.
            CaptureFile next = CaptureFiles.join(settings());
            next.add(packet(number, 10));
            next.leave();
        }

        CaptureReader.awaitFile(() -> assertThat(numbers(file())).hasSize(49));
        assertThat(numbers(file())).isSorted();
    }
}
