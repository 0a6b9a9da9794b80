package io.nvmf.rdma.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.testing.kernel.GuestHost;
import io.nvmf.testing.kernel.Hosts;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.KernelLog;
import io.nvmf.testing.kernel.MatrixReport;
import io.nvmf.testing.kernel.WatchedStore;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A subsystem of ours is served over TCP and RDMA at once, and the kernel's host has it over both. */
class TargetTwoTransportsKernelIT {

    private static final String NQN = "nqn.2024-01.io.nvmf:test.kernel.two";
    private static final int PART = 2 << 20;

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final KernelLab lab = KernelLab.require();
    private final KernelLog log = KernelLog.from(lab);

    /** One memory, and who reaches it over which transport. */
    private final WatchedStore store = new WatchedStore(BlockStore.memory(64L << 20, 512));

    private final WatchedStore tcpStore = new WatchedStore(store);
    private final WatchedStore rdmaStore = new WatchedStore(store);
    private final BoundTarget tcp = bind(TransportType.TCP, tcpStore);
    private final BoundTarget rdma = bind(TransportType.RDMA, rdmaStore);
    private final GuestHost overTcp = new GuestHost(lab, TransportType.TCP, tcp.port(), NQN);
    private final GuestHost overRdma = new GuestHost(lab, TransportType.RDMA, rdma.port(), NQN);

    private static BoundTarget bind(TransportType transport, BlockStore store) {
        return Hosts.await(NvmeTarget.create()
                .transport(transport)
                .subsystem(NQN, subsystem -> subsystem.namespace(1, store))
                .bind());
    }

    @AfterEach
    void leaveNothingBehind() {
        overTcp.disconnect(); // both, for it goes by the name
        for (BoundTarget target : List.of(tcp, rdma)) {
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(target.controllers()).isZero());
            target.close().block(LIMIT);
        }
        store.dispose();
        log.assertNoComplaint();
    }

    @Test
    void bothArePathsToOneDisk() {
        // Each target numbers its controllers for itself, and the kernel takes a number once: discovery uses some up.
        overRdma.discover();
        overRdma.discover();
        overTcp.connect("-i 1");
        String disk = overTcp.disk(1);
        guest("dd if=/dev/urandom of=/tmp/in bs=64k count=96 2>/dev/null");
        write(disk, 0);
        assertThat(tcpStore.bytesWritten()).as("written over TCP").isEqualTo(PART);

        overRdma.connect("-i 1");
        assertThat(overRdma.disk(1)).as("the same disk").isEqualTo(disk);
        guest("for s in /sys/class/nvme-subsystem/*; do [ \"$(cat $s/subsysnqn)\" != " + NQN
                + " ] || echo round-robin >$s/iopolicy; done");
        write(disk, 1);
        assertThat(tcpStore.bytesWritten()).as("written over TCP").isGreaterThan(PART);
        assertThat(rdmaStore.bytesWritten()).as("written over RDMA").isPositive();

        overTcp.disconnectPath();
        write(disk, 2);
        assertThat(tcpStore.bytesWritten() + rdmaStore.bytesWritten()).isEqualTo(3L * PART);
        long overTcpSoFar = tcpStore.bytesRead();
        assertThat(guest("dd if=" + disk + " bs=64k count=96 iflag=direct 2>/dev/null | cmp - /tmp/in && echo same"))
                .as("everything, read over RDMA")
                .startsWith("same");
        assertThat(tcpStore.bytesRead()).isEqualTo(overTcpSoFar);
        assertThat(rdmaStore.bytesRead()).isGreaterThanOrEqualTo(3L * PART);
        REPORT.note(tcpStore.bytesWritten() / 1024 + " KiB written over TCP, " + rdmaStore.bytesWritten() / 1024
                + " KiB over RDMA");
    }

    /** Writes a third of what is to be on the disk. */
    private void write(String disk, int part) {
        guest("dd if=/tmp/in of=" + disk + " bs=64k count=32 skip=" + 32 * part + " seek=" + 32 * part
                + " oflag=direct 2>/dev/null");
    }

    private String guest(String script) {
        return overTcp.succeed(script);
    }
}
