package io.nvmf.tcp.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static io.nvmf.testing.kernel.Hosts.namespace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.Unpooled;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.event.NvmeEvent.NamespacesChanged;
import io.nvmf.event.NvmeEvent.Resized;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.kernel.GuestTarget;
import io.nvmf.testing.kernel.Hosts;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.KernelLog;
import io.nvmf.testing.kernel.MatrixReport;
import io.nvmf.testing.kernel.RecoveredHost;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The kernel's controller tells of namespaces that come, change their size and go. */
class HostEventKernelIT {

    private static final long MIB = 1 << 20;
    private static final int BLOCK = 4096;

    /** How the kernel says that a host came while the subsystem was not there. */
    private static final String EXPECTED = "connect request for invalid subsystem";

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final KernelLab lab = KernelLab.require();
    private final KernelLog log = KernelLog.from(lab);
    private final GuestTarget target = new GuestTarget(lab, TransportType.TCP, "nqn.2024-01.io.nvmf:test.events");

    @BeforeEach
    void addSubsystem() {
        target.removeAll();
        target.add();
        target.addNamespace(1, target.disk("test-disk", 16, Duration.ZERO), UUID.randomUUID());
        target.publish();
    }

    @AfterEach
    void removeSubsystem() {
        target.removeAll();
        log.assertNoComplaint(EXPECTED);
    }

    @Test
    void namespaceComesAndGrowsAndShrinksAndGoes() {
        String file = target.file("test-file", 8);
        UUID identity = UUID.randomUUID();
        try (RecoveredHost host = new RecoveredHost(target)) {
            target.addNamespace(2, file, identity);
            host.awaitEvent(NamespacesChanged.class, event -> event.added().equals(List.of(2)));
            NvmeNamespace namespace = namespace(host.controller, 2);
            assertThat(namespace.size()).isEqualTo(8 * MIB);

            target.file("test-file", 12);
            target.revalidateSize(2);
            host.awaitEvent(
                    NamespacesChanged.class,
                    event -> event.resized().equals(List.of(new Resized(2, 8 * MIB, 12 * MIB))));
            assertThat(namespace.size()).isEqualTo(12 * MIB);
            namespace
                    .write(12 * MIB / BLOCK - 1, Unpooled.buffer(BLOCK).writeZero(BLOCK))
                    .block(LIMIT);

            target.file("test-file", 4);
            target.revalidateSize(2);
            host.awaitEvent(
                    NamespacesChanged.class,
                    event -> event.resized().equals(List.of(new Resized(2, 12 * MIB, 4 * MIB))));
            assertThat(namespace.size()).isEqualTo(4 * MIB);

            target.removeNamespace(2);
            host.awaitEvent(NamespacesChanged.class, event -> event.removed().equals(List.of(2)));
            assertThat(catchThrowable(() -> namespace.read(0, 1).block(LIMIT)))
                    .isInstanceOfSatisfying(NvmeStatusException.class, refused -> {
                        assertThat(refused.statusCode()).contains(StatusCode.INVALID_NAMESPACE_OR_FORMAT);
                        assertThat(refused.fromController()).isFalse();
                    });

            target.addNamespace(2, file, identity);
            host.awaitEvents(NamespacesChanged.class, event -> event.added().equals(List.of(2)), 2);
            Hosts.await(namespace.read(0, 1)).release();
            assertThat(host.generation()).isEqualTo(1);
            REPORT.note(host.events().size() + " events");
        }
    }

    @Test
    void eventsAreToldAfterAReconnectToo() {
        try (RecoveredHost host = new RecoveredHost(target)) {
            target.withdraw();
            host.awaitFailedAttempts(1);
            target.publish();
            host.awaitGeneration(2);

            target.addNamespace(7, target.file("test-file", 8), UUID.randomUUID());

            host.awaitEvent(NamespacesChanged.class, event -> event.added().equals(List.of(7)));
            assertThat(namespace(host.controller, 7).size()).isEqualTo(8 * MIB);
        }
    }
}
