package io.nvmf.testing.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A controller of ours with two namespaces, and the kernel's host that is to use it, over a transport that the subclass has. */
public abstract class ServedGuest {

    protected static final long SIZE = 64L << 20;

    /** Namespaces: in memory with 512 B blocks, in a file with 4 KiB blocks. */
    protected static final int MEMORY = 1;

    protected static final int FILE = 2;

    protected final KernelLab lab = KernelLab.require();
    protected final KernelLog log = KernelLog.from(lab);
    protected WatchedStore memory;
    protected WatchedStore file;
    protected BoundTarget target;
    protected GuestHost guest;

    @TempDir
    Path directory;

    private final TransportType transport;
    private final String nqn;

    /** How the kernel says that it was refused where it was to be. */
    private final List<String> expected;

    /**
     * Says how.
     *
     * @param transport over which
     * @param nqn of the subsystem, nobody else's
     */
    protected ServedGuest(TransportType transport, String nqn) {
        this.transport = transport;
        this.nqn = nqn;
        this.expected = new ArrayList<>(List.of(
                "Connect Invalid Data Parameter, subsysnqn \"" + nqn + ".other\"",
                "failed to connect queue: 0 ret=16770"));
    }

    /** Has the kernel complain in this test, in lines with these texts. */
    protected void expectComplaints(String... texts) {
        expected.addAll(List.of(texts));
    }

    @BeforeEach
    void openStores() {
        memory = new WatchedStore(BlockStore.memory(SIZE, 512));
        file = new WatchedStore(BlockStore.file(directory.resolve("namespace"), SIZE, 4096));
    }

    /** Starts the controller; the host is not connected yet. */
    protected void start(UnaryOperator<NvmeTarget> change) {
        NvmeTarget configuration = NvmeTarget.create()
                .transport(transport)
                .subsystem(nqn, subsystem -> subsystem.namespace(MEMORY, memory).namespace(FILE, file));
        target = Hosts.await(change.apply(configuration).bind());
        guest = new GuestHost(lab, transport, target.port(), nqn);
    }

    @AfterEach
    void leaveNothingBehind() {
        guest.disconnect();
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(target.controllers()).isZero());
        target.close().block(LIMIT);
        memory.dispose();
        file.dispose();
        log.assertNoComplaint(expected.toArray(String[]::new));
    }

    /** Makes a file system, writes to it, and finds everything again; the host is connected. */
    protected void fileSystemKeepsItsFiles(int nsid) {
        String disk = guest.disk(nsid);
        WatchedStore store = nsid == MEMORY ? memory : file;

        guest.succeed("mkfs.ext4 -q -F " + disk + "; mount " + disk + " /mnt; trap 'umount /mnt' EXIT\n"
                + "dd if=/dev/urandom of=/mnt/large bs=64k count=64 2>/dev/null\n"
                + "for i in $(seq 20); do echo $i >/mnt/small$i; done; sync\n"
                + "sum=$(cat /mnt/large /mnt/small* | sha256sum)\n"
                + "umount /mnt; e2fsck -fn " + disk + "; mount " + disk + " /mnt\n"
                + "[ \"$(cat /mnt/large /mnt/small* | sha256sum)\" = \"$sum\" ]; rm /mnt/small*");
        assertThat(store.flushes()).as("flushes of namespace %d", nsid).isPositive();
    }

    @Test
    void unknownSubsystemIsRefused() {
        start(UnaryOperator.identity());

        GuestHost stranger = new GuestHost(lab, transport, target.port(), nqn + ".other");

        assertThat(stranger.tryConnect("").status()).isNotZero();
        assertThat(log.lines()).anyMatch(line -> line.contains(expected.get(0)));
    }
}
