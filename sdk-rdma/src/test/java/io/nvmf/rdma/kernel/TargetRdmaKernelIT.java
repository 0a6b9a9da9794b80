package io.nvmf.rdma.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.nvmf.NvmeTarget;
import io.nvmf.rdma.RdmaOptions;
import io.nvmf.rdma.iwarp.IwarpOptions;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.kernel.MatrixReport;
import io.nvmf.testing.kernel.ServedGuest;
import io.nvmf.testing.kernel.Sha256;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernel's nvme-rdma host, over its iWARP in software, uses our controller over ours. */
class TargetRdmaKernelIT extends ServedGuest {

    private static final String NQN = "nqn.2024-01.io.nvmf:test.kernel.rdma";
    private static final int MIB = 1 << 20;

    /** Times that the host connects and disconnects. */
    private static final int CYCLES = Integer.getInteger("nvmf.kernel.rdma.cycles", 40);

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    TargetRdmaKernelIT() {
        super(TransportType.RDMA, NQN);
    }

    @Test
    void discoveryNamesTheSubsystem() {
        start(UnaryOperator.identity());

        assertThat(guest.discover())
                .containsPattern("trtype: *rdma")
                .contains("subnqn:  " + NQN)
                .containsPattern("trsvcid: *" + target.port())
                .containsPattern("rdma_prtype: *not specified")
                .containsPattern("rdma_qptype: *connected")
                .containsPattern("rdma_cms: *rdma-cm");
    }

    @Test
    void kernelReadsWhatTheControllerSaysOfItself() {
        start(UnaryOperator.identity());
        guest.connect("-i 2");
        String controller = guest.controller();

        assertThat(guest.succeed("cd /sys/class/nvme/" + controller.substring(5) + "; cat transport queue_count state")
                        .lines())
                .containsExactly("rdma", "3", "live");
        assertThat(guest.succeed("nvme id-ctrl " + controller + "; nvme list-ns " + controller))
                .containsPattern("subnqn *: " + NQN)
                .containsPattern("icdoff *: 0")
                .contains("0x1", "0x2");
        assertThat(guest.succeed("nvme smart-log " + controller + " && nvme error-log " + controller))
                .contains("temperature");
    }

    /** One way to connect. */
    record Row(String name, String connect, int inCapsule, UnaryOperator<NvmeTarget> change) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static String onOff(boolean on) {
        return on ? "on" : "off";
    }

    static Stream<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (boolean crc : new boolean[] {true, false}) {
            for (int mulpdu : new int[] {1440, 64_768}) {
                for (int inCapsule : new int[] {8192, 0}) {
                    for (boolean invalidation : new boolean[] {true, false}) {
                        rows.add(new Row(
                                "CRC " + onOff(crc) + ", FPDU " + mulpdu + ", in-capsule data " + inCapsule
                                        + ", invalidation " + onOff(invalidation),
                                "-i 2",
                                inCapsule,
                                target -> target.option(IwarpOptions.CRC, crc)
                                        .option(IwarpOptions.MULPDU, mulpdu)
                                        .option(RdmaOptions.IN_CAPSULE_DATA, inCapsule)
                                        .option(RdmaOptions.REMOTE_INVALIDATION, invalidation)));
                    }
                }
            }
        }
        rows.add(new Row("defaults, 1 I/O queue", "-i 1", 8192, UnaryOperator.identity()));
        rows.add(new Row("one read at once", "-i 2", 8192, target -> target.option(RdmaOptions.MAX_READS, 1)));
        rows.add(new Row("queues of 16 entries", "-i 2 -Q 16", 8192, UnaryOperator.identity()));
        rows.add(new Row(
                "queues of 4 entries at most, in-capsule data 4096, MDTS 64 KiB",
                "-i 2",
                4096,
                target -> target.queueSize(4).maxTransfer(64 << 10).option(RdmaOptions.IN_CAPSULE_DATA, 4096)));
        return rows.stream();
    }

    /** So many commands of one size, in a range of their own. */
    private record Run(int bytes, int count, long offset) {

        int length() {
            return bytes * count;
        }

        String there(String disk) {
            return "dd if=/tmp/in of=%s bs=%d count=%d seek=%d oflag=direct 2>/dev/null; head -c %d /tmp/in | sha256sum\n"
                    .formatted(disk, bytes, count, offset / bytes, length());
        }

        String back(String disk) {
            return "dd if=%s bs=%d count=%d skip=%d iflag=direct 2>/dev/null | sha256sum\n"
                    .formatted(disk, bytes, count, offset / bytes);
        }
    }

    private static List<Run> runs(long offset) {
        return List.of(
                new Run(4096, 32, offset),
                new Run(64 << 10, 4, offset + MIB),
                new Run(128 << 10, 4, offset + 2 * MIB),
                new Run(MIB, 1, offset + 3 * MIB));
    }

    @ParameterizedTest(name = "dd both ways, {0}")
    @MethodSource("rows")
    void whatOneSideWritesTheOtherSideReads(Row row) {
        start(row.change);
        guest.connect(row.connect);
        assertThat(guest.succeed("nvme id-ctrl " + guest.controller()))
                .containsPattern("ioccsz *: " + (64 + row.inCapsule) / 16 + "\n");
        String disk = guest.disk(MEMORY);

        List<Run> there = runs(0);
        String sent = guest.succeed("dd if=/dev/urandom of=/tmp/in bs=64k count=16 2>/dev/null\n"
                + there.stream().map(run -> run.there(disk)).collect(joining()));
        assertThat(sums(sent))
                .as("the guest's data in our store")
                .isEqualTo(there.stream()
                        .map(run -> Sha256.of(memory.content(run.offset, run.length())))
                        .toList());

        List<Run> back = runs(8L << 20);
        List<String> ours = new ArrayList<>();
        for (Run run : back) {
            byte[] data = new byte[run.length()];
            new Random(run.offset).nextBytes(data);
            memory.write(run.offset, Unpooled.wrappedBuffer(data)).block(LIMIT);
            ours.add(Sha256.of(data));
        }
        assertThat(sums(guest.succeed(back.stream().map(run -> run.back(disk)).collect(joining()))))
                .as("our data in the guest")
                .isEqualTo(ours);
        REPORT.note("each way 32 × 4 KiB, 4 × 64 KiB, 4 × 128 KiB, 1 × 1 MiB");
    }

    private static List<String> sums(String output) {
        return output.lines().map(line -> line.substring(0, 64)).toList();
    }

    static Stream<Row> fileSystemRows() {
        return Stream.of(
                new Row("defaults", "-i 2", 8192, UnaryOperator.identity()),
                new Row(
                        "CRC off, FPDU 64768, no in-capsule data",
                        "-i 2",
                        0,
                        target -> target.option(IwarpOptions.CRC, false)
                                .option(IwarpOptions.MULPDU, 64_768)
                                .option(RdmaOptions.IN_CAPSULE_DATA, 0)));
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
    void manyCommandsAtOnceKeepTheirData() {
        start(UnaryOperator.identity());
        guest.connect("-i 2");
        String disk = guest.disk(MEMORY);

        String sums = guest.succeed("dd if=/dev/urandom of=/tmp/in bs=64k count=16 2>/dev/null; sha256sum </tmp/in\n"
                + "for i in $(seq 0 15); do dd if=/tmp/in of=" + disk
                + " bs=16k seek=$((i*64)) oflag=direct 2>/dev/null & done; wait\n"
                + "for i in $(seq 0 15); do dd if=" + disk
                + " bs=32k count=32 skip=$((i*32)) iflag=direct 2>/dev/null | sha256sum >/tmp/sum$i & done; wait\n"
                + "cat /tmp/sum*; rm /tmp/sum*");

        assertThat(sums.lines().distinct())
                .containsExactly(sums.lines().findFirst().orElseThrow());
        assertThat(sums.lines()).hasSize(17);
        for (int i = 0; i < 16; i++) {
            assertThat(sums).startsWith(Sha256.of(memory.content((long) i * MIB, MIB)));
        }
    }

    @Test
    void idleHostIsKeptByItsKeepAlive() {
        start(UnaryOperator.identity());
        guest.connect("-i 1 -k 1");
        String disk = guest.disk(MEMORY);

        await().during(Duration.ofSeconds(4)).atMost(LIMIT).until(() -> target.controllers() == 1);

        guest.succeed("dd if=" + disk + " of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null");
        REPORT.note("KATO 1 s, idle for 4 s");
    }

    @Test
    void hostComesAndGoesManyTimes() {
        start(UnaryOperator.identity());
        int atOnce = 20;

        for (int done = 0; done < CYCLES; done += atOnce) {
            guest.cycle("-i 1", atOnce);
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(target.controllers()).isZero());
        }

        guest.connect("-i 2");
        guest.succeed("dd if=" + guest.disk(MEMORY) + " of=/dev/null bs=64k count=16 iflag=direct 2>/dev/null");
        REPORT.note(CYCLES + " times");
    }
}
