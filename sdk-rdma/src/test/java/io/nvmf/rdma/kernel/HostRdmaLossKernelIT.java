package io.nvmf.rdma.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static io.nvmf.testing.kernel.Hosts.close;
import static io.nvmf.testing.kernel.Hosts.connect;
import static io.nvmf.testing.kernel.Hosts.namespace;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.kernel.EndlessReads;
import io.nvmf.testing.kernel.GuestTarget;
import io.nvmf.testing.kernel.Hosts;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.MatrixReport;
import io.nvmf.testing.kernel.RecoveredHost;
import io.nvmf.testing.kernel.Sha256;
import io.nvmf.testing.kernel.StreamedRead;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The connection between our host and the kernel's controller ends in the middle of I/O, by either side. Namespace 4 of
 * the lab makes the middle half a second wide. That nothing leaks is checked for every test class.
 */
class HostRdmaLossKernelIT {

    private static final String NQN = "nqn.2024-01.io.nvmf:test.rdma.recovery";
    private static final UUID IDENTITY = UUID.fromString("7d1d2f0e-98b7-4c3d-8e5f-0123456789ab");
    private static final int READERS = 8;
    private static final int LENGTH = 16 << 20;
    private static final int PIECE = 128 << 10;

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final KernelLab lab = KernelLab.require();
    private final GuestTarget target = new GuestTarget(lab, TransportType.RDMA, NQN);

    @BeforeEach
    void noSubsystemOfAnEarlierTest() {
        target.removeAll();
    }

    @AfterEach
    void removeSubsystem() {
        target.removeAll();
    }

    @Test
    void abortedConnectionFailsWhatIsUnderWayWithOutcomeUnknown() {
        NvmeController controller = withoutRecovery();
        EndlessReads reads = new EndlessReads(namespace(controller, 4), READERS, READERS);

        assertThat(lab.abortConnections(lab.rdma().getPort())).isPositive();

        REPORT.note(reads.assertCutUnderWay());
        controller.onClose().block(LIMIT);
        assertThatANewConnectionWorks();
    }

    @Test
    void writesOfThisSideThatAreClosedUnderWayHaveNoEffectOnTheNextOnes() {
        NvmeController controller = withoutRecovery();
        NvmeNamespace slow = namespace(controller, 4);
        Mono<List<Throwable>> failures = Flux.range(0, READERS)
                .flatMap(
                        writer -> outcome(slow.write(
                                writer * 256L, Unpooled.directBuffer(PIECE).writeZero(PIECE))),
                        READERS)
                .collectList()
                .cache();
        failures.subscribe();

        close(controller);

        assertThat(Hosts.await(failures))
                .allSatisfy(failure -> assertThat(failure).isInstanceOf(NvmeConnectionException.class));
        assertThatANewConnectionWorks();
    }

    @Test
    void cableThatIsPulledIsNoticedByTheKeepAlive() {
        NvmeController controller = connect(Hosts.client(TransportType.RDMA, lab.rdma(), KernelLab.MAIN)
                .keepAlive(Duration.ofSeconds(2))
                .recovery(Recovery.none()));
        EndlessReads reads = new EndlessReads(namespace(controller, 4), READERS, READERS);
        lab.link(false);
        try {
            reads.assertCutUnderWay();
        } finally {
            lab.link(true);
        }
        assertThatANewConnectionWorks();
    }

    /**
     * Not by taking away the port, as over TCP: with commands under way over siw, nvmet of Linux 6.12 then waits for one of
     * them for ever, with a lock that all of its other users need.
     */
    @Test
    void streamOutlivesAConnectionThatIsAborted() {
        target.add();
        target.addNamespace(1, target.disk("test-disk", LENGTH >> 20, Duration.ofMillis(400)), IDENTITY);
        target.publish();
        try (RecoveredHost host = new RecoveredHost(target)) {
            NvmeNamespace namespace = namespace(host.controller, 1);
            MessageDigest sent = Sha256.digest();
            Hosts.await(namespace.writeStream(0, content(sent)).last());
            StreamedRead read = new StreamedRead(namespace, LENGTH);
            read.awaitBytes(LENGTH / 4);
            assertThat(lab.abortConnections(target.address().getPort())).isPositive();
            assertThat(read.bytes()).as("it was under way").isLessThan(LENGTH);

            assertThat(read.sha256()).isEqualTo(Sha256.of(sent));
            assertThat(host.generation()).isEqualTo(2);
            assertThat(read.bytes()).isEqualTo(LENGTH);
        }
    }

    private NvmeController withoutRecovery() {
        return connect(
                Hosts.client(TransportType.RDMA, lab.rdma(), KernelLab.MAIN).recovery(Recovery.none()));
    }

    private static Mono<Throwable> outcome(org.reactivestreams.Publisher<?> work) {
        return Flux.from(work).then(Mono.<Throwable>empty()).onErrorResume(Mono::just);
    }

    private void assertThatANewConnectionWorks() {
        NvmeController controller = withoutRecovery();
        ByteBuf data = Hosts.await(namespace(controller, 1).read(0, 1));
        assertThat(data.readableBytes()).isEqualTo(512);
        data.release();
        close(controller);
    }

    private static Flux<ByteBuf> content(MessageDigest digest) {
        Random random = new Random(NQN.hashCode());
        return Flux.range(0, LENGTH / PIECE).map(piece -> {
            byte[] bytes = new byte[PIECE];
            random.nextBytes(bytes);
            digest.update(bytes);
            return Unpooled.wrappedBuffer(bytes);
        });
    }
}
