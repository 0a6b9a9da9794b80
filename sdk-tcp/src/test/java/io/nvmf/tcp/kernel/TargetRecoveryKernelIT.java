package io.nvmf.tcp.kernel;

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
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Our target is closed and bound again, with a file system of the kernel's mounted on it that is in use. */
class TargetRecoveryKernelIT {

    private static final String NQN = "nqn.2024-01.io.nvmf:test.kernel.restart";
    private static final long SIZE = 64L << 20;

    /** Attempts every second for a minute, keep alive timeout of two seconds; with digests. */
    private static final String OPTIONS = "-i 2 --reconnect-delay=1 --ctrl-loss-tmo=60 -k 2 -g -G";

    /** What the kernel says when a user of the disk has noticed anything, or when somebody breaks the protocol. */
    private static final Pattern TROUBLE = Pattern.compile(
            "EXT4-fs (error|warning)|I/O error|Aborting journal|pdu|digest|protocol|bug:|call trace",
            Pattern.CASE_INSENSITIVE);

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final KernelLab lab = KernelLab.require();
    private final KernelLog log = KernelLog.from(lab);

    @TempDir
    Path directory;

    private WatchedStore store;
    private BoundTarget target;
    private GuestHost guest;

    @BeforeEach
    void start() {
        store = new WatchedStore(BlockStore.file(directory.resolve("namespace"), SIZE, 4096));
        target = bind(0);
        guest = new GuestHost(lab, TransportType.TCP, target.port(), NQN);
    }

    @AfterEach
    void leaveNothingBehind() {
        store.releaseWrites();
        guest.succeed("! grep -q ' /mnt ' /proc/mounts || umount -l /mnt; rm -f /tmp/in /tmp/status /tmp/sum");
        guest.disconnect();
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(target.controllers()).isZero());
        target.close().block(LIMIT);
        store.dispose();
    }

    private BoundTarget bind(int port) {
        return Hosts.await(NvmeTarget.create()
                .subsystem(NQN, subsystem -> subsystem.namespace(1, store))
                .bindAddress("127.0.0.1", port)
                .bind());
    }

    @Test
    void mountedFileSystemOutlivesATargetThatIsClosedAndBoundAgain() {
        guest.connect(OPTIONS);
        String disk = guest.disk(1);
        String controller = guest.controller().replace("/dev/", "/sys/class/nvme/");
        String before = guest.succeed("mkfs.ext4 -q -F " + disk + "; mount " + disk + " /mnt\n"
                + "dd if=/dev/urandom of=/tmp/in bs=64k count=48 2>/dev/null\n"
                + "dd if=/tmp/in of=/mnt/before bs=64k count=16 conv=fsync 2>/dev/null\n"
                + "echo 3 >/proc/sys/vm/drop_caches; sha256sum </mnt/before");

        // A file is being written, and another one is read while nobody answers.
        long written = store.bytesWritten();
        guest.succeed("{ dd if=/tmp/in of=/mnt/during bs=64k conv=fsync; echo $? >/tmp/status; } >/tmp/dd 2>&1 &");
        await().atMost(LIMIT).until(() -> store.bytesWritten() > written);
        store.holdWrites();
        await().atMost(LIMIT).until(() -> store.held() > 0);
        int port = target.port();
        store.releaseWrites();
        target.close().block(LIMIT);
        assertThat(target.controllers()).isZero();
        long began = System.nanoTime();
        await().atMost(LIMIT)
                .until(() ->
                        guest.succeed("cat " + controller + "/state").strip().equals("connecting"));
        guest.succeed("echo 3 >/proc/sys/vm/drop_caches; sha256sum </mnt/before >/tmp/sum 2>&1 &");
        target = bind(port);

        await().atMost(LIMIT)
                .until(() ->
                        guest.succeed("cat " + controller + "/state").strip().equals("live"));
        long live = System.nanoTime();
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(guest.succeed("cat /tmp/sum"))
                        .as("read meanwhile")
                        .isEqualTo(before));
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(guest.succeed("cat /tmp/status 2>/dev/null || true")
                                .strip())
                        .as("status of dd")
                        .isEqualTo("0"));
        guest.succeed("dd if=/tmp/in of=/mnt/after bs=64k count=16 conv=fsync 2>/dev/null\n"
                + "sum=$(cat /mnt/before /mnt/during /mnt/after | sha256sum)\n"
                + "umount /mnt; e2fsck -fn " + disk + "; mount " + disk + " /mnt\n"
                + "[ \"$(cat /mnt/before /mnt/during /mnt/after | sha256sum)\" = \"$sum\" ]\n"
                + "cmp /tmp/in /mnt/during; [ \"$(sha256sum </mnt/before)\" = \"" + before.strip()
                + "\" ]; umount /mnt");
        assertThat(log.lines())
                .anyMatch(line -> line.contains("starting error recovery"))
                .noneMatch(line -> TROUBLE.matcher(line).find());
        REPORT.note("connected again " + (live - began) / 1_000_000 + " ms after it was closed; e2fsck finds nothing");
    }
}
