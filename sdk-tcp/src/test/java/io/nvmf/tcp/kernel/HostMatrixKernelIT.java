package io.nvmf.tcp.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeQueue;
import io.nvmf.tcp.TcpOptions;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.MatrixReport;
import io.nvmf.testing.kernel.RoundTrip;
import io.nvmf.testing.kernel.Sha256;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Our host against the kernel's controller, in every combination: what is written through one I/O queue comes back through another
 * one, and for some combinations the guest finds it on its disk.
 */
class HostMatrixKernelIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int LARGEST = 4 << 20;
    private static final long REGION = 8L << 20;
    private static final long SEED = 0x6E766D65;

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final KernelLab lab = KernelLab.require();

    enum Port {
        TCP,
        R2T;

        InetSocketAddress address(KernelLab lab) {
            return this == TCP ? lab.tcp() : lab.r2t();
        }
    }

    enum Digests {
        OFF(false, false),
        HEADER(true, false),
        DATA(false, true),
        BOTH(true, true);

        private final boolean header;
        private final boolean data;

        Digests(boolean header, boolean data) {
            this.header = header;
            this.data = data;
        }
    }

    /** One combination; {@code largest}: one of its commands moves 4 MiB; {@code guest}: the guest looks at its disk, too. */
    record Row(
            int number,
            Port port,
            Digests digests,
            boolean flowControl,
            int blockSize,
            int depth,
            boolean largest,
            boolean guest) {

        @Override
        public String toString() {
            return "%s, digests %s, flow control %s, %d B blocks, depth %d"
                    .formatted(
                            port == Port.TCP ? "in capsule up to 16 KiB" : "R2T",
                            digests.name().toLowerCase(Locale.ROOT),
                            flowControl ? "on" : "off",
                            blockSize,
                            depth);
        }

        /** Namespaces of {@link KernelLab#MAIN}. */
        int nsid() {
            return blockSize == 512 ? 1 : 2;
        }

        /** Combinations must not find each other's data. */
        long offset() {
            return number * REGION % (192 << 20);
        }

        int commands() {
            return depth == 1 ? 8 : depth * 3 / 2;
        }

        int mostBytes() {
            return depth == 1 ? 512 << 10 : depth == 32 ? 64 << 10 : 16 << 10;
        }
    }

    static Stream<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (Port port : Port.values()) {
            for (Digests digests : Digests.values()) {
                for (boolean flowControl : new boolean[] {true, false}) {
                    for (int blockSize : new int[] {512, 4096}) {
                        for (int depth : new int[] {1, 32, 128}) {
                            boolean largest = flowControl && (digests == Digests.OFF || digests == Digests.BOTH);
                            boolean guest = depth == 32 && largest;
                            rows.add(
                                    new Row(rows.size(), port, digests, flowControl, blockSize, depth, largest, guest));
                        }
                    }
                }
            }
        }
        return rows.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void whatIsWrittenThroughOneQueueComesBackThroughAnother(Row row) {
        InetSocketAddress address = row.port.address(lab);
        NvmeController controller = NvmeClient.create()
                .remoteAddress(address.getHostString(), address.getPort())
                .subsystem(KernelLab.MAIN)
                .ioQueues(2)
                .queueSize(row.depth + 1)
                .sqFlowControl(row.flowControl)
                .option(TcpOptions.HEADER_DIGEST, row.digests.header)
                .option(TcpOptions.DATA_DIGEST, row.digests.data)
                .connect()
                .block(LIMIT);
        assertThat(controller).isNotNull();
        try {
            assertThat(controller.sqFlowControl()).isEqualTo(row.flowControl);
            NvmeNamespace namespace = controller.namespace(row.nsid()).block(LIMIT);
            assertThat(namespace).isNotNull();
            assertThat(namespace.blockSize()).isEqualTo(row.blockSize);
            List<NvmeQueue> queues = controller.ioQueues();
            assertThat(queues)
                    .hasSize(2)
                    .allSatisfy(queue -> assertThat(queue.depth())
                            .isEqualTo(row.port == Port.R2T ? Math.min(row.depth, 15) : row.depth));

            RoundTrip trip = new RoundTrip(new RoundTrip.Region(
                    row.nsid(),
                    row.blockSize,
                    row.offset(),
                    row.commands(),
                    row.mostBytes(),
                    row.largest ? LARGEST : 0,
                    SEED + row.number));
            long began = System.nanoTime();
            trip.write(queues.get(row.number % 2));
            long written = System.nanoTime();
            trip.read(queues.get(1 - row.number % 2));
            long read = System.nanoTime();

            byte[] content = trip.content();
            REPORT.note(trip.commands() + " × 2 commands, " + content.length / 1024 + " KiB, write "
                    + (written - began) / 1_000_000 + " ms, read " + (read - written) / 1_000_000 + " ms");
            if (row.guest) {
                assertThat(lab.succeed(
                                "dd if=/dev/main-" + row.nsid() + " bs=64k iflag=direct,skip_bytes,count_bytes skip="
                                        + row.offset() + " count=" + content.length + " 2>/dev/null | sha256sum",
                                LIMIT))
                        .startsWith(Sha256.of(content));
                REPORT.note("SHA-256 equal on the guest's disk");
            }
        } finally {
            controller.close().block(LIMIT);
        }
    }
}
