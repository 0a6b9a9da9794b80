package io.nvmf.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeController;
import io.nvmf.NvmeTarget;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.connection.ConnectionLifecycle;
import io.nvmf.spring.connection.ConnectionStartException;
import io.nvmf.spring.connection.LatestState;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import io.nvmf.transport.Termination;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;
import reactor.test.StepVerifier;

/** From the start of an application to its end, with a controller that is not of it. */
class ConnectionLifecycleTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private NvmeTarget configured;
    private BoundTarget target;

    @BeforeEach
    void listen() {
        target = NvmeTarget.memory(Contexts.NQN, 1 << 20, 512).bind().block(LIMIT);
        configured = NvmeTarget.memory(Contexts.NQN, 1 << 20, 512).bindAddress("127.0.0.1", target.port());
    }

    @AfterEach
    void close() {
        target.close().block(LIMIT);
    }

    private ApplicationContextRunner application(String... properties) {
        return Contexts.empty()
                .withPropertyValues("nvmf.client.uri=" + target.uri(Contexts.NQN))
                .withPropertyValues(properties);
    }

    private static ControllerState state(NvmeConnection connection) {
        return LatestState.of(connection).orElse(null);
    }

    @Test
    void anApplicationThatHasStartedHasItsEagerConnection() {
        application().run(context -> {
            assertThat(state(context.getBean(NvmeConnection.class))).isEqualTo(new ControllerState.Live(1));
            assertThat(target.controllers()).isEqualTo(1);
        });
    }

    @Test
    void theEndOfTheApplicationEndsTheConnectionInOrderAndTheEventLoopsLast() {
        AtomicReference<NvmeController> controller = new AtomicReference<>();
        AtomicReference<LoopResources> loops = new AtomicReference<>();
        AtomicReference<NvmeConnection> connection = new AtomicReference<>();
        application().run(context -> {
            connection.set(context.getBean(NvmeConnection.class));
            controller.set(connection.get().controller().block(LIMIT));
            loops.set(context.getBean(NvmeBeans.LOOPS, LoopResources.class));
            assertThat(loops.get().isDisposed()).isFalse();
        });

        assertThat(controller.get().termination()).contains(new Termination.Closed(Termination.Side.LOCAL));
        assertThat(loops.get().isDisposed()).isTrue();
        await().until(() -> target.controllers() == 0);
        StepVerifier.create(connection.get().states())
                .expectNext(new ControllerState.Closed())
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void theConnectionIsThereBeforeTheFirstRequestAndAfterTheLast() {
        // what the graceful shutdown of web servers and the servers themselves have
        assertThat(ConnectionLifecycle.PHASE).isLessThan(SmartLifecycle.DEFAULT_PHASE - 2048);
        application()
                .run(context -> assertThat(
                                context.getBean(ConnectionLifecycle.class).getPhase())
                        .isEqualTo(ConnectionLifecycle.PHASE));
    }

    @Test
    void aTargetThatIsNotThereStopsTheStartWhenTheTimeIsUp() {
        target.close().block(LIMIT);

        application("nvmf.client.startup-timeout=300ms").run(context -> {
            Throwable failure = context.getStartupFailure();
            assertThat(failure).hasCauseInstanceOf(ConnectionStartException.class);
            FailureAnalysis analysis = new NvmeFailureAnalyzer().analyze(failure);
            assertThat(analysis.getDescription())
                    .contains("The connection 'default' is not there.")
                    .contains("Address: nvme+tcp://127.0.0.1:" + target.port() + "/" + Contexts.NQN)
                    .containsPattern("State: +(Reconnecting|Connecting)\\[attempt=\\d");
            assertThat(analysis.getAction())
                    .contains("nvmf.client.startup-timeout", "nvmf.client.startup to background or lazy");
        });
    }

    @Test
    void aTargetThatDoesNotAnswerStopsTheStartWhenTheTimeIsUp() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Contexts.empty()
                    .withPropertyValues(
                            "nvmf.client.host=127.0.0.1",
                            "nvmf.client.port=" + silent.getLocalPort(),
                            "nvmf.client.subsystem=" + Contexts.NQN,
                            "nvmf.client.startup-timeout=300ms")
                    .run(context -> assertThat(context)
                            .getFailure()
                            .hasMessageContaining("nvmfConnectionLifecycle")
                            .rootCause()
                            .hasMessageContaining("300ms"));
        }
    }

    @Test
    void aTargetThatRefusesStopsTheStartAtOnce() {
        Contexts.empty()
                .withPropertyValues(
                        "nvmf.client.uri=" + target.uri("nqn.2026-01.com.example:another"),
                        "nvmf.client.startup-timeout=1h")
                .run(context -> {
                    FailureAnalysis analysis = new NvmeFailureAnalyzer().analyze(context.getStartupFailure());
                    assertThat(analysis.getAction()).contains("refuses", "nvmf.client.host-nqn");
                });
    }

    @Test
    void anEagerStartWaitsForATargetThatComes() {
        target.close().block(LIMIT);
        Mono.delay(Duration.ofMillis(200)).then(configured.bind()).subscribe(bound -> target = bound);

        application("nvmf.client.startup-timeout=30s")
                .run(context -> assertThat(
                                state(context.getBean(NvmeConnection.class)).isLive())
                        .isTrue());
    }

    @Test
    void inTheBackgroundTheConnectionComesWhenTheTargetDoes() {
        target.close().block(LIMIT);

        application("nvmf.client.startup=background").run(context -> {
            NvmeConnection connection = context.getBean(NvmeConnection.class);
            await().untilAsserted(() -> assertThat(state(connection)).isInstanceOf(ControllerState.Reconnecting.class));
            target = configured.bind().block(LIMIT);
            await().untilAsserted(() -> assertThat(state(connection)).isEqualTo(new ControllerState.Live(1)));
        });
    }

    @Test
    void aLazyConnectionComesWithItsFirstUse() {
        application("nvmf.client.startup=lazy").run(context -> {
            NvmeConnection connection = context.getBean(NvmeConnection.class);
            assertThat(state(connection)).isNull();
            assertThat(target.controllers()).isZero();

            assertThat(connection.namespace(1).block(LIMIT).size()).isEqualTo(1 << 20);
            assertThat(target.controllers()).isEqualTo(1);
        });
    }

    @Test
    void betweenTwoAttemptsTheConnectionFailsAtOnceAndSaysWhenTheNextOneIs() {
        target.close().block(LIMIT);

        application(
                        "nvmf.client.startup=lazy",
                        "nvmf.client.recovery.first-delay=1h",
                        "nvmf.client.recovery.max-delay=1h",
                        "nvmf.client.recovery.loss-timeout=2h")
                .run(context -> {
                    NvmeConnection connection = context.getBean(NvmeConnection.class);
                    StepVerifier.create(connection.controller()).expectError().verify(LIMIT);
                    StepVerifier.create(connection.controller())
                            .expectErrorSatisfies(failure -> assertThat(failure)
                                    .isInstanceOf(NvmeConnectionException.class)
                                    .hasMessageContaining("connection default is down; attempt 2 is at "))
                            .verify(LIMIT);
                });
    }

    @Test
    void allWhoAskWhileAnAttemptIsUnderWayShareIt() {
        application("nvmf.client.startup=lazy").run(context -> {
            NvmeConnection connection = context.getBean(NvmeConnection.class);
            Long different = Mono.zip(connection.controller(), connection.controller(), connection.controller())
                    .map(three -> three.toList().stream().distinct().count())
                    .block(LIMIT);
            assertThat(different).isEqualTo(1);
            assertThat(target.controllers()).isEqualTo(1);
        });
    }

    @Test
    void aControllerThatIsLostForGoodIsFollowedByAnother() {
        application("nvmf.client.recovery.enabled=false").run(context -> {
            NvmeConnection connection = context.getBean(NvmeConnection.class);
            NvmeController first = connection.controller().block(LIMIT);

            target.disconnectAll().block(LIMIT);
            first.onClose().block(LIMIT);

            await().ignoreExceptions()
                    .untilAsserted(() -> assertThat(connection.controller().block(LIMIT))
                            .isNotSameAs(first)
                            .satisfies(
                                    second -> assertThat(second.isConnected()).isTrue()));
            assertThat(connection.namespace(1).block(LIMIT).size()).isEqualTo(1 << 20);
        });
    }

    @Test
    void aLossThatTheControllerRecoversFromIsToldAndChangesNothingElse() {
        application().run(context -> {
            NvmeConnection connection = context.getBean(NvmeConnection.class);
            NvmeController controller = connection.controller().block(LIMIT);

            StepVerifier.create(connection.states().takeUntil(new ControllerState.Live(2)::equals))
                    .expectNext(new ControllerState.Live(1))
                    .then(() -> target.disconnectAll().subscribe())
                    .thenConsumeWhile(state -> !state.isLive())
                    .expectNext(new ControllerState.Live(2))
                    .expectComplete()
                    .verify(LIMIT);
            assertThat(connection.controller().block(LIMIT)).isSameAs(controller);
        });
    }

    @Test
    void anApplicationThatPausesConnectsAgainWhenItGoesOn() {
        application().run(context -> {
            NvmeConnection connection = context.getBean(NvmeConnection.class);
            NvmeController first = connection.controller().block(LIMIT);
            ConnectionLifecycle lifecycle = context.getBean(ConnectionLifecycle.class);

            lifecycle.stop();
            assertThat(lifecycle.isRunning()).isFalse();
            assertThat(first.termination()).isPresent();
            StepVerifier.create(connection.controller())
                    .verifyErrorMessage("connection default is closed, because the application stops");

            lifecycle.start();
            assertThat(connection.controller().block(LIMIT)).isNotSameAs(first);
        });
    }

    @Test
    void namespacesAreOpenedOncePerController() {
        application().run(context -> {
            NvmeConnection connection = context.getBean(NvmeConnection.class);
            assertThat(connection.namespace(1).block(LIMIT))
                    .isSameAs(connection.namespace(1).block(LIMIT));
            StepVerifier.create(connection.namespace(9)).expectError().verify(LIMIT);
            target.subsystem(Contexts.NQN)
                    .addNamespace(9, BlockStore.memory(512, 512))
                    .block(LIMIT);
            assertThat(connection.namespace(9).block(LIMIT).size())
                    .as("a failure is not kept")
                    .isEqualTo(512);
        });
    }

    @Test
    void aConnectionThatDoesNotCloseInTimeDoesNotHoldUpTheEndOfTheApplication() {
        BlockStore stalled = new DelegatingBlockStore(BlockStore.memory(1 << 20, 512)) {
            @Override
            public Mono<ByteBuf> read(long offset, int length) {
                return Mono.never();
            }
        };
        target.subsystem(Contexts.NQN).addNamespace(2, stalled).block(LIMIT);
        AtomicReference<Throwable> outcome = new AtomicReference<>();
        AtomicLong closing = new AtomicLong();
        application("nvmf.client.shutdown-timeout=100ms").run(context -> {
            context.getBean(NvmeConnection.class)
                    .namespace(2)
                    .flatMap(namespace -> namespace.read(0, 1))
                    .subscribe(ByteBuf::release, outcome::set);
            await().until(() -> context.getBean(NvmeConnection.class)
                    .namespace(2)
                    .blockOptional(LIMIT)
                    .isPresent());
            closing.set(System.nanoTime());
        });

        // the controller alone gives commands 5 s
        assertThat(Duration.ofNanos(System.nanoTime() - closing.get())).isLessThan(Duration.ofSeconds(4));
        await().untilAsserted(() -> assertThat(outcome.get()).isInstanceOf(NvmeConnectionException.class));
    }
}
