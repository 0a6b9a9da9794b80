package io.nvmf.tcp.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.Security;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyUse;
import io.nvmf.spec.TransportType;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.testing.kernel.GuestHost;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.MatrixReport;
import io.nvmf.testing.kernel.ServedGuest;
import io.nvmf.testing.kernel.Sha256;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

/** The kernel's host proves itself to our controller, has it prove itself, and is refused if it cannot. */
class TargetAuthenticationKernelIT extends ServedGuest {

    private static final String NQN = "nqn.2024-01.io.nvmf:test.auth";
    private static final String HOST = KernelLab.host("host2");

    /** How the kernel says that it was refused, or that it refused. */
    private static final String[] REFUSED = {
        "authentication failed",
        "authentication setup failed",
        "controller authentication failed",
        "failed to connect queue"
    };

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final String hostSecret = lab.secret("auth.host2.secret");
    private final String controllerSecret = lab.secret("auth.host2.controller.secret");

    /** What our controller knows; of this host only. */
    private final Map<KeyUse, String> known =
            new ConcurrentHashMap<>(Map.of(KeyUse.HOST_SECRET, hostSecret, KeyUse.CONTROLLER_SECRET, controllerSecret));

    private final KeyProvider keys = request -> Mono.justOrEmpty(
            request.hostNqn().equals(HOST) && request.subsystemNqn().equals(NQN)
                    ? known.get(request.use()).toCharArray()
                    : null);

    TargetAuthenticationKernelIT() {
        super(TransportType.TCP, NQN);
    }

    private void serve(Security security) {
        start(target -> target.security(security));
    }

    private Security oneWay() {
        return Security.none().hostSecret(keys);
    }

    private Security mutual() {
        return oneWay().controllerSecret(keys);
    }

    private static String random(DhChapHash hash) {
        try (DhChapSecret secret = DhChapSecret.random(hash)) {
            return new String(secret.format());
        }
    }

    private static String options(String host, String secret) {
        return "-i 2 -q " + host + " -S " + secret;
    }

    private String options(boolean mutual) {
        return options(HOST, hostSecret) + (mutual ? " -C " + controllerSecret : "");
    }

    private void assertRefused(String options) {
        expectComplaints(REFUSED);
        KernelLab.Result result = guest.tryConnect(options);
        assertThat(result.status()).as(result.output()).isNotZero();
        REPORT.note(result.output().lines().findFirst().orElse("") + log.complaints());
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(target.controllers()).isZero());
    }

    /** What the guest writes is in our store. */
    private void assertWrites(int mib) {
        String disk = guest.disk(MEMORY);
        String sum = guest.succeed("dd if=/dev/urandom of=/tmp/in bs=1M count=" + mib
                + " 2>/dev/null; dd if=/tmp/in of="
                + disk + " bs=256k oflag=direct 2>/dev/null; dd if=" + disk + " of=/tmp/out bs=256k count=" + 4 * mib
                + " iflag=direct 2>/dev/null; cmp /tmp/in /tmp/out; sha256sum </tmp/in; rm /tmp/in /tmp/out");
        assertThat(sum).startsWith(Sha256.of(memory.content(0, mib << 20)));
    }

    @ParameterizedTest(name = "{0}, {1}, both ways: {2}", quoteTextArguments = false)
    @CsvSource({
        "SHA_256, NULL, false",
        "SHA_384, NULL, true",
        "SHA_512, NULL, true",
        "SHA_512, FFDHE2048, false",
        "SHA_256, FFDHE3072, true",
        "SHA_384, FFDHE4096, true",
        "SHA_512, FFDHE6144, true",
        "SHA_256, FFDHE8192, false"
    })
    void hostIsAuthenticatedWith(DhChapHash hash, DhGroup group, boolean mutual) {
        serve((mutual ? mutual() : oneWay())
                .algorithms(DhChapAlgorithms.defaults().withHashes(hash).withGroups(group)));

        guest.connect(options(mutual));

        assertThat(log.lines())
                .anyMatch(line -> line.contains("qid 0: authenticated with hash hmac(sha" + hash.length() * 8
                        + ") dhgroup " + group.name().toLowerCase(Locale.ROOT)));
        assertThat(log.lines().stream().anyMatch(line -> line.contains("qid 0: controller authenticated")))
                .isEqualTo(mutual);
        assertWrites(1);
    }

    @Test
    void controllerThatCanProveItselfDoesNotHaveTo() {
        serve(mutual());

        guest.connect(options(false));

        assertWrites(1);
    }

    @Test
    void hostWithAWrongSecretIsRefused() {
        serve(mutual());

        assertRefused(options(HOST, random(DhChapHash.SHA_256)));
    }

    @Test
    void hostThatDoesNotAuthenticateIsRefused() {
        serve(oneWay());

        assertRefused("-i 2 -q " + HOST);
    }

    @Test
    void hostThatNobodyKnowsIsRefused() {
        serve(oneWay());

        assertRefused(options(KernelLab.host("host4"), hostSecret));
    }

    @Test
    void controllerWithAWrongSecretIsRefusedByTheHost() {
        serve(mutual());
        known.put(KeyUse.CONTROLLER_SECRET, random(DhChapHash.SHA_256));

        assertRefused(options(true));
    }

    /** The kernel would believe a controller that does not prove itself, so ours has to say that it cannot. */
    @Test
    void controllerThatIsAskedToProveItselfAndCannotEndsTheConnection() {
        serve(oneWay());

        assertRefused(options(true));
    }

    /** The kernel's host authenticates again when it is given another secret. */
    @Test
    void hostAuthenticatesAgainWhileItWrites() {
        serve(mutual());
        guest.connect(options(true));
        String disk = guest.disk(MEMORY);
        String controller = guest.controller().replace("/dev/", "/sys/class/nvme/");
        guest.succeed("rm -f /tmp/stop /tmp/status; { while [ ! -e /tmp/stop ]; do dd if=/dev/zero of=" + disk
                + " bs=64k count=16 oflag=direct || break; done; echo $? >/tmp/status; } >/tmp/dd 2>&1 &");
        debug("+p");
        try {
            int times = 0;
            for (DhChapHash hash : List.of(DhChapHash.SHA_384, DhChapHash.SHA_512)) {
                String next = random(hash);
                known.put(KeyUse.HOST_SECRET, next);
                guest.succeed("echo " + next + " >" + controller + "/dhchap_secret");
                awaitProofs(++times);
            }
        } finally {
            debug("-p");
        }
        guest.succeed(
                "touch /tmp/stop; until [ -s /tmp/status ]; do usleep 100000; done; [ \"$(cat /tmp/status)\" = 0 ]");

        assertThat(target.controllers()).isEqualTo(1);
        assertWrites(1);
    }

    /** Waits until the host has had each of the three queues prove itself so often. */
    private void awaitProofs(int times) {
        await().atMost(GuestHost.LIMIT).untilAsserted(() -> {
            List<String> lines = log.lines();
            for (int queue = 0; queue <= 2; queue++) {
                String proof = "qid " + queue + " send success2";
                assertThat(lines).filteredOn(line -> line.endsWith(proof)).hasSize(times);
            }
        });
    }

    private void debug(String flag) {
        guest.succeed("echo 'func nvme_queue_auth_work " + flag + "' >/proc/dynamic_debug/control");
    }

    @Test
    void hostIsAuthenticatedAgainWhenItComesBack() {
        serve(mutual());
        guest.connect(options(true) + " -c 1");
        expectComplaints("starting error recovery", "error -104", "failed to send request", "receive failed");

        assertThat(lab.abortConnections(target.port())).isPositive();

        await().atMost(GuestHost.LIMIT)
                .untilAsserted(() -> assertThat(log.lines())
                        .filteredOn(line -> line.contains("qid 0: authenticated with"))
                        .hasSize(2));
        assertWrites(1);
    }
}
