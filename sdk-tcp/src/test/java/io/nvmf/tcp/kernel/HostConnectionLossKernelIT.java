package io.nvmf.tcp.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static io.nvmf.testing.kernel.Hosts.close;
import static io.nvmf.testing.kernel.Hosts.connect;
import static io.nvmf.testing.kernel.Hosts.namespace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.command.TransferReport;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.testing.kernel.EndlessReads;
import io.nvmf.testing.kernel.Hosts;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.MatrixReport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The connection between our host and the kernel's controller is cut from outside in the middle of I/O, and there is no
 * recovery. Namespace 4 makes the middle half a second wide. That nothing leaks is checked for every test class.
 */
class HostConnectionLossKernelIT {

    private static final int READERS = 16;

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final KernelLab lab = KernelLab.require();

    @Test
    void abortedConnectionFailsWhatIsUnderWayWithOutcomeUnknown() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN));
        NvmeNamespace slow = namespace(controller, 4);
        EndlessReads reads = new EndlessReads(slow, READERS, READERS);

        // One after the other: the loss of the first may end the others before their turn.
        assertThat(lab.abortConnections(lab.tcp().getPort())).isBetween(1L, 3L);

        REPORT.note(reads.assertCutUnderWay());
        assertGone(controller, slow);
        assertThatANewConnectionWorks();
    }

    @Test
    void commandsThatWaitForASlotAreKnownNotSent() {
        int depth = 4;
        NvmeController controller =
                connect(client(lab.tcp(), KernelLab.MAIN).ioQueues(1).queueSize(depth + 1));
        NvmeNamespace slow = namespace(controller, 4);
        EndlessReads reads = new EndlessReads(slow, READERS, depth);

        lab.abortConnections(lab.tcp().getPort());

        reads.assertCutUnderWay();
        assertGone(controller, slow);
    }

    @Test
    void bulkStreamOfCommandsEndsWithTheConnection() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN));
        AtomicLong completed = new AtomicLong();
        Flux<Command> endless = Flux.generate(sink -> sink.next(Command.nvm(NvmOpcode.WRITE, 4)
                .range(0, 64)
                .send(Unpooled.buffer(32768).writeZero(32768))));
        Mono<Throwable> failure = controller
                .ioQueues()
                .get(1)
                .execute(endless)
                .doOnNext(Completion::release)
                .doOnNext(completion -> completed.incrementAndGet())
                .then(Mono.<Throwable>empty())
                .onErrorResume(Mono::just)
                .cache();
        failure.subscribe();
        await().atMost(LIMIT).until(() -> completed.get() > 0);

        lab.abortConnections(lab.tcp().getPort());

        assertThat(Hosts.await(failure)).satisfies(HostConnectionLossKernelIT::isUnknown);
        controller.onClose().block(LIMIT);
    }

    @Test
    void writeStreamReportsWhatIsKnownWritten() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN));
        NvmeNamespace slow = namespace(controller, 4);
        AtomicLong acknowledged = new AtomicLong();
        long chunk = 128 << 10;
        Flux<ByteBuf> source = Flux.range(0, (int) (slow.size() / chunk))
                .map(i -> Unpooled.buffer((int) chunk).writeZero((int) chunk));
        Mono<Throwable> failure = slow.writeStream(0, source)
                .doOnNext(progress -> acknowledged.set(progress.bytesAcknowledged()))
                .then(Mono.<Throwable>empty())
                .onErrorResume(Mono::just)
                .cache();
        failure.subscribe();
        await().atMost(LIMIT).until(() -> acknowledged.get() > 0);

        lab.abortConnections(lab.tcp().getPort());

        assertThat(Hosts.await(failure)).isInstanceOfSatisfying(NvmeTransferException.class, transfer -> {
            TransferReport report = transfer.report();
            assertThat(report.bytesAcknowledged()).isGreaterThanOrEqualTo(acknowledged.get());
            assertThat(report.bytesInDoubt()).isPositive().isLessThanOrEqualTo(report.limitBytes());
            assertThat(report.bytesAcknowledged() + report.bytesInDoubt()).isLessThanOrEqualTo(report.bytesReceived());
            assertThat(report.durable()).isFalse();
            REPORT.note(transfer.getMessage());
        });
        controller.onClose().block(LIMIT);
    }

    @Test
    void readStreamFailsAndReleasesEverything() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN));
        NvmeNamespace slow = namespace(controller, 4);
        AtomicLong received = new AtomicLong();
        Mono<Throwable> failure = slow.readStream(0, slow.size())
                .doOnNext(buffer -> received.addAndGet(buffer.readableBytes()))
                .doOnNext(ByteBuf::release)
                .then(Mono.<Throwable>empty())
                .onErrorResume(Mono::just)
                .cache();
        failure.subscribe();
        await().atMost(LIMIT).until(() -> received.get() > 0);

        lab.abortConnections(lab.tcp().getPort());

        assertThat(Hosts.await(failure)).satisfies(HostConnectionLossKernelIT::isUnknown);
        controller.onClose().block(LIMIT);
    }

    @Test
    void silenceIsNoticedByKeepAlive() {
        Duration keepAlive = Duration.ofSeconds(2);
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN).keepAlive(keepAlive));
        NvmeNamespace slow = namespace(controller, 4);
        EndlessReads reads = new EndlessReads(slow, READERS, READERS);

        lab.link(false);
        long began = System.nanoTime();
        try {
            String message = reads.assertCutUnderWay();
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
            assertGone(controller, slow);
            REPORT.note("KATO " + keepAlive.toMillis() + " ms, noticed after " + seconds + " s: " + message);
        } finally {
            lab.link(true);
        }
        assertThatANewConnectionWorks();
    }

    @Test
    void closeWhileTheLinkIsDownEnds() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN).keepAlive(Duration.ofSeconds(2)));
        lab.link(false);
        try {
            Throwable failure = catchThrowable(() -> close(controller));
            controller.onClose().block(LIMIT);

            assertThat(controller.isConnected()).isFalse();
            REPORT.note("close: " + (failure == null ? "completes" : failure.getMessage()));
        } finally {
            lab.link(true);
        }
    }

    /** Without recovery, so that everything fails that would be sent again. */
    private static NvmeClient client(InetSocketAddress address, String subsystem) {
        return Hosts.client(address, subsystem).recovery(Recovery.none());
    }

    private static void isUnknown(Throwable failure) {
        assertThat(failure)
                .isInstanceOfSatisfying(
                        NvmeConnectionException.class,
                        ended -> assertThat(ended.outcome()).isEqualTo(CommandOutcome.UNKNOWN));
    }

    private static void assertGone(NvmeController controller, NvmeNamespace namespace) {
        controller.onClose().block(LIMIT);
        assertThat(controller.isConnected()).isFalse();
        assertThat(controller.termination()).isPresent();
        assertThat(catchThrowable(() -> namespace.read(0, 1).block(LIMIT)))
                .isInstanceOfSatisfying(
                        NvmeConnectionException.class,
                        refused -> assertThat(refused.outcome()).isEqualTo(CommandOutcome.NOT_SENT));
        close(controller); // changes nothing, and ends
    }

    private void assertThatANewConnectionWorks() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN));
        try {
            Hosts.await(namespace(controller, 1).read(0, 1)).release();
        } finally {
            close(controller);
        }
    }
}
