package io.nvmf.tcp.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static io.nvmf.testing.kernel.Hosts.client;
import static io.nvmf.testing.kernel.Hosts.close;
import static io.nvmf.testing.kernel.Hosts.connect;
import static io.nvmf.testing.kernel.Hosts.namespace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeQueue;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.Retry;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubsystemType;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.kernel.Hosts;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.KernelLog;
import io.nvmf.testing.kernel.MatrixReport;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Our host finds the kernel's controllers, is let in or refused, negotiates, keeps alive and leaves. */
class HostConnectKernelIT {

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    /** How the kernel says that it refused a host that was to be refused. */
    private static final String EXPECTED = "connect request for invalid subsystem nqn.2024-01.io.nvmf:lab.nowhere";

    private final KernelLab lab = KernelLab.require();
    private final KernelLog log = KernelLog.from(lab);

    @AfterEach
    void kernelHasNothingToComplainAbout() {
        log.assertNoComplaint(EXPECTED);
    }

    @Test
    void discoveryNamesSubsystemsAndTheReferral() {
        List<DiscoveryLogEntry> entries =
                Hosts.await(client(lab.tcp(), KernelLab.MAIN).discover().collectList());

        assertThat(entries).allSatisfy(entry -> {
            assertThat(entry.transport()).contains(TransportType.TCP);
            assertThat(entry.transportAddress()).isEqualTo("127.0.0.1");
        });
        assertThat(entries)
                .filteredOn(entry -> entry.subsystemType() == SubsystemType.NVM.value())
                .allMatch(entry -> entry.transportServiceId()
                        .equals(Integer.toString(lab.tcp().getPort())))
                .extracting(DiscoveryLogEntry::subsystemNqn)
                .containsExactlyInAnyOrder(KernelLab.MAIN, KernelLab.SMALL); // closed: not for this host
        assertThat(entries)
                .filteredOn(entry -> entry.subsystemType() == SubsystemType.REFERRAL.value())
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.subsystemNqn()).isEqualTo(Nqn.DISCOVERY);
                    assertThat(entry.transportServiceId())
                            .isEqualTo(Integer.toString(lab.tcp2().getPort()));
                });
        REPORT.note(entries.size() + " entries");
    }

    @Test
    void discoveryShowsAHostWhatItMaySee() {
        List<String> subsystems = Hosts.await(client(lab.tcp(), KernelLab.MAIN)
                .hostNqn(KernelLab.FRIEND)
                .discover()
                .map(DiscoveryLogEntry::subsystemNqn)
                .collectList());

        assertThat(subsystems).contains(KernelLab.CLOSED);
    }

    @Test
    void referralCanBeFollowed() {
        DiscoveryLogEntry referral = Hosts.await(client(lab.tcp(), KernelLab.MAIN)
                .discover()
                .filter(entry -> entry.subsystemType() == SubsystemType.REFERRAL.value())
                .next());

        List<String> subsystems = Hosts.await(client(lab.tcp(), KernelLab.MAIN)
                .remoteAddress(referral.transportAddress(), Integer.parseInt(referral.transportServiceId()))
                .discover()
                .map(DiscoveryLogEntry::subsystemNqn)
                .collectList());

        assertThat(subsystems).contains(KernelLab.MAIN);
    }

    @Test
    void unknownSubsystemIsRefusedInOneSentence() {
        String unknown = "nqn.2024-01.io.nvmf:lab.nowhere";

        Throwable failure =
                catchThrowable(() -> client(lab.tcp(), unknown).connect().block(LIMIT));

        assertThat(failure).isInstanceOfSatisfying(NvmeStatusException.class, refusal -> {
            assertThat(refusal.statusCode()).contains(StatusCode.CONNECT_INVALID_PARAMETERS);
            assertThat(refusal.doNotRetry()).isTrue();
            assertThat(refusal.fromController()).isTrue();
            assertThat(refusal.getMessage())
                    .contains(unknown, "127.0.0.1:" + lab.tcp().getPort())
                    .hasLineCount(1);
            REPORT.note(refusal.getMessage());
        });
        assertThat(log.lines()).anyMatch(line -> line.contains(EXPECTED));
    }

    @Test
    void hostThatIsNotAdmittedIsRefusedInOneSentence() {
        String stranger = "nqn.2024-01.io.nvmf:lab.stranger";

        Throwable failure = catchThrowable(() ->
                client(lab.tcp(), KernelLab.CLOSED).hostNqn(stranger).connect().block(LIMIT));

        assertThat(failure).isInstanceOfSatisfying(NvmeStatusException.class, refusal -> {
            assertThat(refusal.statusCode()).contains(StatusCode.CONNECT_INVALID_HOST);
            assertThat(refusal.status().statusCodeType()).isEqualTo(1);
            assertThat(refusal.status().statusCode()).isEqualTo(0x84);
            assertThat(refusal.doNotRetry()).isTrue();
            assertThat(refusal.retry()).isEqualTo(Retry.NEVER);
            assertThat(refusal.getMessage()).contains(stranger).hasLineCount(1);
            REPORT.note(refusal.getMessage());
        });
    }

    @Test
    void hostThatIsAdmittedConnects() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.CLOSED).hostNqn(KernelLab.FRIEND));
        try {
            assertThat(namespace(controller, 1).size()).isEqualTo(64L << 20);
        } finally {
            close(controller);
        }
    }

    @Test
    void ioQueuesAreAsManyAsTheControllerGrants() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.SMALL).ioQueues(8));
        try {
            assertThat(controller.ioQueues()).extracting(NvmeQueue::id).containsExactly(1, 2);
        } finally {
            close(controller);
        }
    }

    @Test
    void eightIoQueuesWorkAtTheSameTime() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN).ioQueues(8));
        try {
            // The guest has two processors, and its controller grants what is asked for all the same.
            assertThat(controller.ioQueues()).hasSize(8);
            NvmeNamespace namespace = namespace(controller, 1);
            Long read = Flux.range(0, 64)
                    .flatMap(i -> namespace.read(i * 8L, 8).doOnNext(ByteBuf::release), 64)
                    .count()
                    .block(LIMIT);
            assertThat(read).isEqualTo(64);
        } finally {
            close(controller);
        }
    }

    @Test
    void queueIsNoLargerThanTheControllerAllows() {
        NvmeController controller = connect(client(lab.r2t(), KernelLab.MAIN).queueSize(1024));
        try {
            assertThat(controller.ioQueues()).extracting(NvmeQueue::depth).containsOnly(15);
        } finally {
            close(controller);
        }
    }

    @Test
    void queueIsAsLargeAsAskedForWhereTheControllerAllows() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN).queueSize(1024));
        try {
            assertThat(controller.ioQueues()).extracting(NvmeQueue::depth).containsOnly(1023);
        } finally {
            close(controller);
        }
    }

    @Test
    void namespacesAreFoundWhateverTheirIdentifiers() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.SMALL));
        try {
            List<NvmeNamespace> namespaces = Hosts.await(controller.namespaces().collectList());

            assertThat(namespaces).extracting(NvmeNamespace::id).containsExactly(5, 9);
            assertThat(namespaces).extracting(NvmeNamespace::blockSize).containsExactly(512, 4096);
            assertThat(namespaces).extracting(NvmeNamespace::size).containsOnly(64L << 20);
            assertThat(controller.identify().modelNumber()).isEqualTo("nvmf lab");
            assertThat(controller.subsystem()).isEqualTo(KernelLab.SMALL);
        } finally {
            close(controller);
        }
    }

    @Test
    void missingNamespaceIsAClearFailure() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.SMALL));
        try {
            assertThatThrownBy(() -> controller.namespace(7).block(LIMIT)).hasMessageContaining("7");
        } finally {
            close(controller);
        }
    }

    @Test
    void rangeBeyondTheNamespaceFailsBeforeTheKernelSeesIt() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.SMALL));
        try {
            NvmeNamespace namespace = namespace(controller, 5);

            assertThatThrownBy(() -> namespace.read(namespace.blocks() - 1, 2).block(LIMIT))
                    .isInstanceOf(NvmeLimitException.class);
        } finally {
            close(controller);
        }
    }

    @Test
    void logPagesOfTheKernelAreUnderstood() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN));
        try {
            assertThat(Hosts.await(controller.smartHealth())).isNotNull();
            assertThat(Hosts.await(controller.errorLog().collectList())).isNotNull();
        } finally {
            close(controller);
        }
    }

    @Test
    void closedControllerIsGoneInTheKernel() {
        assertNoConnections();
        NvmeController first = connect(client(lab.tcp(), KernelLab.MAIN));
        assertThat(connections()).isEqualTo(3);
        int id = first.id();

        close(first);
        first.close().block(LIMIT); // idempotent
        first.onClose().block(LIMIT);

        assertThat(first.isConnected()).isFalse();
        assertNoConnections();
        // The kernel hands out the lowest free identifier: getting the same one again means that the controller was
        // freed.
        await().atMost(LIMIT).untilAsserted(() -> {
            NvmeController next = connect(client(lab.tcp(), KernelLab.MAIN));
            close(next);
            assertThat(next.id()).isEqualTo(id);
        });
    }

    @Test
    void idleControllerIsKeptAliveBeyondTheKeepAliveTimeout() {
        Duration timeout = Duration.ofSeconds(2);
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN).keepAlive(timeout));
        try {
            await().during(timeout.multipliedBy(3)).atMost(LIMIT).until(controller::isConnected);

            Hosts.await(namespace(controller, 1).read(0, 1)).release();
            REPORT.note("KATO " + timeout.toMillis() + " ms, idle for "
                    + timeout.multipliedBy(3).toMillis() + " ms");
        } finally {
            close(controller);
        }
    }

    @Test
    void controllerWithoutKeepAliveIsLeftInPeace() {
        NvmeController controller = connect(client(lab.tcp(), KernelLab.MAIN).keepAlive(Duration.ZERO));
        try {
            Hosts.await(Mono.delay(Duration.ofMillis(1500))
                            .then(namespace(controller, 1).read(0, 1)))
                    .release();
        } finally {
            close(controller);
        }
    }

    private void assertNoConnections() {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(connections()).isZero());
    }

    private long connections() {
        return lab.succeed("ss -Htn state established 'sport = :" + lab.tcp().getPort() + "'", LIMIT)
                .lines()
                .count();
    }
}
