package io.nvmf.tcp.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static io.nvmf.testing.kernel.Hosts.close;
import static io.nvmf.testing.kernel.Hosts.connect;
import static io.nvmf.testing.kernel.Hosts.namespace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.recovery.Recovery;
import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.PskHash;
import io.nvmf.security.Security;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.SubsystemType;
import io.nvmf.tcp.TcpOptions;
import io.nvmf.tcp.tls.TlsException;
import io.nvmf.testing.kernel.Hosts;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.KernelLog;
import io.nvmf.testing.kernel.MatrixReport;
import io.nvmf.testing.kernel.RoundTrip;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

/** Our host has TLS with the kernel's controller, whose handshakes GnuTLS makes, or does not connect at all. */
class HostTlsKernelIT {

    private static final int IO_QUEUES = 4;

    private static final String HOST = "tls256";
    private static final String KEY = "tls.sha256.key";

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final KernelLab lab = KernelLab.requireTls();
    private final KernelLog log = KernelLog.from(lab);

    private static KeyProvider text(String key) {
        return request -> Mono.fromCallable(key::toCharArray);
    }

    private Security tls(String key) {
        return Security.none().tls(text(lab.secret(key)));
    }

    private NvmeClient client(InetSocketAddress address, String host, Security security) {
        return Hosts.client(address, KernelLab.MAIN)
                .hostNqn(KernelLab.host(host))
                .ioQueues(IO_QUEUES)
                .security(security);
    }

    /** The cipher suites of the connections to the TLS port, as the kernel has them. */
    private List<String> ciphers() {
        return lab.succeed("ss -Htnie state established 'sport = :" + lab.tls().getPort() + "'", LIMIT)
                .lines()
                .filter(line -> line.contains("tcp-ulp-tls"))
                .map(line -> line.replaceAll(".*version: (\\S+) cipher: (\\S+) .*", "$1 $2"))
                .toList();
    }

    private void assertRefused(ThrowingCallable attempt) {
        Throwable refusal = catchThrowable(attempt);
        REPORT.note(refusal + " <- " + rootCause(refusal));
        assertThat(refusal).isInstanceOf(NvmeConnectionException.class);
        assertThat(rootCause(refusal)).isInstanceOf(TlsException.class);
    }

    private static Throwable rootCause(Throwable failure) {
        Throwable cause = failure;
        while (cause != null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    @ParameterizedTest(name = "{0}, labels {2}, digests {3}", quoteTextArguments = false)
    @CsvSource({
        "tls256, tls.sha256.key, RFC_8446, false, aes-gcm-128",
        "tls256, tls.sha256.key, RFC_8446, true, aes-gcm-128",
        "tls384, tls.sha384.key, RFC_8446, false, aes-gcm-256",
        "tlsold, tls.sha256.key, LIBNVME_1_14, false, aes-gcm-128"
    })
    void everyQueueIsSecuredAndUsable(String host, String key, HkdfLabelForm form, boolean digests, String cipher) {
        NvmeController controller = connect(client(lab.tls(), host, tls(key).labelForm(form))
                .option(TcpOptions.HEADER_DIGEST, digests)
                .option(TcpOptions.DATA_DIGEST, digests));
        try {
            assertThat(ciphers()).hasSize(IO_QUEUES + 1).containsOnly("1.3 " + cipher);
            RoundTrip roundTrip = new RoundTrip(new RoundTrip.Region(1, 512, 0, 64, 64 << 10, 1 << 20, 1));
            roundTrip.write(controller.ioQueues().get(0));
            roundTrip.read(controller.ioQueues().get(1));
        } finally {
            close(controller);
        }
        log.assertNoComplaint();
    }

    @Test
    void discoveryOverTlsSaysThatTlsIsNeeded() {
        List<DiscoveryLogEntry> entries =
                Hosts.await(client(lab.tls(), HOST, tls(KEY)).discover().collectList());

        assertThat(entries)
                .filteredOn(entry -> entry.subsystemType() == SubsystemType.NVM.value())
                .singleElement()
                .satisfies(entry -> assertThat(entry.subsystemNqn()).isEqualTo(KernelLab.MAIN));
        REPORT.note(entries.toString());
    }

    @Test
    void wrongKeyIsRefused() {
        try (ConfiguredPsk other = ConfiguredPsk.generate(PskHash.SHA_256)) {
            assertRefused(() -> client(lab.tls(), HOST, Security.none().tls(other))
                    .connect()
                    .block(LIMIT));
        }
    }

    @Test
    void labelsOfTheOtherFormAreRefused() {
        assertRefused(() -> client(lab.tls(), HOST, tls(KEY).labelForm(HkdfLabelForm.LIBNVME_1_14))
                .connect()
                .block(LIMIT));
    }

    @Test
    void hostThatTheControllerHasNoKeyForIsRefused() {
        assertRefused(() -> client(lab.tls(), "host1", tls(KEY)).connect().block(LIMIT));
    }

    @Test
    void hostWithTlsDoesNotConnectToAPortWithout() {
        assertRefused(() -> client(lab.tcp(), HOST, tls(KEY)).connect().block(LIMIT));
    }

    @Test
    void hostWithoutTlsDoesNotConnectToAPortThatRequiresIt() {
        Throwable refusal = catchThrowable(
                () -> client(lab.tls(), HOST, Security.none()).connect().block(LIMIT));

        REPORT.note(String.valueOf(refusal));
        assertThat(refusal).isInstanceOf(NvmeConnectionException.class);
    }

    @Test
    void reconnectedControllerIsSecuredAgain() {
        NvmeController controller = connect(client(lab.tls(), HOST, tls(KEY))
                .recovery(Recovery.defaults().maxDelay(Duration.ofSeconds(1)).lossTimeout(LIMIT)));
        try {
            NvmeNamespace namespace = namespace(controller, 1);

            assertThat(lab.abortConnections(lab.tls().getPort())).isPositive();

            Hosts.await(namespace.read(0, 8)).release();
            assertThat(ciphers()).hasSize(IO_QUEUES + 1);
        } finally {
            close(controller);
        }
    }
}
