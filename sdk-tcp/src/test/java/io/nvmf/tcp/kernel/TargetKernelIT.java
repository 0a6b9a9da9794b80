package io.nvmf.tcp.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.nvmf.NvmeTarget;
import io.nvmf.spec.TransportType;
import io.nvmf.tcp.TcpOptions;
import io.nvmf.testing.kernel.GuestHost;
import io.nvmf.testing.kernel.MatrixReport;
import io.nvmf.testing.kernel.ServedGuest;
import io.nvmf.testing.kernel.Sha256;
import io.nvmf.testing.kernel.WatchedStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernel's host uses our controller: every digest setting, memory and file, raw and with a file system, and the end of it. */
class TargetKernelIT extends ServedGuest {

    private static final String NQN = "nqn.2024-01.io.nvmf:test.kernel";

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    TargetKernelIT() {
        super(TransportType.TCP, NQN);
    }

    @Test
    void discoveryNamesTheSubsystem() {
        start(UnaryOperator.identity());

        assertThat(guest.discover())
                .contains("subnqn:  " + NQN)
                .containsPattern("trsvcid: *" + target.port())
                .containsPattern("subtype: *nvme subsystem");
    }

    @Test
    void kernelReadsWhatTheControllerSaysOfItself() {
        start(UnaryOperator.identity());
        guest.connect("-i 2");
        String controller = guest.controller();

        String identify = guest.succeed("nvme id-ctrl " + controller + "; nvme id-ns -n 1 " + controller
                + "; nvme id-ns -n 2 " + controller + "; nvme ns-descs -n 1 " + controller);
        assertThat(identify)
                .containsPattern("subnqn *: " + NQN)
                .containsPattern("lbads:9 .*in use")
                .containsPattern("lbads:12 .*in use")
                .contains("uuid");
        assertThat(guest.succeed("nvme list-ns " + controller)).contains("0x1", "0x2");
        assertThat(guest.succeed("nvme smart-log " + controller + " && nvme error-log " + controller
                        + " && nvme fw-log " + controller))
                .contains("temperature", "afi");
        assertThat(guest.succeed("nvme get-feature -f 7 " + controller)).contains("0x00010001");
        assertThat(guest.succeed("for f in 7 0xb 0xf; do nvme get-feature -f $f " + controller + "; done"))
                .contains("Keep Alive Timer");
    }

    /** One way to connect. */
    record Row(String name, String connect, UnaryOperator<NvmeTarget> change) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (String digests : new String[] {"", "-g", "-G", "-g -G"}) {
            String name = "digests " + (digests.isEmpty() ? "off" : digests);
            rows.add(new Row(name + ", 2 I/O queues", "-i 2 " + digests, UnaryOperator.identity()));
            rows.add(new Row(
                    name + ", 2 I/O queues, R2T for all data, MAXH2CDATA 4096, MDTS 64 KiB",
                    "-i 2 " + digests,
                    target -> target.inCapsuleData(0)
                            .maxTransfer(64 << 10)
                            .option(TcpOptions.MAX_H2C_DATA, 4096)
                            .option(TcpOptions.MAX_C2H_DATA, 8192)));
        }
        rows.add(new Row("digests off, 1 I/O queue", "-i 1", UnaryOperator.identity()));
        rows.add(new Row("queues of 16 entries", "-i 2 -Q 16", UnaryOperator.identity()));
        rows.add(new Row("queues for reading, writing and polling", "-i 1 -W 1 -P 1", UnaryOperator.identity()));
        rows.add(new Row("SQ flow control off", "-i 2 -d", UnaryOperator.identity()));
        rows.add(new Row(
                "queues of 4 entries at most, the fewest that the kernel takes",
                "-i 2",
                target -> target.queueSize(4)));
        return rows.stream();
    }

    @ParameterizedTest(name = "dd both ways, {0}")
    @MethodSource("rows")
    void whatOneSideWritesTheOtherSideReads(Row row) {
        start(row.change);
        guest.connect(row.connect);
        for (int nsid : new int[] {MEMORY, FILE}) {
            WatchedStore store = nsid == MEMORY ? memory : file;
            String disk = guest.disk(nsid);
            int length = 2 << 20;

            String sum =
                    guest.succeed("dd if=/dev/urandom of=/tmp/in bs=64k count=32 2>/dev/null; dd if=/tmp/in of=" + disk
                            + " bs=512k oflag=direct 2>/dev/null; dd if=/tmp/in of=" + disk
                            + " bs=4k count=32 seek=1024 oflag=direct 2>/dev/null; sha256sum </tmp/in; dd if=/tmp/in bs=4k count=32 2>/dev/null"
                            + " | sha256sum; rm /tmp/in");
            assertThat(sum.lines().map(line -> line.substring(0, 64)))
                    .as("namespace %d: the guest's data in our store", nsid)
                    .containsExactly(
                            Sha256.of(store.content(0, length)), Sha256.of(store.content(4L << 20, 32 * 4096)));

            byte[] ours = new byte[length];
            new Random(nsid).nextBytes(ours);
            store.write(8L << 20, Unpooled.wrappedBuffer(ours)).block(LIMIT);
            assertThat(guest.succeed(
                            "dd if=" + disk + " bs=256k skip=32 count=8 iflag=direct 2>/dev/null | sha256sum; dd if="
                                    + disk + " bs=4k skip=2048 count=16 iflag=direct 2>/dev/null | sha256sum"))
                    .as("namespace %d: our data in the guest", nsid)
                    .startsWith(Sha256.of(ours))
                    .contains(Sha256.of(Arrays.copyOf(ours, 16 * 4096)));
        }
        REPORT.note("2 namespaces × (2,176 KiB there, 2,112 KiB back)");
    }

    static Stream<Row> fileSystemRows() {
        return Stream.of(
                new Row("digests off", "-i 2", UnaryOperator.identity()),
                new Row("digests -g -G", "-i 2 -g -G", UnaryOperator.identity()));
    }

    @ParameterizedTest(name = "ext4: make, mount, write, unmount, check, mount, compare; {0}")
    @MethodSource("fileSystemRows")
    void fileSystemKeepsItsFiles(Row row) {
        start(row.change);
        guest.connect(row.connect);
        fileSystemKeepsItsFiles(MEMORY);
        fileSystemKeepsItsFiles(FILE);
        REPORT.note(memory.flushes() + " and " + file.flushes() + " flushes");
    }

    @Test
    void discardAndWriteZeroesReachTheStore() {
        start(UnaryOperator.identity());
        guest.connect("-i 2");
        for (int nsid : new int[] {MEMORY, FILE}) {
            WatchedStore store = nsid == MEMORY ? memory : file;
            String disk = guest.disk(nsid);
            guest.succeed("dd if=/dev/urandom of=" + disk + " bs=64k count=16 oflag=direct 2>/dev/null\n"
                    + "blkdiscard -o 65536 -l 65536 " + disk + "\nnvme write-zeroes " + disk
                    + " -s " + 131072 / store.blockSize() + " -c " + (131072 / store.blockSize() - 1));
            assertThat(store.content(131072, 131072))
                    .as("zeroes of namespace %d", nsid)
                    .isEqualTo(new byte[131072]);
            if (nsid == MEMORY) { // a file keeps what nobody needs any more
                assertThat(store.content(65536, 65536)).as("discarded").isEqualTo(new byte[65536]);
            }
            assertThat(store.content(0, 65536)).isNotEqualTo(new byte[65536]);
        }
    }

    @Test
    void statusCodesMeanToTheKernelWhatTheyMeanToUs() {
        start(UnaryOperator.identity());
        guest.connect("-i 1");
        String controller = guest.controller();
        String disk = guest.disk(MEMORY);

        assertThat(guest.status("nvme read " + disk + " -s " + SIZE / 512 + " -c 0 -z 512"))
                .contains("LBA Out of Range", "0x4080"); // do not retry
        assertThat(guest.status("nvme io-passthru " + disk + " -n 1 -o 0x0c")) // Verify
                .contains("Invalid Command Opcode", "0x4001");
        assertThat(guest.status("nvme id-ns -n 7 " + controller)).contains("Invalid Namespace or Format", "0x400b");
        assertThat(guest.status("nvme get-feature -f 0x7f " + controller)).contains("Invalid Field", "0x4002");
        assertThat(guest.status("nvme get-log -i 0x42 -l 512 " + controller)).contains("Invalid Log Page", "0x4109");
        assertThat(guest.succeed("nvme flush -n 1 " + disk)).contains("success");
    }

    @Test
    void twoConnectionsAreTwoPathsToTheSameDisk() {
        start(UnaryOperator.identity());
        guest.connect("-i 1");
        guest.connectAgain();
        assertThat(target.controllers()).isEqualTo(2);

        String disk = guest.disk(MEMORY);
        String paths = guest.succeed(
                "ls -d /sys/block/nvme*c*n* 2>/dev/null | wc -l; dd if=/dev/urandom of=/tmp/in bs=64k count=16 "
                        + "2>/dev/null; dd if=/tmp/in of=" + disk
                        + " bs=64k oflag=direct 2>/dev/null; sha256sum </tmp/in; rm /tmp/in");

        assertThat(paths.lines().toList().get(0)).as("paths to two namespaces").isEqualTo("4");
        assertThat(paths).contains(Sha256.of(memory.content(0, 16 << 16)));
    }

    @Test
    void controllerResetByTheHostKeepsTheDisk() {
        start(UnaryOperator.identity());
        guest.connect("-i 2");
        String disk = guest.disk(MEMORY);
        guest.succeed("dd if=/dev/urandom of=" + disk + " bs=64k count=4 oflag=direct 2>/dev/null");
        String before = Sha256.of(memory.content(0, 4 << 16));

        guest.succeed("nvme reset " + guest.controller());

        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(lab.guest(
                                        "dd if=" + disk + " bs=64k count=4 iflag=direct 2>/dev/null | sha256sum",
                                        GuestHost.LIMIT)
                                .output())
                        .startsWith(before));
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(target.controllers()).isEqualTo(1));
    }

    @Test
    void idleHostIsKeptByItsKeepAlive() {
        start(UnaryOperator.identity());
        guest.connect("-i 1 -k 1");
        String disk = guest.disk(MEMORY);

        await().during(Duration.ofSeconds(5)).atMost(LIMIT).until(() -> target.controllers() == 1);

        guest.succeed("dd if=" + disk + " of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null");
        REPORT.note("KATO 1 s, idle for 5 s");
    }

    @Test
    void disconnectFreesTheControllerAtOnceAndTheHostMayComeBack() {
        start(UnaryOperator.identity());
        for (int i = 0; i < 3; i++) {
            guest.connect("-i 2");
            guest.disk(MEMORY);
            assertThat(target.controllers()).isEqualTo(1);
            guest.disconnect();
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(target.controllers()).isZero());
        }
    }
}
