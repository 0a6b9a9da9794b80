package io.nvmf.testing.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The connection between the kernel's host and our controller is cut in the middle of a write. Our side frees everything, the
 * kernel connects again by itself, and what it was writing arrives whole. That nothing leaks is checked for every test class. The
 * subclass says over which transport.
 */
public abstract class CutController {

    private static final long SIZE = 64L << 20;
    private static final int LENGTH = 4 << 20;

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final TransportType transport;
    private final String nqn;
    private final String options;
    private final Pattern trouble;
    private final KernelLab lab = KernelLab.require();
    private final KernelLog log = KernelLog.from(lab);

    @TempDir
    Path directory;

    private WatchedStore store;
    private BoundTarget target;
    private GuestHost guest;

    /**
     * Says how.
     *
     * @param transport over which
     * @param nqn of the subsystem, nobody else's
     * @param options of {@code nvme connect}: with a reconnect every second and a keep alive timeout of two, the cut is
     *     over soon
     * @param trouble what the kernel says when somebody breaks the protocol
     */
    protected CutController(TransportType transport, String nqn, String options, Pattern trouble) {
        this.transport = transport;
        this.nqn = nqn;
        this.options = options;
        this.trouble = trouble;
    }

    @BeforeEach
    void start() {
        store = new WatchedStore(BlockStore.file(directory.resolve("namespace"), SIZE, 4096));
        target = bind(0);
        guest = new GuestHost(lab, transport, target.port(), nqn);
    }

    @AfterEach
    void leaveNothingBehind() {
        store.releaseWrites();
        guest.disconnect();
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(target.controllers()).isZero());
        target.close().block(LIMIT);
        store.dispose();
        assertThat(log.lines()).noneMatch(line -> trouble.matcher(line).find());
    }

    private BoundTarget bind(int port) {
        return Hosts.await(NvmeTarget.create()
                .transport(transport)
                .subsystem(nqn, subsystem -> subsystem.namespace(1, store))
                .bindAddress("127.0.0.1", port)
                .bind());
    }

    @Test
    void abortByTheHostFreesTheControllerAndTheHostComesBack() {
        guest.connect(options);
        String sum = startWriting();
        awaitHeldWrite();

        // One after the other: the loss of the first may end the others before their turn.
        assertThat(lab.abortConnections(target.port())).isBetween(1L, 3L);

        await().atMost(LIMIT)
                .untilAsserted(
                        () -> assertThat(log.lines()).anyMatch(line -> line.contains("starting error recovery")));
        store.releaseWrites();
        assertWrittenWhole(sum);
        assertThat(target.controllers()).as("the old controller is freed").isEqualTo(1);
    }

    @Test
    void silenceExpiresTheKeepAliveAndTheHostComesBack() {
        guest.connect(options);
        String sum = startWriting();
        awaitHeldWrite();

        lab.link(false);
        long began = System.nanoTime();
        try {
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(target.controllers()).isZero());
            REPORT.note(
                    "KATO 2 s and more by the kernel, freed after " + (System.nanoTime() - began) / 1_000_000 + " ms");
            store.releaseWrites();
        } finally {
            lab.link(true);
        }

        assertWrittenWhole(sum);
    }

    @Test
    void restartOfTheTargetIsSurvivedByTheHost() {
        guest.connect(options);
        String sum = startWriting();
        awaitHeldWrite();
        int port = target.port();
        store.releaseWrites();

        target.close().block(LIMIT);
        assertThat(target.controllers()).isZero();
        target = bind(port);

        assertWrittenWhole(sum);
    }

    @Test
    void writesHeldByTheStoreDoNotKeepACutControllerAlive() {
        guest.connect(options);
        startWriting();
        awaitHeldWrite();

        lab.abortConnections(target.port());
        guest.disconnect();

        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(target.controllers()).isZero());
        assertThat(store.held()).isPositive();
        store.releaseWrites();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(store.held()).isZero());
        guest.connect(options);
        guest.succeed("dd if=" + guest.disk(1) + " of=/dev/null bs=64k count=4 iflag=direct 2>/dev/null");
    }

    /** Starts to write random data in the guest, and returns its SHA-256; half of it gets into the store. */
    private String startWriting() {
        String disk = guest.disk(1);
        String sum = guest.succeed("rm -f /tmp/status; dd if=/dev/urandom of=/tmp/in bs=64k count=" + (LENGTH >> 16)
                        + " 2>/dev/null; sha256sum </tmp/in")
                .substring(0, 64);
        guest.succeed("{ dd if=/tmp/in of=" + disk
                + " bs=64k oflag=direct conv=fsync; echo $? >/tmp/status; } >/tmp/dd 2>&1 &");
        await().atMost(LIMIT).until(() -> store.bytesWritten() >= LENGTH / 4);
        store.holdWrites();
        return sum;
    }

    private void awaitHeldWrite() {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(store.held()).isPositive());
    }

    private void assertWrittenWhole(String sum) {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(lab.guest("cat /tmp/status", GuestHost.LIMIT)
                                .output()
                                .strip())
                        .as("status of dd")
                        .isEqualTo("0"));
        assertThat(Sha256.of(store.content(0, LENGTH))).isEqualTo(sum);
    }
}
