package io.nvmf.tcp.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static io.nvmf.testing.kernel.Hosts.close;
import static io.nvmf.testing.kernel.Hosts.connect;
import static io.nvmf.testing.kernel.Hosts.namespace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.recovery.Recovery;
import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.Security;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.testing.kernel.Hosts;
import io.nvmf.testing.kernel.KernelLab;
import io.nvmf.testing.kernel.KernelLog;
import io.nvmf.testing.kernel.MatrixReport;
import io.nvmf.testing.kernel.RoundTrip;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Our host proves itself to the kernel's controller, has it prove itself, and both refuse who cannot. */
class HostAuthenticationKernelIT {

    private static final int IO_QUEUES = 4;
    private static final int ATTEMPTS = 10;
    private static final String HOST1 = "host1";
    private static final String HOST2 = "host2";

    /** How the kernel says that it refused a host. */
    private static final String[] REFUSED = {"host response mismatch", "failure1 (", "fatal error"};

    @RegisterExtension
    static final MatrixReport REPORT = new MatrixReport();

    private final KernelLab lab = KernelLab.require();
    private final KernelLog log = KernelLog.from(lab);

    @BeforeEach
    void theKernelTellsWhomItBelieves() {
        debug("+p");
    }

    @AfterEach
    void nothingIsLeftBehind() {
        debug("-p");
        secretOfHost1(lab.secret("auth.host1.secret"));
        prefer(HOST1, DhChapHash.SHA_256, DhGroup.NULL);
        prefer("host3", DhChapHash.SHA_384, DhGroup.FFDHE3072);
    }

    private void debug(String flag) {
        lab.succeed("echo 'file fabrics-cmd-auth.c " + flag + "' >/proc/dynamic_debug/control", LIMIT);
    }

    /** What the target knows from now on. */
    private void secretOfHost1(String secret) {
        lab.succeed(
                "printf %s '" + secret + "' >/sys/kernel/config/nvmet/hosts/" + KernelLab.host(HOST1) + "/dhchap_key",
                LIMIT);
    }

    private static KeyProvider text(String secret) {
        return request -> Mono.fromCallable(secret::toCharArray);
    }

    private KeyProvider lab(String name) {
        return text(lab.secret(name));
    }

    private static String random(DhChapHash hash) {
        try (DhChapSecret secret = DhChapSecret.random(hash)) {
            return new String(secret.format());
        }
    }

    private Security oneWay(String host) {
        return Security.none().hostSecret(lab("auth." + host + ".secret"));
    }

    private Security mutual(String host) {
        return oneWay(host).controllerSecret(lab("auth." + host + ".controller.secret"));
    }

    private NvmeClient client(String host, Security security) {
        return Hosts.client(lab.tcp(), KernelLab.AUTH)
                .hostNqn(KernelLab.host(host))
                .ioQueues(IO_QUEUES)
                .security(security);
    }

    /** Asks again where the reason has not come: the kernel ends a connection while it sends why. */
    private Throwable refusal(String host, Security security) {
        Throwable refusal;
        int attempts = 0;
        do {
            refusal = catchThrowable(() -> client(host, security).connect().block(LIMIT));
            REPORT.note(String.valueOf(refusal));
        } while (refusal instanceof NvmeConnectionException && ++attempts < ATTEMPTS);
        return refusal;
    }

    /** The kernel's lines of this kind, such as "host authenticated", for queues 0 to 4. */
    private void assertEveryQueue(String what, int times) {
        List<String> lines = log.lines();
        for (int queue = 0; queue <= IO_QUEUES; queue++) {
            String line = "qid " + queue + " " + what;
            assertThat(lines).filteredOn(said -> said.endsWith(line)).as(line).hasSize(times);
        }
    }

    private static RoundTrip roundTrip(long offset) {
        return new RoundTrip(new RoundTrip.Region(1, 512, offset, 48, 32 << 10, 256 << 10, offset + 1));
    }

    @ParameterizedTest(name = "{1}, {2}, {0}, both ways: {3}", quoteTextArguments = false)
    @CsvSource({
        "host1, SHA_256, NULL, false",
        "host2, SHA_512, FFDHE2048, true",
        "host3, SHA_384, FFDHE3072, true",
        "host3, SHA_256, FFDHE4096, true",
        "host3, SHA_384, FFDHE6144, true",
        "host3, SHA_512, FFDHE8192, false"
    })
    void everyQueueIsAuthenticatedAndUsable(String host, DhChapHash hash, DhGroup group, boolean mutual) {
        prefer(host, hash, group);
        // The kernel refuses NULL where nothing else is offered.
        DhGroup other = group == DhGroup.FFDHE2048 ? DhGroup.FFDHE3072 : DhGroup.FFDHE2048;
        Security security = (mutual ? mutual(host) : oneWay(host))
                .algorithms(DhChapAlgorithms.defaults().withHashes(hash).withGroups(group, other));

        NvmeController controller = connect(client(host, security));
        try {
            assertThat(controller.ioQueues()).hasSize(IO_QUEUES);
            assertEveryQueue("host authenticated", 1);
            assertEveryQueue("ctrl authenticated", mutual ? 1 : 0);
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("selected DH group " + name(group)))
                    .hasSize(IO_QUEUES + 1);
            for (int first = 0; first < IO_QUEUES; first += 2) {
                RoundTrip roundTrip = roundTrip((long) first << 20);
                roundTrip.write(controller.ioQueues().get(first));
                roundTrip.read(controller.ioQueues().get(first + 1));
            }
        } finally {
            close(controller);
        }
        log.assertNoComplaint();
    }

    /** What the target prefers for a host from now on. */
    private void prefer(String host, DhChapHash hash, DhGroup group) {
        lab.succeed(
                "cd /sys/kernel/config/nvmet/hosts/" + KernelLab.host(host) + " && printf %s 'hmac(sha"
                        + hash.length() * 8 + ")' >dhchap_hash && printf %s " + name(group) + " >dhchap_dhgroup",
                LIMIT);
    }

    private static String name(DhGroup group) {
        return group.name().toLowerCase(Locale.ROOT);
    }

    @ParameterizedTest(name = "{0}", quoteTextArguments = false)
    @CsvSource({"host1", "host2", "host3"})
    void defaultsDo(String host) {
        close(connect(client(host, host.equals(HOST1) ? oneWay(host) : mutual(host))));

        assertEveryQueue("host authenticated", 1);
        log.assertNoComplaint();
    }

    @Test
    void hashThatTheControllerDoesNotPreferIsUsedIfNoOtherIsOffered() {
        DhChapAlgorithms offered = DhChapAlgorithms.defaults().withHashes(DhChapHash.SHA_256);

        close(connect(client(HOST2, mutual(HOST2).algorithms(offered))));

        assertThat(log.lines()).anyMatch(line -> line.contains("falling back to hmac(sha256)"));
        assertEveryQueue("ctrl authenticated", 1);
    }

    /** The kernel takes the group that it prefers, offered or not. */
    @Test
    void groupThatWasNotOfferedIsRefusedByTheHost() {
        DhChapAlgorithms offered = DhChapAlgorithms.defaults().withGroups(DhGroup.FFDHE4096);

        assertThat(refusal(HOST2, mutual(HOST2).algorithms(offered)))
                .isInstanceOfSatisfying(NvmeAuthenticationException.class, refused -> {
                    assertThat(refused.failure()).contains(AuthenticationFailure.GROUP_NOT_USABLE);
                    assertThat(refused.isFromController()).isFalse();
                });
        log.assertNoComplaint(REFUSED);
    }

    /** The kernel looks for the implementation of a group that has none. */
    @Test
    void nullGroupAloneIsRefusedByTheController() {
        DhChapAlgorithms offered = DhChapAlgorithms.defaults().withGroups(DhGroup.NULL);

        assertThat(refusal(HOST1, oneWay(HOST1).algorithms(offered)))
                .isInstanceOfSatisfying(NvmeAuthenticationException.class, refused -> {
                    assertThat(refused.failure()).contains(AuthenticationFailure.GROUP_NOT_USABLE);
                    assertThat(refused.isFromController()).isTrue();
                });
        log.assertNoComplaint(REFUSED);
    }

    /** Who need not prove itself to the host does not have to have its secret there. */
    @Test
    void hostDecidesWhetherTheControllerProvesItself() {
        close(connect(client(HOST2, oneWay(HOST2))));

        assertEveryQueue("host authenticated", 1);
        assertEveryQueue("ctrl authenticated", 0);
        log.assertNoComplaint();
    }

    @Test
    void wrongSecretIsRefusedByTheController() {
        assertThat(refusal(HOST1, Security.none().hostSecret(text(random(DhChapHash.SHA_256)))))
                .isInstanceOfSatisfying(NvmeAuthenticationException.class, refused -> {
                    assertThat(refused.failure()).contains(AuthenticationFailure.AUTHENTICATION_FAILED);
                    assertThat(refused.isFromController()).isTrue();
                });
        assertThat(log.lines()).anyMatch(line -> line.contains(REFUSED[0]));
        log.assertNoComplaint(REFUSED);
    }

    @Test
    void secretOfAnotherHostIsRefusedByTheController() {
        assertThat(refusal(HOST2, Security.none().hostSecret(lab("auth.host3.secret"))))
                .isInstanceOfSatisfying(NvmeAuthenticationException.class, refused -> {
                    assertThat(refused.failure()).contains(AuthenticationFailure.AUTHENTICATION_FAILED);
                    assertThat(refused.isFromController()).isTrue();
                });
        log.assertNoComplaint(REFUSED);
    }

    @Test
    void controllerWithAnotherSecretIsRefusedByTheHost() {
        assertThat(refusal(HOST2, oneWay(HOST2).controllerSecret(text(random(DhChapHash.SHA_256)))))
                .isInstanceOfSatisfying(NvmeAuthenticationException.class, refused -> {
                    assertThat(refused.failure()).contains(AuthenticationFailure.AUTHENTICATION_FAILED);
                    assertThat(refused.isFromController()).isFalse();
                });
        log.assertNoComplaint(REFUSED);
    }

    /** The kernel has no controller secret for host 1. */
    @Test
    void controllerWithoutASecretIsRefusedByTheHost() {
        assertThat(refusal(HOST1, oneWay(HOST1).controllerSecret(text(random(DhChapHash.SHA_256)))))
                .isInstanceOf(NvmeAuthenticationException.class);
    }

    @Test
    void hostWithoutASecretDoesNotConnect() {
        assertThat(refusal(HOST1, Security.none()))
                .isInstanceOfSatisfying(NvmeAuthenticationException.class, refused -> {
                    assertThat(refused.failure()).isEmpty();
                    assertThat(refused.isFromController()).isFalse();
                });
        log.assertNoComplaint();
    }

    @Test
    void providerWithoutASecretDoesNotConnect() {
        assertThat(refusal(HOST1, Security.none().hostSecret(request -> Mono.empty())))
                .isInstanceOf(NvmeAuthenticationException.class);
        log.assertNoComplaint();
    }

    @Test
    void unknownHostIsRefusedByStatus() {
        assertThat(refusal("host4", oneWay(HOST1))).isInstanceOfSatisfying(NvmeStatusException.class, refused -> {
            assertThat(refused.statusCode()).contains(StatusCode.CONNECT_INVALID_HOST);
            assertThat(refused.doNotRetry()).isTrue();
        });
    }

    @Test
    void reconnectedControllerIsAuthenticatedAgain() {
        NvmeController controller = connect(client(HOST2, mutual(HOST2)).recovery(quick()));
        try {
            NvmeNamespace namespace = namespace(controller, 1);

            assertThat(lab.abortConnections(lab.tcp().getPort())).isPositive();

            Hosts.await(namespace.read(0, 8)).release();
            assertEveryQueue("host authenticated", 2);
            assertEveryQueue("ctrl authenticated", 2);
        } finally {
            close(controller);
        }
    }

    @Test
    void replacedSecretIsUsedByTheNextAssociation() {
        AtomicReference<String> current = new AtomicReference<>(lab.secret("auth.host1.secret"));
        NvmeController controller = connect(client(
                        HOST1,
                        Security.none()
                                .hostSecret(request ->
                                        Mono.fromCallable(() -> current.get().toCharArray())))
                .recovery(quick()));
        try {
            NvmeNamespace namespace = namespace(controller, 1);
            String next = random(DhChapHash.SHA_384);
            secretOfHost1(next);
            current.set(next);

            assertThat(lab.abortConnections(lab.tcp().getPort())).isPositive();

            Hosts.await(namespace.read(0, 8)).release();
            assertEveryQueue("host authenticated", 2);
        } finally {
            close(controller);
        }
    }

    private static Recovery quick() {
        return Recovery.defaults().maxDelay(Duration.ofSeconds(1)).lossTimeout(LIMIT);
    }

    @Test
    void reauthenticationLeavesAloneWhatIsUnderWay() {
        NvmeController controller = connect(client(HOST2, mutual(HOST2)).recovery(Recovery.none()));
        AtomicLong reads = new AtomicLong();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        Disposable reading = reading(namespace(controller, 1), reads, failures);
        try {
            for (int i = 0; i < 3; i++) {
                long before = reads.get();
                controller.reauthenticate().block(LIMIT);
                await().atMost(LIMIT).until(() -> reads.get() > before + IO_QUEUES);
            }
            assertEveryQueue("host authenticated", 4);
            assertEveryQueue("ctrl authenticated", 4);
            assertThat(failures).isEmpty();
            assertThat(controller.isConnected()).isTrue();
            REPORT.note(reads + " reads");
        } finally {
            reading.dispose();
            close(controller);
        }
        log.assertNoComplaint();
    }

    @Test
    void replacedSecretIsUsedByTheNextAuthentication() {
        AtomicReference<String> current = new AtomicReference<>(lab.secret("auth.host1.secret"));
        Security security = Security.none()
                .hostSecret(request -> Mono.fromCallable(() -> current.get().toCharArray()));
        NvmeController controller = connect(client(HOST1, security).recovery(Recovery.none()));
        try {
            NvmeNamespace namespace = namespace(controller, 1);
            String next = random(DhChapHash.SHA_512);
            secretOfHost1(next);
            current.set(next);

            controller.reauthenticate().block(LIMIT);

            Hosts.await(namespace.read(0, 8)).release();
            assertEveryQueue("host authenticated", 2);
        } finally {
            close(controller);
        }
    }

    @Test
    void failedReauthenticationIsTheEndOfTheAssociation() {
        NvmeController controller = connect(client(HOST1, oneWay(HOST1)).recovery(Recovery.none()));
        try {
            secretOfHost1(random(DhChapHash.SHA_256));

            Throwable failure = catchThrowable(() -> controller.reauthenticate().block(LIMIT));

            REPORT.note(String.valueOf(failure));
            assertThat(failure).isInstanceOfAny(NvmeAuthenticationException.class, NvmeConnectionException.class);
            controller.onClose().block(LIMIT);
        } finally {
            close(controller);
        }
        log.assertNoComplaint(REFUSED);
    }

    /** Repeats a read until told otherwise; notes what fails. */
    private static Disposable reading(NvmeNamespace namespace, AtomicLong reads, List<Throwable> failures) {
        return namespace
                .read(0, 64)
                .doOnNext(ByteBuf::release)
                .doOnNext(done -> reads.incrementAndGet())
                .repeat()
                .subscribe(done -> {}, failures::add);
    }
}
