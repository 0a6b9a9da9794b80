package io.nvmf.rdma.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static io.nvmf.testing.kernel.Hosts.close;
import static io.nvmf.testing.kernel.Hosts.connect;
import static io.nvmf.testing.kernel.Hosts.namespace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeQueue;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.rdma.RdmaOptions;
import io.nvmf.rdma.iwarp.IwarpOptions;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.kernel.Hosts;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.KernelLog;
import io.nvmf.testing.kernel.MatrixReport;
import io.nvmf.testing.kernel.RoundTrip;
import io.nvmf.testing.kernel.Sha256;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

/** Our host against the kernel's nvmet-rdma, which has iWARP in software (siw), in every combination. */
class HostRdmaKernelIT {

    private static final long SEED = 0x72646D61;
    private static final int MIB = 1 << 20;

    /** Associations that come and go, one after the other; each has two queues, so twice as many connections. */
    private static final int CYCLES = Integer.getInteger("nvmf.kernel.rdma.cycles", 250);

    private static final String[] EXPECTED = {
        "Connect Invalid Data Parameter",
        "not allowed to connect",
        "connect for subsystem",
        // nvmet ends the event requests of a host that has gone, over a connection that may be gone by then.
        "nvmet_rdma: post_recv cmd failed",
        "nvmet_rdma: sending cmd response failed",
    };

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final KernelLab lab = KernelLab.require();
    private final KernelLog log = KernelLog.from(lab);

    @AfterEach
    void kernelDoesNotComplain() {
        log.assertNoComplaint(EXPECTED);
    }

    /** One combination. */
    record Row(int number, boolean crc, int mulpdu, boolean inCapsule, boolean invalidation) {

        @Override
        public String toString() {
            return "CRC %s, FPDU %d, in-capsule data %s, invalidation %s"
                    .formatted(onOff(crc), mulpdu, onOff(inCapsule), onOff(invalidation));
        }

        private static String onOff(boolean on) {
            return on ? "on" : "off";
        }

        /** Combinations must not find each other's data. */
        long offset() {
            return number * (long) (12 * MIB);
        }
    }

    static Stream<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (boolean crc : new boolean[] {true, false}) {
            for (int mulpdu : new int[] {1440, 64_768}) {
                for (boolean inCapsule : new boolean[] {true, false}) {
                    for (boolean invalidation : new boolean[] {true, false}) {
                        rows.add(new Row(rows.size(), crc, mulpdu, inCapsule, invalidation));
                    }
                }
            }
        }
        return rows.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void whatIsWrittenThroughOneQueueComesBackThroughAnother(Row row) {
        NvmeController controller = connect(client(row.inCapsule ? lab.rdma() : lab.rdmaKeyed())
                .ioQueues(2)
                .queueSize(16)
                .option(IwarpOptions.CRC, row.crc)
                .option(IwarpOptions.MULPDU, row.mulpdu)
                .option(RdmaOptions.REMOTE_INVALIDATION, row.invalidation));
        try {
            assertThat(controller.identify().inCapsuleDataSize()).isEqualTo(row.inCapsule ? 16 << 10 : 0);
            List<NvmeQueue> queues = controller.ioQueues();
            assertThat(queues).hasSize(2);
            NvmeNamespace namespace = namespace(controller, 2);

            oneByOne(namespace, row.offset());
            RoundTrip trip = new RoundTrip(
                    new RoundTrip.Region(2, 4096, row.offset() + 4L * MIB, 48, 256 << 10, MIB, SEED + row.number));
            trip.write(queues.get(row.number % 2));
            trip.read(queues.get(1 - row.number % 2));

            assertThat(lab.succeed(
                            "dd if=/dev/main-2 bs=64k iflag=direct,skip_bytes,count_bytes skip="
                                    + (row.offset() + 4L * MIB) + " count=" + trip.content().length
                                    + " 2>/dev/null | sha256sum",
                            LIMIT))
                    .startsWith(Sha256.of(trip.content()));
            REPORT.note("4 KiB to 1 MiB one by one; " + trip.commands() + " × 2 commands, "
                    + trip.content().length / 1024 + " KiB; SHA-256 equal on the guest's disk");
        } finally {
            close(controller);
        }
    }

    /** Each size on its own, through the namespace. */
    private static void oneByOne(NvmeNamespace namespace, long offset) {
        for (int bytes : new int[] {4096, 12 << 10, 64 << 10, 68 << 10, 128 << 10, MIB}) {
            byte[] content = new byte[bytes];
            new Random(bytes).nextBytes(content);
            long lba = offset / namespace.blockSize();
            int blocks = bytes / namespace.blockSize();
            namespace.write(lba, Unpooled.copiedBuffer(content)).block(LIMIT);
            ByteBuf read = Hosts.await(namespace.read(lba, blocks));
            byte[] back = new byte[read.readableBytes()];
            read.readBytes(back).release();
            assertThat(back).as("%d bytes", bytes).isEqualTo(content);
        }
    }

    private static NvmeClient client(InetSocketAddress address) {
        return Hosts.client(TransportType.RDMA, address, KernelLab.MAIN);
    }

    @Test
    void defaultsWork() {
        NvmeController controller = connect(client(lab.rdma()));
        oneByOne(namespace(controller, 1), 0);
        close(controller);
    }

    @Test
    void discoveryNamesTheSubsystemsOfItsPort() {
        List<DiscoveryLogEntry> entries =
                Hosts.await(client(lab.rdma()).discover().collectList());

        assertThat(entries)
                .filteredOn(entry -> entry.subsystemNqn().equals(KernelLab.MAIN)
                        && entry.transport().equals(Optional.of(TransportType.RDMA)))
                .singleElement()
                .satisfies(entry -> assertThat(entry.transportServiceId())
                        .isEqualTo(String.valueOf(lab.rdma().getPort())));
    }

    @Test
    void hostThatIsNotAdmittedIsRefusedWithTheStatusOfConnect() {
        Throwable refused = catchThrowable(() -> connect(
                Hosts.client(TransportType.RDMA, lab.rdma(), KernelLab.CLOSED).connectTimeout(Duration.ofSeconds(30))));

        assertThat(refused).isInstanceOf(NvmeStatusException.class);
        NvmeController admitted = connect(
                Hosts.client(TransportType.RDMA, lab.rdma(), KernelLab.CLOSED).hostNqn(KernelLab.FRIEND));
        close(admitted);
    }

    @Test
    void associationsComeAndGo() {
        long connections = Flux.range(0, CYCLES)
                .concatMap(cycle -> client(lab.rdma())
                        .ioQueues(1)
                        .connect()
                        .flatMap(controller -> controller
                                .namespace(1)
                                .flatMap(namespace -> namespace.read(cycle, 1))
                                .doOnNext(ByteBuf::release)
                                .then(controller.close())
                                .thenReturn(2L)))
                .reduce(0L, Long::sum)
                .blockOptional(Duration.ofMinutes(5))
                .orElseThrow();

        assertThat(connections).isEqualTo(2L * CYCLES);
        assertThat(lab.succeed(
                                "ss -Htn state established sport = :"
                                        + lab.rdma().getPort() + " | wc -l",
                                LIMIT)
                        .strip())
                .isEqualTo("0");
        REPORT.note(CYCLES + " associations, " + connections + " connections");
    }
}
