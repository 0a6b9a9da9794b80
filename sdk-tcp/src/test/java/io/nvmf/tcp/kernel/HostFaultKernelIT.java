package io.nvmf.tcp.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static io.nvmf.testing.kernel.Hosts.client;
import static io.nvmf.testing.kernel.Hosts.close;
import static io.nvmf.testing.kernel.Hosts.connect;
import static io.nvmf.testing.kernel.Hosts.namespace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.ByteRange;
import io.nvmf.command.Command;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.command.TransferReport;
import io.nvmf.event.NvmeEvent;
import io.nvmf.event.NvmeEvent.NamespacesChanged;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.spec.Retry;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.tcp.TcpOptions;
import io.nvmf.testing.kernel.Hosts;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.MatrixReport;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** What goes wrong on the kernel's side of a connection that stays up: bad blocks, namespaces that go, paths that close, haste. */
class HostFaultKernelIT {

    private static final String CONFIG = "/sys/kernel/config";

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final KernelLab lab = KernelLab.require();

    @Test
    void badBlockFailsItsCommandAndNoOther() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN));
        badBlocks("+1000-1007");
        try {
            NvmeNamespace namespace = namespace(controller, 1);

            Throwable failure = catchThrowable(() -> namespace.read(1000, 8).block(LIMIT));

            assertThat(failure).isInstanceOfSatisfying(NvmeStatusException.class, refused -> {
                assertThat(refused.fromController()).isTrue();
                assertThat(refused.status().isSuccess()).isFalse();
                REPORT.note(refused.getMessage());
            });
            Hosts.await(namespace.read(1008, 8)).release();
        } finally {
            badBlocks("-1000-1007");
            close(controller);
        }
    }

    @Test
    void writeStreamThatMeetsABadBlockSaysHowFarItCame() {
        int chunk = 64 << 10;
        long bad = 8L * chunk; // the ninth command
        NvmeController controller = connect(client(lab.r2t(), KernelLab.MAIN)
                .option(TcpOptions.HEADER_DIGEST, true)
                .option(TcpOptions.DATA_DIGEST, true));
        badBlocks("+%d-%d".formatted(bad / 512 + 3, bad / 512 + 3));
        try {
            NvmeNamespace namespace = namespace(controller, 1);
            Flux<ByteBuf> source =
                    Flux.range(0, 32).map(i -> Unpooled.buffer(chunk).writeZero(chunk));

            Throwable failure = catchThrowable(() -> namespace
                    .writeStream(
                            0,
                            source,
                            WriteStreamOptions.defaults().chunkSize(chunk).window(4))
                    .blockLast(LIMIT));

            assertThat(failure).isInstanceOfSatisfying(NvmeTransferException.class, transfer -> {
                TransferReport report = transfer.report();
                assertThat(report.bytesWritten()).isEqualTo(bad);
                assertThat(report.inDoubt()).contains(new ByteRange(bad, chunk));
                assertThat(transfer).hasCauseInstanceOf(NvmeStatusException.class);
                REPORT.note(transfer.getMessage());
            });
            Hosts.await(namespace.read(0, 8)).release();
        } finally {
            badBlocks("-%d-%d".formatted(bad / 512 + 3, bad / 512 + 3));
            close(controller);
        }
    }

    @Test
    void namespaceThatIsTakenAwayIsAnErrorAndComesBack() {
        String enable = CONFIG + "/nvmet/subsystems/" + KernelLab.SMALL + "/namespaces/9/enable";
        NvmeController controller = connect(client(lab.tcp(), KernelLab.SMALL));
        List<NvmeEvent> events = new CopyOnWriteArrayList<>();
        controller.events().subscribe(events::add);
        try {
            NvmeNamespace namespace = namespace(controller, 9);
            lab.succeed("echo 0 >" + enable, LIMIT);

            // What the kernel answers, and what is refused here once the kernel has told of it.
            Throwable answer = catchThrowable(() -> controller
                    .ioQueues()
                    .get(0)
                    .execute(Command.read(9, 0, 1, 4096))
                    .block(LIMIT));
            assertThat(answer)
                    .isInstanceOfSatisfying(
                            NvmeStatusException.class,
                            refused -> assertThat(refused.statusCode()).contains(StatusCode.INTERNAL_PATH_ERROR));
            await().atMost(LIMIT)
                    .until(() -> events.stream()
                            .anyMatch(event -> event instanceof NamespacesChanged changed
                                    && changed.removed().equals(List.of(9))));
            Throwable failure = catchThrowable(() -> namespace.read(0, 1).block(LIMIT));
            assertThat(failure).isInstanceOfSatisfying(NvmeStatusException.class, refused -> {
                assertThat(refused.statusCode()).contains(StatusCode.INVALID_NAMESPACE_OR_FORMAT);
                assertThat(refused.fromController()).isFalse();
            });
            assertThat(Hosts.await(
                            controller.namespaces().map(NvmeNamespace::id).collectList()))
                    .isEqualTo(List.of(5));
            lab.succeed("echo 1 >" + enable, LIMIT);
            await().atMost(LIMIT)
                    .until(() -> events.stream()
                            .anyMatch(event -> event instanceof NamespacesChanged changed
                                    && changed.added().equals(List.of(9))));
            Hosts.await(namespace.read(0, 1)).release();
        } finally {
            lab.succeed("echo 1 >" + enable, LIMIT);
            close(controller);
        }
    }

    @Test
    void pathThatIsNotAccessibleSaysSo() {
        String state = CONFIG + "/nvmet/ports/2/ana_groups/2/ana_state";
        NvmeController controller = connect(client(lab.tcp2(), KernelLab.MAIN));
        try {
            NvmeNamespace namespace = namespace(controller, 2);
            lab.succeed("echo inaccessible >" + state, LIMIT);

            Throwable failure = catchThrowable(() -> namespace.read(0, 1).block(LIMIT));

            assertThat(failure).isInstanceOfSatisfying(NvmeStatusException.class, refused -> {
                assertThat(refused.status().statusCodeType()).isEqualTo(Status.TYPE_PATH);
                assertThat(refused.retry()).isEqualTo(Retry.REFRESH_ANA);
                REPORT.note(refused.getMessage());
            });
            Hosts.await(namespace(controller, 1).read(0, 1)).release(); // another group
        } finally {
            lab.succeed("echo optimized >" + state, LIMIT);
            close(controller);
        }
    }

    @Test
    void cancelledCommandsGiveTheirSlotsBackWhenTheirAnswersCome() {
        int depth = 8;
        NvmeController controller =
                connect(client(lab.tcp(), KernelLab.MAIN).ioQueues(1).queueSize(depth + 1));
        try {
            NvmeNamespace slow = namespace(controller, 4);
            // A round whose answers have all come before the cancel says nothing: there are more.
            int cut = 0;
            for (int round = 0; round < 20 && cut < 3; round++) {
                AtomicInteger answered = new AtomicInteger();
                Disposable hasty = Flux.range(0, depth)
                        .flatMap(i -> slow.read(i * 8L, 8).doOnNext(ByteBuf::release), depth)
                        .subscribe(data -> answered.incrementAndGet());
                // The admin queue answers: by now the reads are out.
                Hosts.await(controller.smartHealth());
                hasty.dispose();
                cut += answered.get() < depth ? 1 : 0;
            }
            assertThat(cut).isEqualTo(3);

            NvmeNamespace fast = namespace(controller, 1);
            Long read = Flux.range(0, 4 * depth)
                    .flatMap(i -> fast.read(i, 1).doOnNext(ByteBuf::release), 2 * depth)
                    .count()
                    .block(LIMIT);
            assertThat(read).isEqualTo(4L * depth);
            assertThat(controller.isConnected()).isTrue();
        } finally {
            close(controller);
        }
    }

    @Test
    void alignmentThatTheKernelRefusesEndsInOneClearFailure() {
        Throwable failure = catchThrowable(() -> client(lab.tcp(), KernelLab.MAIN)
                .option(TcpOptions.HOST_PDA, 3)
                .connect()
                .block(LIMIT));

        assertThat(failure).isInstanceOf(NvmeException.class).hasMessageContaining("127.0.0.1");
        REPORT.note(failure.getMessage());
    }

    @Test
    void manyControllersAtOnceDoNotDisturbEachOther() {
        int controllers = 8;
        Long compared = Flux.range(0, controllers)
                .flatMap(
                        host -> Flux.usingWhen(
                                client(host % 2 == 0 ? lab.tcp() : lab.r2t(), KernelLab.MAIN)
                                        .option(TcpOptions.DATA_DIGEST, host % 4 < 2)
                                        .connect(),
                                controller -> controller
                                        .namespace(1)
                                        .flatMapMany(namespace -> Flux.range(0, 16)
                                                .flatMap(i -> {
                                                    long lba = 8192L * host + 256L * i;
                                                    byte[] content = new byte[20480];
                                                    Arrays.fill(content, (byte) (host * 16 + i));
                                                    return namespace
                                                            .write(lba, Unpooled.wrappedBuffer(content))
                                                            .then(namespace.read(lba, 40))
                                                            .map(data -> equal(data, content));
                                                })),
                                NvmeController::close),
                        controllers)
                .filter(equal -> equal)
                .count()
                .block(LIMIT);

        assertThat(compared).isEqualTo(controllers * 16L);
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(lab.succeed(
                                "ss -Htn state established 'sport = :%d or sport = :%d'"
                                        .formatted(
                                                lab.tcp().getPort(), lab.r2t().getPort()),
                                LIMIT))
                        .isEmpty());
    }

    private static boolean equal(ByteBuf data, byte[] content) {
        try {
            return data.equals(Unpooled.wrappedBuffer(content));
        } finally {
            data.release();
        }
    }

    /** Changes the list of bad sectors of namespace 1. */
    private void badBlocks(String change) {
        lab.succeed("echo " + change + " >" + CONFIG + "/nullb/main-1/badblocks", LIMIT);
    }
}
