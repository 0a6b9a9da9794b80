package io.nvmf.tcp.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static io.nvmf.testing.kernel.Hosts.client;
import static io.nvmf.testing.kernel.Hosts.close;
import static io.nvmf.testing.kernel.Hosts.connect;
import static io.nvmf.testing.kernel.Hosts.namespace;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteOptions;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.tcp.TcpOptions;
import io.nvmf.testing.kernel.Hosts;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.KernelLog;
import io.nvmf.testing.kernel.MatrixReport;
import io.nvmf.testing.kernel.Sha256;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

/** The typed commands and the byte streams of our host against disks of the guest, which both sides look at. */
class HostNamespaceKernelIT {

    private static final int MIB = 1 << 20;

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final KernelLab lab = KernelLab.require();
    private final KernelLog log = KernelLog.from(lab);

    @AfterEach
    void kernelHasNothingToComplainAbout() {
        log.assertNoComplaint();
    }

    /** Size of a command. */
    record Size(int bytes, int blockSize) {

        @Override
        public String toString() {
            return "%,d bytes in one command, %d B blocks".formatted(bytes, blockSize);
        }
    }

    static Stream<Size> sizes() {
        return Stream.of(512, 4096)
                .flatMap(blockSize -> IntStream.of(
                                blockSize,
                                2 * blockSize,
                                8192,
                                16384,
                                16384 + blockSize, // more than fits into a capsule
                                65536,
                                131072 + blockSize,
                                MIB,
                                4 * MIB)
                        .distinct()
                        .mapToObj(bytes -> new Size(bytes, blockSize)));
    }

    @ParameterizedTest(name = "{0}, in capsule and R2T, digests on")
    @MethodSource("sizes")
    void oneCommandOfAnySizeComesBackAsWritten(Size size) {
        int bytes = size.bytes;
        int blockSize = size.blockSize;
        for (InetSocketAddress port : new InetSocketAddress[] {lab.tcp(), lab.r2t()}) {
            NvmeController controller = connect(client(port, KernelLab.MAIN)
                    .option(TcpOptions.HEADER_DIGEST, true)
                    .option(TcpOptions.DATA_DIGEST, true));
            try {
                NvmeNamespace namespace = namespace(controller, blockSize == 512 ? 1 : 2);
                byte[] content = content(bytes ^ port.getPort(), bytes);
                long lba = namespace.blocks() - bytes / blockSize; // the last block is one of them

                namespace.write(lba, Unpooled.wrappedBuffer(content)).block(LIMIT);

                assertThat(bytes(Hosts.await(namespace.read(lba, bytes / blockSize))))
                        .isEqualTo(content);
            } finally {
                close(controller);
            }
        }
    }

    @Test
    void forceUnitAccessReachesADiskWithAVolatileCache() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN));
        try {
            NvmeNamespace namespace = namespace(controller, 3);
            byte[] content = content(3, 65536);

            namespace
                    .write(16, Unpooled.wrappedBuffer(content), WriteOptions.fua())
                    .block(LIMIT);

            assertThat(bytes(Hosts.await(namespace.read(16, 128)))).isEqualTo(content);
            assertThat(guestSha256(3, 16 * 512, content.length)).isEqualTo(Sha256.of(content));
        } finally {
            close(controller);
        }
    }

    @Test
    void flushMakesAVolatileCacheDurable() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN));
        try {
            NvmeNamespace namespace = namespace(controller, 3);
            assertThat(controller.identify().volatileWriteCache()).isTrue();
            String before = flushes();

            namespace.write(0, Unpooled.wrappedBuffer(content(4, 4096))).block(LIMIT);
            namespace.flush().block(LIMIT);

            assertThat(flushes())
                    .as("flushes that the guest's disk was asked for")
                    .isNotEqualTo(before);
        } finally {
            close(controller);
        }
    }

    @ParameterizedTest(
            name = "stream of 16 MiB to namespace {0} and back, window {1}, chunks of {2} bytes",
            quoteTextArguments = false)
    @CsvSource({"1, 32, 131072", "2, 8, 1048576", "3, 128, 16384"})
    void streamComesBackAsWrittenAndIsOnTheGuestsDisk(int nsid, int window, int chunkSize) {
        long length = 16L * MIB;
        long offset = 8L * MIB;
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN));
        try {
            NvmeNamespace namespace = namespace(controller, nsid);
            MessageDigest sent = Sha256.digest();
            long began = System.nanoTime();
            TransferProgress progress = Hosts.await(namespace
                    .writeStream(
                            offset,
                            source(nsid, length, sent),
                            WriteStreamOptions.defaults().window(window).chunkSize(chunkSize))
                    .last());
            long written = System.nanoTime();
            MessageDigest received = Sha256.digest();
            Long bytes = namespace
                    .readStream(
                            offset,
                            length,
                            ReadStreamOptions.defaults().window(window).chunkSize(chunkSize))
                    .map(buffer -> {
                        int count = buffer.readableBytes();
                        received.update(bytes(buffer));
                        return (long) count;
                    })
                    .reduce(0L, Long::sum)
                    .block(LIMIT);
            long read = System.nanoTime();

            assertThat(progress.last()).isTrue();
            assertThat(progress.durable()).isTrue();
            assertThat(progress.bytesWritten()).isEqualTo(length);
            assertThat(progress.peakBytesInFlight()).isLessThanOrEqualTo(progress.limitBytes());
            assertThat(bytes).isEqualTo(length);
            String expected = Sha256.of(sent);
            assertThat(Sha256.of(received)).isEqualTo(expected);
            assertThat(guestSha256(nsid, offset, length)).isEqualTo(expected);
            REPORT.note("write " + (written - began) / 1_000_000 + " ms, read " + (read - written) / 1_000_000
                    + " ms, peak " + progress.peakBytesInFlight() / 1024 + " KiB of at most "
                    + progress.limitBytes() / 1024 + " KiB in flight, SHA-256 equal on the guest's disk");
        } finally {
            close(controller);
        }
    }

    @Test
    void streamOverTheR2tPortWithDigestsComesBackAsWritten() {
        int length = 4 * MIB;
        NvmeController controller = connect(client(lab.r2t(), KernelLab.MAIN)
                .option(TcpOptions.HEADER_DIGEST, true)
                .option(TcpOptions.DATA_DIGEST, true));
        try {
            NvmeNamespace namespace = namespace(controller, 1);
            MessageDigest sent = Sha256.digest();

            Hosts.await(namespace.writeStream(0, source(99, length, sent)).last());

            assertThat(guestSha256(1, 0, length)).isEqualTo(Sha256.of(sent));
        } finally {
            close(controller);
        }
    }

    @Test
    void whatTheGuestWritesIsRead() {
        int length = 4 * MIB;
        String sum = lab.succeed(
                "dd if=/dev/urandom of=/tmp/out bs=64k count=64 2>/dev/null && dd if=/tmp/out of=/dev/main-2 bs=64k oflag=direct "
                        + "2>/dev/null && sha256sum </tmp/out; rm /tmp/out",
                LIMIT);
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN));
        try {
            MessageDigest received = Sha256.digest();
            namespace(controller, 2)
                    .readStream(0, length)
                    .doOnNext(buffer -> received.update(bytes(buffer)))
                    .blockLast(LIMIT);

            assertThat(sum).startsWith(Sha256.of(received));
        } finally {
            close(controller);
        }
    }

    @Test
    void cancelledStreamLeavesAConnectionThatWorks() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN));
        try {
            NvmeNamespace namespace = namespace(controller, 1);

            for (int i = 0; i < 5; i++) {
                namespace
                        .readStream(0, 64L * MIB)
                        .doOnNext(ByteBuf::release)
                        .take(3 + i)
                        .blockLast(LIMIT);
            }

            byte[] content = content(5, 4096);
            namespace.write(0, Unpooled.wrappedBuffer(content)).block(LIMIT);
            assertThat(bytes(Hosts.await(namespace.read(0, 8)))).isEqualTo(content);
        } finally {
            close(controller);
        }
    }

    /** Buffers of sizes that fit nothing, all of them whole blocks together. */
    private static Flux<ByteBuf> source(long seed, long length, MessageDigest digest) {
        return Flux.generate(() -> new Source(new Random(seed), length), (state, sink) -> {
            if (state.left == 0) {
                sink.complete();
                return state;
            }
            byte[] next = new byte[(int) Math.min(state.left, 1 + state.random.nextInt(200_000))];
            state.random.nextBytes(next);
            digest.update(next);
            sink.next(Unpooled.wrappedBuffer(next));
            return new Source(state.random, state.left - next.length);
        });
    }

    private record Source(Random random, long left) {}

    private String guestSha256(int nsid, long offset, long length) {
        return lab.succeed(
                        "dd if=/dev/main-" + nsid + " bs=64k iflag=direct,skip_bytes,count_bytes skip=" + offset
                                + " count=" + length + " 2>/dev/null | sha256sum",
                        LIMIT)
                .substring(0, 64);
    }

    /** Completed flush requests, field 16 of a block device's statistics. */
    private String flushes() {
        return lab.succeed("awk '{print $16}' /sys/block/main-3/stat", LIMIT).strip();
    }

    private static byte[] content(long seed, int length) {
        byte[] content = new byte[length];
        new Random(seed).nextBytes(content);
        return content;
    }

    private static byte[] bytes(ByteBuf buffer) {
        try {
            byte[] bytes = new byte[buffer.readableBytes()];
            buffer.readBytes(bytes);
            return bytes;
        } finally {
            buffer.release();
        }
    }
}
