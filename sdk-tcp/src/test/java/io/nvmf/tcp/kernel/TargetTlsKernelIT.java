package io.nvmf.tcp.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.PskHash;
import io.nvmf.security.Security;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.kernel.GuestHost;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.MatrixReport;
import io.nvmf.testing.kernel.ServedGuest;
import io.nvmf.testing.kernel.Sha256;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

/** The kernel's host has TLS with our controller, by handshakes that GnuTLS makes, or does not connect at all. */
class TargetTlsKernelIT extends ServedGuest {

    private static final String HOST = KernelLab.host("tls256");

    /** How the kernel says that it has not connected. */
    private static final String[] REFUSED = {
        "TLS handshake complete, error", "failed to receive icresp", "failed to connect"
    };

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    /** The keys of the hosts that our controller knows. */
    private final Map<String, String> known = Map.of(
            HOST,
            lab.secret("tls.sha256.key"),
            KernelLab.host("tls384"),
            lab.secret("tls.sha384.key"),
            KernelLab.host("tlsold"),
            lab.secret("tls.sha256.key"));

    private final KeyProvider keys =
            request -> Mono.justOrEmpty(known.get(request.hostNqn())).map(String::toCharArray);

    TargetTlsKernelIT() {
        super(TransportType.TCP, KernelLab.TEST_TLS);
        KernelLab.requireTls();
    }

    private void serve(Security security) {
        start(target -> target.security(security));
    }

    private Security tls() {
        return Security.none().tls(keys);
    }

    private void connect(String host) {
        KernelLab.Result result = guest.tryConnectOverTls(host);
        assertThat(result.status()).as("%s%n%s", result.output(), handshakes()).isZero();
    }

    /** What the daemon says that makes the handshakes. */
    private String handshakes() {
        return guest.succeed("tail -n 5 /tmp/tlshd.log");
    }

    private void assertRefused(KernelLab.Result result) {
        expectComplaints(REFUSED);
        assertThat(result.status()).as(result.output()).isNotZero();
        REPORT.note(result.output().strip() + log.complaints());
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(target.controllers()).isZero());
    }

    private List<String> ciphers() {
        return guest.succeed("ss -Htnie state established 'dport = :" + target.port() + "'")
                .lines()
                .filter(line -> line.contains("tcp-ulp-tls"))
                .map(line -> line.replaceAll(".*version: (\\S+) cipher: (\\S+) .*", "$1 $2"))
                .toList();
    }

    private void assertWrites(int mib) {
        String disk = guest.disk(FILE);
        String sum = guest.succeed("dd if=/dev/urandom of=/tmp/in bs=1M count=" + mib
                + " 2>/dev/null; dd if=/tmp/in of="
                + disk + " bs=256k oflag=direct 2>/dev/null; dd if=" + disk + " of=/tmp/out bs=256k count=" + 4 * mib
                + " iflag=direct 2>/dev/null; cmp /tmp/in /tmp/out; sha256sum </tmp/in; rm /tmp/in /tmp/out");
        assertThat(sum).startsWith(Sha256.of(file.content(0, mib << 20)));
    }

    @ParameterizedTest(name = "{0}, labels {1}", quoteTextArguments = false)
    @CsvSource({"tls256, RFC_8446, aes-gcm-128", "tls384, RFC_8446, aes-gcm-256", "tlsold, LIBNVME_1_14, aes-gcm-128"})
    void everyQueueIsSecuredAndUsable(String host, HkdfLabelForm form, String cipher) {
        serve(tls().labelForm(form));

        connect(KernelLab.host(host));

        assertThat(ciphers()).hasSize(3).containsOnly("1.3 " + cipher);
        assertWrites(4);
    }

    @Test
    void fileSystemOverTlsKeepsItsFiles() {
        serve(tls());
        connect(HOST);

        fileSystemKeepsItsFiles(MEMORY);
    }

    @Test
    void hostWithAnotherKeyIsRefused() {
        try (ConfiguredPsk other = ConfiguredPsk.generate(PskHash.SHA_256)) {
            serve(Security.none().tls(other));

            assertRefused(guest.tryConnectOverTls(HOST));
            REPORT.note(handshakes());
        }
    }

    @Test
    void hostWithLabelsOfTheOtherFormIsRefused() {
        serve(tls());

        assertRefused(guest.tryConnectOverTls(KernelLab.host("tlsold")));
    }

    @Test
    void hostThatNobodyHasAKeyForIsRefused() {
        serve(Security.none().tls(request -> Mono.empty()));

        assertRefused(guest.tryConnectOverTls(HOST));
    }

    @Test
    void hostWithoutTlsIsRefused() {
        serve(tls());

        assertRefused(guest.tryConnect("-i 2 -q " + HOST));
    }

    @Test
    void hostWithTlsFindsNoneAtATargetWithout() {
        start(UnaryOperator.identity());

        assertRefused(guest.tryConnectOverTls(HOST));
    }

    @Test
    void hostThatComesBackIsSecuredAgain() {
        serve(tls());
        connect(HOST);
        String disk = guest.disk(FILE);
        expectComplaints("starting error recovery", "error -104", "failed to send request", "receive failed");

        assertThat(lab.abortConnections(target.port())).isPositive();

        await().atMost(GuestHost.LIMIT)
                .untilAsserted(() -> assertThat(ciphers()).hasSize(3));
        guest.succeed("dd if=" + disk + " of=/dev/null bs=64k count=4 iflag=direct 2>/dev/null");
        assertWrites(1);
    }
}
