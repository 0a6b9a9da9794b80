package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.ScriptedController.Exchange;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.recovery.ControllerState;
import io.nvmf.recovery.Recovery;
import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.Security;
import io.nvmf.spec.ConnectResponse;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.testing.Covers;
import io.nvmf.testing.ExhaustibleAllocator;
import io.nvmf.testing.ScriptedAuthentication;
import io.nvmf.testing.SharedManualTimer;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Authentication of queues that are up, and what becomes of a controller when keys change. */
class ReauthenticationTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String HOST = "nqn.2014-08.org.example:host";
    private static final DhChapAlgorithms PLAIN =
            new DhChapAlgorithms(List.of(DhChapHash.SHA_256), List.of(DhGroup.NULL));

    private final DefaultEventExecutor host = new DefaultEventExecutor();
    private final DefaultEventExecutor target = new DefaultEventExecutor((ThreadFactory) Thread::new);
    private final SharedManualTimer timer = new SharedManualTimer();
    private final ExhaustibleAllocator memory = new ExhaustibleAllocator();
    private final ScriptedController controller = new ScriptedController(
            LoopTransportOptions.defaults().withExecutors(host, target).withAllocator(memory));
    private volatile @Nullable DhChapSecret secret = DhChapSecret.random(DhChapHash.SHA_256);
    private final ScriptedAuthentication authentication =
            new ScriptedAuthentication(HOST, ScriptedController.NQN, secret);

    @BeforeEach
    void askForAuthentication() {
        controller.connectDw0 = new ConnectResponse(ScriptedController.CONTROLLER_ID, true, false).encode();
        controller.authentication = this::authenticate;
    }

    private void authenticate(Exchange exchange) {
        exchange.giveTo(authentication);
    }

    @AfterEach
    void stop() {
        controller.cut();
        host.shutdownGracefully(0, 5, TimeUnit.SECONDS);
        target.shutdownGracefully(0, 5, TimeUnit.SECONDS);
    }

    private Security security() {
        return Security.none()
                .hostSecret(request -> Mono.fromSupplier(() -> {
                    DhChapSecret now = secret;
                    return now == null ? null : now.format();
                }))
                .algorithms(PLAIN);
    }

    private NvmeClient client() {
        return controller.client().timer(timer).hostNqn(HOST).ioQueues(2).security(security());
    }

    private NvmeController connect() {
        return client().connect().block(PATIENCE);
    }

    private void rotate() {
        secret = DhChapSecret.random(DhChapHash.SHA_256);
        authentication.hostSecret = secret;
    }

    @Test
    void allQueuesAreAuthenticatedWithTheSecretThatIsThereNow() {
        NvmeController connected = connect();
        assertThat(authentication.authenticated()).isEqualTo(3);
        rotate();

        connected.reauthenticate().block(PATIENCE);

        assertThat(authentication.authenticated()).isEqualTo(6);
        assertThat(controller.count("q0 Authentication Send")).isEqualTo(4);
        assertThat(controller.count("q1 Authentication Send")).isEqualTo(4);
        assertThat(controller.count("q2 Authentication Send")).isEqualTo(4);
        assertThat(connected.isConnected()).isTrue();
    }

    @Test
    @Covers("Queues in use are authenticated again, and a failure ends the association")
    void inputAndOutputGoOnMeanwhile() {
        AtomicReference<Exchange> held = new AtomicReference<>();
        controller.on("q1 I/O " + NvmOpcode.FLUSH, held::set);
        NvmeController connected = connect();
        AtomicInteger flushed = new AtomicInteger();
        Command flush = Command.nvm(NvmOpcode.FLUSH, 1).build();
        connected.ioQueues().get(0).execute(flush).subscribe(done -> flushed.incrementAndGet());
        Awaitility.await().atMost(PATIENCE).until(() -> held.get() != null);

        connected.reauthenticate().block(PATIENCE);
        assertThat(flushed).hasValue(0);
        target.execute(() -> held.get().succeed());

        Awaitility.await().atMost(PATIENCE).until(() -> flushed.get() == 1);
    }

    @Test
    void eachSubscriptionAuthenticatesOnce() {
        NvmeController connected = connect();
        Mono<Void> again = connected.reauthenticate();
        assertThat(authentication.authenticated()).isEqualTo(3);

        again.block(PATIENCE);
        again.block(PATIENCE);

        assertThat(authentication.authenticated()).isEqualTo(9);
    }

    @Test
    void whoeverComesMeanwhileSharesIt() {
        NvmeController connected = connect();
        AtomicReference<Exchange> held = new AtomicReference<>();
        controller.authentication = exchange -> {
            exchange.kept = true;
            held.set(exchange);
        };
        CountDownLatch both = new CountDownLatch(2);
        connected.reauthenticate().subscribe(null, failure -> {}, both::countDown);
        Disposable leaves = connected.reauthenticate().subscribe(null, failure -> {});
        connected.reauthenticate().subscribe(null, failure -> {}, both::countDown);
        Awaitility.await().atMost(PATIENCE).until(() -> held.get() != null);
        leaves.dispose();
        controller.authentication = this::authenticate;
        assertThat(both.getCount()).isEqualTo(2);

        target.execute(() -> authenticate(held.get()));

        Awaitility.await().atMost(PATIENCE).until(() -> both.getCount() == 0);
        assertThat(authentication.authenticated()).isEqualTo(6);
    }

    @Test
    void cancellingDoesNotStopIt() {
        NvmeController connected = connect();
        connected.reauthenticate().subscribe(null, failure -> {}).dispose();

        Awaitility.await().atMost(PATIENCE).until(() -> authentication.authenticated() == 6);
        assertThat(connected.isConnected()).isTrue();
    }

    @Test
    @Covers("Queues in use are authenticated again, and a failure ends the association")
    void aRefusalEndsTheAssociation() {
        NvmeController connected = connect();
        authentication.hostSecret = DhChapSecret.random(DhChapHash.SHA_256);

        assertThatThrownBy(() -> connected.reauthenticate().block(PATIENCE))
                .isInstanceOf(NvmeAuthenticationException.class)
                .hasMessageContaining("queue 0")
                .hasMessageContaining("RCE 1");

        connected.onClose().block(PATIENCE);
        assertThat(connected.isConnected()).isFalse();
        Awaitility.await().atMost(PATIENCE).untilAsserted(controller::assertNothingOpen);
    }

    @Test
    void aControllerThatTakesNoMoreAuthenticationEndsTheAssociation() {
        NvmeController connected = connect();
        controller.authentication = exchange -> exchange.fail(StatusCode.INVALID_COMMAND_OPCODE);

        assertThatThrownBy(() -> connected.reauthenticate().block(PATIENCE))
                .isInstanceOf(NvmeAuthenticationException.class)
                .hasMessageContaining("0/01h");
        connected.onClose().block(PATIENCE);
    }

    @Test
    void aTransactionThatIsLeftInTheMiddleEndsTheAssociation() {
        NvmeController connected = connect();
        controller.on("q0 Authentication Receive", exchange -> {
            memory.exhausted = true;
            authenticate(exchange);
        });

        assertThatThrownBy(() -> connected.reauthenticate().block(PATIENCE))
                .isInstanceOf(NvmeAuthenticationException.class)
                .hasMessageContaining("queue 0")
                .hasMessageContaining("no memory")
                .hasCauseInstanceOf(NvmeLimitException.class)
                .extracting(failure -> ((NvmeException) failure).outcome())
                .isEqualTo(CommandOutcome.UNKNOWN);
        connected.onClose().block(PATIENCE);
    }

    @Test
    void aTransactionThatHasNotBegunLeavesTheAssociation() {
        NvmeController connected = connect();
        memory.exhausted = true;

        assertThatThrownBy(() -> connected.reauthenticate().block(PATIENCE)).isInstanceOf(NvmeLimitException.class);

        memory.exhausted = false;
        assertThat(connected.isConnected()).isTrue();
        connected.reauthenticate().block(PATIENCE);
    }

    @Test
    void aSecretThatIsNotThereLeavesTheAssociation() {
        NvmeController connected = connect();
        secret = null;

        assertThatThrownBy(() -> connected.reauthenticate().block(PATIENCE))
                .isInstanceOf(NvmeAuthenticationException.class)
                .hasMessageContaining("secret of the host");

        assertThat(connected.isConnected()).isTrue();
    }

    @Test
    void withoutASecretThereIsNothingToAuthenticateWith() {
        controller.connectDw0 = ScriptedController.CONTROLLER_ID;
        NvmeController connected = client().security(Security.none()).connect().block(PATIENCE);

        assertThatThrownBy(() -> connected.reauthenticate().block(PATIENCE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Security.hostSecret");
        assertThat(connected.isConnected()).isTrue();
    }

    @Test
    void aControllerThatIsClosedIsNotAuthenticated() {
        NvmeController connected = connect();
        controller.cut();
        connected.onClose().block(PATIENCE);

        assertThatThrownBy(() -> connected.reauthenticate().block(PATIENCE)).isInstanceOf(NvmeException.class);
    }

    private static ControllerState last(NvmeController connected) {
        return connected.states().blockFirst(PATIENCE);
    }

    @Test
    void attemptsAfterALossGoOnUntilTheOtherKeyArrives() {
        NvmeController connected =
                client().recovery(Recovery.defaults()).connect().block(PATIENCE);
        authentication.hostSecret = DhChapSecret.random(DhChapHash.SHA_256);
        assertThatThrownBy(() -> connected.reauthenticate().block(PATIENCE))
                .isInstanceOf(NvmeAuthenticationException.class);
        Awaitility.await().atMost(PATIENCE).until(() -> {
            timer.advance(Duration.ofMillis(100));
            return last(connected) instanceof ControllerState.Reconnecting waiting && waiting.attempt() > 2;
        });

        secret = authentication.hostSecret;

        Awaitility.await().atMost(PATIENCE).until(() -> {
            timer.advance(Duration.ofSeconds(1));
            return connected.isConnected();
        });
        Awaitility.await().atMost(PATIENCE).until(() -> last(connected).equals(new ControllerState.Live(2)));
    }

    private static Recovery patient() {
        return Recovery.defaults().patientConnect(true);
    }

    @Test
    void aKeyThatDoesNotMatchIsNoReasonForPatience() {
        authentication.hostSecret = DhChapSecret.random(DhChapHash.SHA_256);

        Throwable failure =
                catchThrowable(() -> client().recovery(patient()).connect().block(PATIENCE));

        assertThat(failure).isInstanceOf(NvmeAuthenticationException.class);
        assertThat(controller.count("q0 Connect 32 entries, KATO 10000")).isEqualTo(1);
    }

    @Test
    void aKeyThatIsMissingOrNoKeyIsNoReasonForPatience() {
        secret = null;
        assertThat(catchThrowable(() -> client().recovery(patient()).connect().block(PATIENCE)))
                .isInstanceOf(NvmeAuthenticationException.class);
        Security noKey = Security.none().hostSecret(request -> Mono.just("no key".toCharArray()));
        assertThat(catchThrowable(() ->
                        client().security(noKey).recovery(patient()).connect().block(PATIENCE)))
                .isInstanceOf(NvmeAuthenticationException.class);
    }

    @Test
    void aSafeThatIsOutOfReachIsAReasonForPatience() {
        AtomicInteger asked = new AtomicInteger();
        Security security = Security.none()
                .hostSecret(request -> asked.incrementAndGet() == 1
                        ? Mono.error(new IllegalStateException("out of reach"))
                        : Mono.fromSupplier(authentication.hostSecret::format))
                .algorithms(PLAIN);
        AtomicReference<NvmeController> connected = new AtomicReference<>();
        client().security(security).recovery(patient()).connect().subscribe(connected::set);

        Awaitility.await().atMost(PATIENCE).until(() -> {
            timer.advance(Duration.ofMillis(100));
            return connected.get() != null;
        });
        assertThat(asked.get()).isGreaterThan(3);
    }
}
