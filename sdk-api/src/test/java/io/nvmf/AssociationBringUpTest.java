package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.spec.ConnectResponse;
import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransportAddress;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** From nothing to an association, and back to nothing when a step fails. */
class AssociationBringUpTest {

    private final ScriptedController controller = new ScriptedController();

    @AfterEach
    void cut() {
        controller.cut();
    }

    private <E extends Throwable> E failure(Class<E> type, NvmeClient client) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        client.connect().subscribe(connected -> {}, failure::set);
        assertThat(failure.get()).as("failure, after %s", controller.log).isInstanceOf(type);
        controller.assertNothingOpen();
        return type.cast(failure.get());
    }

    private <E extends Throwable> E failure(Class<E> type) {
        return failure(type, controller.client());
    }

    @Test
    @Covers("Connect, CAP and VS, CC.EN, CSTS.RDY, Identify, Number of Queues, I/O queues, in this order")
    void stepsComeInTheOrderOfTheSpecification() {
        NvmeController connected =
                controller.connect(controller.client().ioQueues(2).queueSize(64));

        assertThat(controller.log)
                .containsExactly(
                        "open",
                        "q0 Connect 32 entries, KATO 10000",
                        "Get CAP",
                        "Get VS",
                        "Set CC 460001h",
                        "Get CSTS",
                        "Identify 01h 0",
                        "Set Features 07h 10001h",
                        "open",
                        "open",
                        "q1 Connect 64 entries, KATO 0",
                        "q2 Connect 64 entries, KATO 0",
                        "Set Features 0Bh 1Fh",
                        "Event Request",
                        "Get CSTS");
        assertThat(connected.id()).isEqualTo(ScriptedController.CONTROLLER_ID);
        assertThat(connected.ioQueues()).extracting(NvmeQueue::id).containsExactly(1, 2);
        assertThat(connected.ioQueues()).extracting(NvmeQueue::depth).containsOnly(63);
        assertThat(connected.version()).hasToString("1.4.0");
        assertThat(connected.sqFlowControl()).isTrue();
        assertThat(connected.isConnected()).isTrue();
    }

    @Test
    @Covers("1,024 bytes of data: host identifier in RFC order, controller identifier, NUL-terminated names")
    void connectDataNamesHostAndSubsystem() {
        UUID id = UUID.randomUUID();
        controller.connect(
                controller.client().hostNqn("nqn.2014-08.org.example:me").hostId(id));

        assertThat(controller.connectData.hostId()).isEqualTo(id);
        assertThat(controller.connectData.hostNqn()).isEqualTo("nqn.2014-08.org.example:me");
        assertThat(controller.connectData.subsystemNqn()).isEqualTo(ScriptedController.NQN);
        assertThat(controller.connectData.controllerId()).isEqualTo(ScriptedController.CONTROLLER_ID);
    }

    @Test
    void nothingHappensBeforeSubscribing() {
        Mono<NvmeController> unused = controller.client().connect();

        assertThat(unused).isNotNull();
        assertThat(controller.log).isEmpty();
    }

    @Test
    void eachSubscriptionMakesAnAssociationOfItsOwn() {
        Mono<NvmeController> twice = controller.client().ioQueues(1).connect();
        twice.subscribe();
        twice.subscribe();

        assertThat(controller.transport.connections()).hasSize(4);
    }

    @Test
    @Covers("Number of Queues is 0's based; fewer may be granted")
    void fewerQueuesThanAskedForAreAccepted() {
        controller.grantedQueues = 3;

        NvmeController connected = controller.connect(controller.client().ioQueues(8));

        assertThat(connected.ioQueues()).hasSize(3);
    }

    @Test
    @Covers("MQES and MAXCMD bound the queue size")
    void queueSizeStaysWithinMqesAndMaxcmd() {
        assertThat(controller
                        .connect(controller.client().queueSize(65_536))
                        .ioQueues()
                        .get(0)
                        .depth())
                .isEqualTo(127);
        controller.identify().set(Field.MAXCMD, 10);
        assertThat(controller.connect(controller.client()).ioQueues().get(0).depth())
                .isEqualTo(10);
        controller.identify().set(Field.MAXCMD, 0);
        controller.capabilities =
                ControllerCapabilities.fabrics(3, Duration.ofSeconds(5), ControllerCapabilities.CSS_NVM);
        assertThat(controller.connect(controller.client()).ioQueues().get(0).depth())
                .isEqualTo(3);
    }

    @Test
    @Covers("The host asks to do without; SQHD FFFFh in the response grants it")
    void flowControlIsOffWhenAskedForAndGranted() {
        assertThat(controller.connect(controller.client().sqFlowControl(false)).sqFlowControl())
                .isFalse();
    }

    @Test
    @Covers("The host asks to do without; SQHD FFFFh in the response grants it")
    void aControllerThatKeepsFlowControlIsUsedWithIt() {
        controller.grantsNoFlowControl = false;

        assertThat(controller.connect(controller.client().sqFlowControl(false)).sqFlowControl())
                .isTrue();
    }

    /** They are nothing that anybody could count by. */
    @Test
    void headsAreNotLookedAtWithoutFlowControl() {
        controller.on("q1 I/O 0", e -> e.queue.pair.submit(ResponseCapsule.of(e.commandId, 0, 0, 0, 0xABCD)));
        NvmeController connected =
                controller.connect(controller.client().ioQueues(1).queueSize(4).sqFlowControl(false));
        AtomicInteger done = new AtomicInteger();

        for (int i = 0; i < 20; i++) {
            connected
                    .ioQueues()
                    .get(0)
                    .execute(Command.opcode(NvmOpcode.FLUSH).nsid(1).build())
                    .subscribe(completion -> done.incrementAndGet());
        }

        assertThat(done).hasValue(20);
        assertThat(connected.isConnected()).isTrue();
    }

    @Test
    @Covers("What the host is refused for is said in its words")
    void unknownSubsystemIsSaidByName() {
        controller.on(
                "q0 Connect",
                e -> e.answer(
                        Status.of(StatusCode.CONNECT_INVALID_PARAMETERS, true),
                        new ConnectResponse.InvalidParameter(256, true).encode(),
                        0));

        NvmeStatusException failure = failure(NvmeStatusException.class);

        assertThat(failure).hasMessageContaining("subsystem " + ScriptedController.NQN + " is not known");
        assertThat(failure.statusCode()).contains(StatusCode.CONNECT_INVALID_PARAMETERS);
        assertThat(failure.doNotRetry()).isTrue();
    }

    @Test
    @Covers("What the host is refused for is said in its words")
    void refusedQueueSizeIsSaidWithTheNumber() {
        controller.on(
                "q1 Connect",
                e -> e.answer(
                        Status.of(StatusCode.CONNECT_INVALID_PARAMETERS, true),
                        new ConnectResponse.InvalidParameter(44, false).encode(),
                        0));

        assertThat(failure(NvmeStatusException.class)).hasMessageContaining("queue size 128");
    }

    @Test
    @Covers("What the host is refused for is said in its words")
    void hostThatIsNotAllowedIsSaidByName() {
        controller.on("q0 Connect", e -> e.fail(StatusCode.CONNECT_INVALID_HOST));

        assertThat(failure(NvmeStatusException.class, controller.client().hostNqn("nqn.2014-08.org.example:me")))
                .hasMessageContaining("host nqn.2014-08.org.example:me is not allowed");
    }

    @ParameterizedTest
    @ValueSource(ints = {1 << 17, 1 << 18})
    @Covers("A controller that asks for an authentication or a secure channel that is not configured is not used")
    void authenticationIsRefusedClearly(int authreq) {
        controller.connectDw0 |= authreq;

        assertThat(failure(NvmeAuthenticationException.class))
                .hasMessageContaining("authentication")
                .returns(CommandOutcome.NOT_CONNECTED, NvmeAuthenticationException::outcome);
    }

    @Test
    void nobodyListening() {
        NvmeClient wrong = controller.client().remoteAddress(new TransportAddress("nowhere", "9"));

        assertThat(failure(NvmeConnectionException.class, wrong))
                .hasMessageContaining("nowhere:9")
                .returns(CommandOutcome.NOT_CONNECTED, NvmeConnectionException::outcome);
    }

    @Test
    void transportThatIsNotRegistered() {
        assertThat(failure(NvmeConnectionException.class, controller.client().transport(TransportType.RDMA)))
                .hasMessageContaining("no transport for RDMA");
    }

    @Test
    @Covers("RDY is waited for as long as CAP.TO says")
    void controllerThatStaysNotReadyIsGivenCapTo() {
        controller.status = 0;
        AtomicReference<Throwable> failure = new AtomicReference<>();
        controller.client().connect().subscribe(connected -> {}, failure::set);

        controller.timer.advanceTimeBy(Duration.ofMillis(4999));
        assertThat(failure.get()).isNull();
        controller.timer.advanceTimeBy(Duration.ofMillis(1));

        assertThat(failure.get())
                .isInstanceOfSatisfying(NvmeTimeoutException.class, timeout -> {
                    assertThat(timeout.duration()).isEqualTo(Duration.ofSeconds(5));
                    assertThat(timeout.outcome()).isEqualTo(CommandOutcome.NOT_CONNECTED);
                })
                .hasMessageContaining("CAP.TO")
                .hasMessageContaining("5000 ms");
        controller.assertNothingOpen();
    }

    @Test
    @Covers("RDY is waited for as long as CAP.TO says")
    void controllerThatGetsReadyLateIsWaitedFor() {
        controller.status = 0;
        AtomicReference<NvmeController> connected = new AtomicReference<>();
        controller.client().connect().subscribe(connected::set);

        controller.timer.advanceTimeBy(Duration.ofSeconds(2));
        assertThat(connected.get()).isNull();
        controller.status = 1;
        controller.timer.advanceTimeBy(Duration.ofMillis(50));

        assertThat(connected.get()).isNotNull();
    }

    @Test
    @Covers("Where CAP.CRMS says that there is one, CRWMT is the bound on CSTS.RDY, but never less than CAP.TO")
    void aControllerThatNeedsLongerThanCapToSaysSoInCrto() {
        controller.capabilities = new ControllerCapabilities(controller.capabilities.raw() | 1L << 59);
        controller.on("Get CRTO", e -> e.answer(Status.SUCCESS, 40 | 7 << 16, 0));
        controller.status = 0;
        AtomicReference<Throwable> failure = new AtomicReference<>();
        controller.client().connect().subscribe(connected -> {}, failure::set);

        controller.timer.advanceTimeBy(Duration.ofMillis(19_999));
        assertThat(failure.get()).isNull();
        controller.timer.advanceTimeBy(Duration.ofMillis(1));

        assertThat(failure.get())
                .isInstanceOf(NvmeTimeoutException.class)
                .hasMessageContaining("CRTO.CRWMT")
                .hasMessageContaining("20000 ms");
        assertThat(controller.log.indexOf("Get CRTO")).isLessThan(controller.log.indexOf("Set CC 460001h"));
        controller.assertNothingOpen();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1L << 60})
    @Covers("Where CAP.CRMS says that there is one, CRWMT is the bound on CSTS.RDY, but never less than CAP.TO")
    void crtoIsNotAskedForWhereTheControllerHasNone(long readyModes) {
        controller.capabilities = new ControllerCapabilities(controller.capabilities.raw() | readyModes);

        controller.connect(controller.client());

        assertThat(controller.log).doesNotContain("Get CRTO");
    }

    @Test
    @Covers("Where CAP.CRMS says that there is one, CRWMT is the bound on CSTS.RDY, but never less than CAP.TO")
    void aCrtoBelowCapToDoesNotShortenTheWait() {
        controller.capabilities = new ControllerCapabilities(controller.capabilities.raw() | 1L << 59);
        controller.on("Get CRTO", e -> e.answer(Status.SUCCESS, 1, 0));
        controller.status = 0;
        AtomicReference<Throwable> failure = new AtomicReference<>();
        controller.client().connect().subscribe(connected -> {}, failure::set);

        controller.timer.advanceTimeBy(Duration.ofMillis(4999));
        assertThat(failure.get()).isNull();
        controller.timer.advanceTimeBy(Duration.ofMillis(1));
        assertThat(failure.get()).hasMessageContaining("CAP.TO");
    }

    @Test
    void aKeepAliveTimeoutThatFitsIsNotChanged() {
        NvmeController connected = controller.connect(controller.client().keepAlive(Duration.ofSeconds(12)));

        assertThat(connected.keepAlive()).isEqualTo(Duration.ofSeconds(12));
        assertThat(controller.log).noneMatch(line -> line.startsWith("Set Features 0Fh"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Covers("Connect carries KATO as asked for; where KAS rounds it, Set Features (0Fh) tells the rounded one")
    void aKeepAliveTimeoutBelowTheGranularityIsRoundedOnBothSides(boolean taken) {
        controller.identify().set(Field.KAS, 100);
        if (!taken) {
            controller.on("Set Features 0Fh 2710h", e -> e.fail(StatusCode.INVALID_FIELD));
        }

        NvmeController connected = controller.connect(controller.client().keepAlive(Duration.ofSeconds(2)));

        assertThat(connected.keepAlive()).isEqualTo(Duration.ofSeconds(10));
        assertThat(controller.log).contains("q0 Connect 32 entries, KATO 2000", "Set Features 0Fh 2710h");
    }

    @Test
    void aControllerWithoutKeepAliveHasNone() {
        controller.identify().set(Field.KAS, 0);

        NvmeController connected = controller.connect(controller.client());

        assertThat(connected.keepAlive()).isEqualTo(Duration.ZERO);
        assertThat(controller.log).noneMatch(line -> line.startsWith("Set Features 0Fh"));
    }

    @Test
    @Covers("CFS ends the wait")
    void fatalStatusEndsTheWait() {
        controller.status = 2;

        assertThat(failure(NvmeConnectionException.class)).hasMessageContaining("CSTS.CFS");
    }

    @Test
    void aStepWithoutAnAnswerIsGivenTheConnectTimeout() {
        controller.on("Identify 01h 0", e -> {});
        AtomicReference<Throwable> failure = new AtomicReference<>();
        controller.client().connectTimeout(Duration.ofSeconds(3)).connect().subscribe(connected -> {}, failure::set);

        controller.timer.advanceTimeBy(Duration.ofSeconds(3));

        assertThat(failure.get())
                .isInstanceOf(NvmeTimeoutException.class)
                .hasMessageContaining("Identify Controller")
                .hasMessageContaining("3000 ms");
        controller.assertNothingOpen();
    }

    @Test
    void impossibleValuesAreProtocolFailures() {
        controller.identify().set(Field.CNTLID, 8);
        assertThat(failure(NvmeProtocolException.class))
                .hasMessageContaining("CNTLID is 8")
                .hasMessageContaining("7");
        controller.identify().set(Field.CNTLID, 7).set(Field.IOCCSZ, 3);
        assertThat(failure(NvmeProtocolException.class)).hasMessageContaining("IOCCSZ is 3");
        controller.capabilities =
                ControllerCapabilities.fabrics(127, Duration.ofSeconds(5), ControllerCapabilities.CSS_NVM);
        controller.capabilities = new ControllerCapabilities(controller.capabilities.raw() & ~0xFFFFL);
        assertThat(failure(NvmeProtocolException.class)).hasMessageContaining("MQES");
    }

    @Test
    @Covers("A controller without the NVM command set is not used")
    void aControllerWithoutNvmCommandSetIsRefused() {
        controller.capabilities =
                ControllerCapabilities.fabrics(127, Duration.ofSeconds(5), ControllerCapabilities.CSS_ADMIN_ONLY);

        assertThat(failure(NvmeConnectionException.class)).hasMessageContaining("CAP.CSS is 80h");
    }

    @Test
    void aDiscoveryControllerIsNoIoController() {
        controller.identify().set(Field.CNTRLTYPE, 2);

        assertThat(failure(NvmeConnectionException.class)).hasMessageContaining("CNTRLTYPE is 2");
    }

    @Test
    @Covers("CRD selects a delay from CRDT1..3; they are asked for with ACRE")
    void retryDelaysAreAskedForWhereTheControllerHasAny() {
        controller.identify().set(Field.CRDT1, 5);
        NvmeController connected = controller.connect(controller.client());
        assertThat(controller.log).contains("Set Features 16h 00h");

        controller.on("Keep Alive", e -> e.answer(Status.of(0x21 << 1 | 1 << 12), 0, 0));
        NvmeStatusException failure = catchThrowableOfType(
                NvmeStatusException.class,
                () -> connected
                        .adminQueue()
                        .execute(Command.opcode(0x18).build())
                        .block());
        assertThat(failure.retryDelay()).isEqualTo(Duration.ofMillis(500));
    }

    /** Every command of the bring-up, by the way the script knows it. */
    private static List<String> steps() {
        return List.of(
                "q0 Connect",
                "Get CAP",
                "Get VS",
                "Set CC 460001h",
                "Get CSTS",
                "Identify 01h 0",
                "Set Features 07h 10001h",
                "q1 Connect",
                "q2 Connect");
    }

    private void atEachStep(Consumer<ScriptedController.Exchange> action, Consumer<ScriptedController> check) {
        for (String step : steps()) {
            ScriptedController fresh = new ScriptedController();
            fresh.on(step, action);
            check.accept(fresh);
            fresh.assertNothingOpen();
        }
    }

    @Test
    void anErrorAtAnyStepClosesEverything() {
        atEachStep(e -> e.fail(StatusCode.INTERNAL_ERROR), fresh -> {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            fresh.client().connect().subscribe(connected -> {}, failure::set);
            assertThat(failure.get())
                    .as("after %s", fresh.log)
                    .isInstanceOf(NvmeStatusException.class)
                    .hasMessageContaining("0/06h");
        });
    }

    @Test
    void aConnectionThatEndsAtAnyStepClosesEverything() {
        atEachStep(ScriptedController.Exchange::close, fresh -> {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            fresh.client().connect().subscribe(connected -> {}, failure::set);
            assertThat(failure.get()).as("after %s", fresh.log).isInstanceOf(NvmeConnectionException.class);
        });
    }

    @Test
    void cancellingAtAnyStepClosesEverything() {
        atEachStep(e -> {}, fresh -> {
            Disposable connecting = fresh.client().connect().subscribe();
            assertThat(fresh.transport.connections()).isNotEmpty();
            connecting.dispose();
        });
    }

    @Test
    void contextReachesNothingButIsKeptDownstream() {
        AtomicReference<String> seen = new AtomicReference<>();
        controller
                .client()
                .connect()
                .flatMap(connected -> Mono.deferContextual(view -> Mono.just((String) view.get("key"))))
                .contextWrite(context -> context.put("key", "value"))
                .subscribe(seen::set);

        assertThat(seen.get()).isEqualTo("value");
    }
}
