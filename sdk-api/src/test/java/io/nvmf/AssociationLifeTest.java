package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Covers;
import io.nvmf.transport.Termination;
import io.nvmf.transport.loop.LoopConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** An association while it lives, and each way it ends. */
class AssociationLifeTest {

    private static final Command FLUSH = Command.opcode(0).nsid(1).build();

    private final ScriptedController controller = new ScriptedController();

    @AfterEach
    void cut() {
        controller.cut();
    }

    private NvmeController connect() {
        return controller.connect(controller.client());
    }

    private void advance(long millis) {
        controller.timer.advanceTimeBy(Duration.ofMillis(millis));
    }

    private static AtomicBoolean completion(Mono<Void> mono) {
        AtomicBoolean done = new AtomicBoolean();
        mono.subscribe(nothing -> {}, failure -> {}, () -> done.set(true));
        return done;
    }

    @Test
    @Covers("Sent every half KATO")
    void keepAliveGoesOutEveryHalfKato() {
        connect();

        advance(4999);
        assertThat(controller.count("Keep Alive")).isZero();
        advance(1);
        assertThat(controller.count("Keep Alive")).isEqualTo(1);
        advance(50_000);
        assertThat(controller.count("Keep Alive")).isEqualTo(11);
    }

    @Test
    @Covers("Traffic replaces it where CTRATT says so (TBKAS), and only there")
    void otherCommandsDoNotReplaceKeepAliveUnlessTheControllerSaysSo() {
        NvmeController connected = connect();

        for (int i = 0; i < 20; i++) {
            advance(1000);
            connected.ioQueues().get(0).execute(FLUSH).subscribe();
        }

        assertThat(controller.count("Keep Alive")).isEqualTo(4);
    }

    @Test
    @Covers("Traffic replaces it where CTRATT says so (TBKAS), and only there")
    void trafficReplacesKeepAliveWhereTheControllerCountsIt() {
        controller.identify().set(Field.CTRATT, IdentifyController.CTRATT_TBKAS);
        NvmeController connected = connect();

        for (int i = 0; i < 20; i++) {
            advance(1000);
            connected.ioQueues().get(0).execute(FLUSH).subscribe();
        }
        assertThat(controller.count("Keep Alive")).isZero();
        // the last command came with this tick; no gap may reach KATO
        advance(7500);
        assertThat(controller.count("Keep Alive")).isEqualTo(1);
        advance(5000);
        assertThat(controller.count("Keep Alive")).isEqualTo(2);
    }

    @Test
    @Covers("KATO is a multiple of KAS")
    void keepAliveTimeoutIsRoundedUpToItsGranularity() {
        controller.identify().set(Field.KAS, 150);
        connect();

        advance(7499);
        assertThat(controller.count("Keep Alive")).isZero();
        advance(1);
        assertThat(controller.count("Keep Alive")).isEqualTo(1);
    }

    @Test
    void noKeepAliveWithoutTimeoutOrSupport() {
        controller.connect(controller.client().keepAlive(Duration.ZERO));
        controller.identify().set(Field.KAS, 0);
        connect();

        advance(3_600_000);

        assertThat(controller.count("Keep Alive")).isZero();
    }

    @Test
    void keepAliveIsNotHeldUpByAFullAdminQueue() {
        controller.on("Log 02h 0+512", e -> {});
        NvmeController connected = controller.connect(controller.client().adminTimeout(Duration.ZERO));
        for (int i = 0; i < 100; i++) {
            connected.smartHealth().subscribe(done -> {}, failure -> {});
        }

        advance(5000);

        assertThat(controller.count("Keep Alive")).isEqualTo(1);
    }

    @Test
    void adminCommandsHaveATimeoutOfTheirOwn() {
        controller.on("Log 02h 0+512", e -> {});
        controller.on("q1 I/O 0", e -> {});
        NvmeController connected = controller.connect(
                controller.client().commandTimeout(Duration.ofSeconds(8)).adminTimeout(Duration.ofSeconds(16)));
        AtomicReference<Throwable> ofAdmin = new AtomicReference<>();
        AtomicReference<Throwable> ofIo = new AtomicReference<>();
        connected.smartHealth().subscribe(done -> {}, ofAdmin::set);
        connected.ioQueues().get(0).execute(FLUSH).subscribe(done -> {}, ofIo::set);

        advance(9000);
        assertThat(ofIo.get())
                .isInstanceOfSatisfying(
                        NvmeTimeoutException.class,
                        timeout -> assertThat(timeout.duration()).hasSeconds(8));
        advance(7000);
        assertThat(ofAdmin.get()).isNull();
        advance(2000);
        assertThat(ofAdmin.get())
                .isInstanceOfSatisfying(
                        NvmeTimeoutException.class,
                        timeout -> assertThat(timeout.duration()).hasSeconds(16));
    }

    @Test
    @Covers("Without an answer the association ends")
    void missingAnswerToKeepAliveEndsTheAssociation() {
        NvmeController connected = connect();
        controller.on("Keep Alive", e -> {});
        controller.on("q1 I/O 0", e -> {});
        AtomicReference<Throwable> failure = new AtomicReference<>();
        connected.ioQueues().get(0).execute(FLUSH).subscribe(done -> {}, failure::set);

        advance(14_999);
        assertThat(connected.isConnected()).isTrue();
        advance(1);

        assertThat(connected.isConnected()).isFalse();
        assertThat(connected.termination())
                .hasValueSatisfying(end -> assertThat(end)
                        .isInstanceOfSatisfying(
                                Termination.IoFailure.class,
                                io -> assertThat(io.cause())
                                        .isInstanceOf(NvmeTimeoutException.class)
                                        .hasMessageContaining("Keep Alive")
                                        .hasMessageContaining("10000 ms")));
        assertThat(failure.get())
                .isInstanceOf(NvmeConnectionException.class)
                .hasMessageStartingWith("Flush to namespace 1: ")
                .hasMessageContaining("Keep Alive")
                .hasRootCauseInstanceOf(NvmeTimeoutException.class);
        controller.assertNothingOpen();
    }

    @Test
    @Covers("CC.SHN, CSTS.SHST until RTD3E has passed, then I/O queues before the admin queue")
    void shutdownIsInOrder() {
        NvmeController connected = connect();
        controller.log.clear();

        AtomicBoolean closed = completion(connected.close());

        assertThat(closed).isTrue();
        assertThat(controller.log).containsExactly("Set CC 464001h", "Get CSTS", "q1 closed", "q2 closed", "q0 closed");
        assertThat(connected.termination()).contains(new Termination.Closed(Termination.Side.LOCAL));
        assertThat(completion(connected.onClose())).isTrue();
        controller.assertNothingOpen();
        advance(60_000);
        assertThat(controller.count("Keep Alive")).isZero();
    }

    @Test
    void closingTwiceClosesOnce() {
        NvmeController connected = connect();
        controller.log.clear();

        Mono<Void> close = connected.close();
        assertThat(controller.log).isEmpty();
        assertThat(completion(close)).isTrue();
        assertThat(completion(close)).isTrue();
        assertThat(completion(connected.close())).isTrue();

        assertThat(controller.count("Set CC 464001h")).isEqualTo(1);
    }

    @Test
    @Covers("CC.SHN, CSTS.SHST until RTD3E has passed, then I/O queues before the admin queue")
    void shutdownWaitsForTheControllerAsLongAsItStates() {
        controller.identify().set(Field.RTD3E, 2_000_000);
        controller.statusAfterShutdown = 1 | 1 << 2;
        NvmeController connected = connect();

        AtomicBoolean closed = completion(connected.close());
        advance(1999);
        assertThat(closed).isFalse();
        advance(1);

        assertThat(closed).isTrue();
        controller.assertNothingOpen();
    }

    @Test
    void shutdownOfAControllerThatStatesNothingTakesFiveSeconds() {
        controller.on("Set CC 464001h", e -> {});
        NvmeController connected = connect();

        AtomicBoolean closed = completion(connected.close());
        advance(4999);
        assertThat(closed).isFalse();
        advance(1);

        assertThat(closed).isTrue();
    }

    @Test
    void shutdownLetsOutstandingCommandsFinish() {
        List<ScriptedController.Exchange> held = new ArrayList<>();
        controller.on("q1 I/O 0", held::add);
        NvmeController connected = connect();
        AtomicBoolean flushed = new AtomicBoolean();
        AtomicReference<Throwable> late = new AtomicReference<>();
        connected.ioQueues().get(0).execute(FLUSH).subscribe(done -> flushed.set(true));
        controller.log.clear();

        AtomicBoolean closed = completion(connected.close());
        connected.ioQueues().get(0).execute(FLUSH).subscribe(done -> {}, late::set);

        assertThat(connected.isConnected()).isFalse();
        assertThat(late.get())
                .isInstanceOfSatisfying(
                        NvmeConnectionException.class,
                        refused -> assertThat(refused.outcome()).isEqualTo(CommandOutcome.NOT_SENT))
                .hasMessageContaining("closing");
        assertThat(controller.log).isEmpty();
        held.get(0).succeed();
        assertThat(flushed).isTrue();
        assertThat(closed).isTrue();
        assertThat(controller.log).startsWith("Set CC 464001h");
    }

    @Test
    void shutdownWaitsForOutstandingCommandsFiveSecondsAtMost() {
        controller.on("q1 I/O 0", e -> {});
        NvmeController connected = connect();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        connected.ioQueues().get(0).execute(FLUSH).subscribe(done -> {}, failure::set);

        AtomicBoolean closed = completion(connected.close());
        advance(4999);
        assertThat(closed).isFalse();
        assertThat(failure.get()).isNull();
        advance(1);

        assertThat(closed).isTrue();
        assertThat(failure.get())
                .isInstanceOfSatisfying(
                        NvmeConnectionException.class,
                        broken -> assertThat(broken.outcome()).isEqualTo(CommandOutcome.UNKNOWN));
    }

    @Test
    void cancellingCloseDoesNotStopIt() {
        controller.statusAfterShutdown = 1;
        NvmeController connected = connect();

        Disposable closing = connected.close().subscribe();
        closing.dispose();
        advance(10_000);

        assertThat(completion(connected.onClose())).isTrue();
        controller.assertNothingOpen();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    @Covers("The loss of one connection is the end of all")
    void lossOfAnyQueuePairEndsAll(int lost) {
        controller.on("q1 I/O 0", e -> {});
        controller.on("q2 I/O 0", e -> {});
        controller.on("Log 02h 0+512", e -> {});
        NvmeController connected = connect();
        List<Throwable> failures = new ArrayList<>();
        connected.ioQueues().get(0).execute(FLUSH).subscribe(done -> {}, failures::add);
        connected.ioQueues().get(1).execute(FLUSH).subscribe(done -> {}, failures::add);
        connected.smartHealth().subscribe(done -> {}, failures::add);
        LoopConnection connection = controller.transport.connections().get(lost);

        connection.cut(new Termination.PeerReset("pulled"), new Termination.PeerReset("pulled"));

        assertThat(failures)
                .hasSize(3)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOfSatisfying(
                                NvmeConnectionException.class,
                                broken -> assertThat(broken.outcome()).isEqualTo(CommandOutcome.UNKNOWN))
                        .hasMessageContaining("pulled"));
        assertThat(completion(connected.onClose())).isTrue();
        assertThat(connected.termination()).contains(new Termination.PeerReset("pulled"));
        assertThat(completion(connected.close())).isTrue();
        controller.assertNothingOpen();
        advance(60_000);
        assertThat(controller.count("Keep Alive")).isZero();
    }

    @Test
    void isNotConnectedAnyMoreWhenTheFirstCommandHearsOfTheLoss() {
        controller.on("q1 I/O 0", e -> {});
        NvmeController connected = connect();
        List<Boolean> seen = new ArrayList<>();
        connected.ioQueues().get(0).execute(FLUSH).subscribe(done -> {}, failure -> seen.add(connected.isConnected()));

        controller.transport.connections().get(1).cut();

        assertThat(seen).containsExactly(false);
    }

    @Test
    void shutdownIsNotHeldUpByAFullAdminQueue() {
        controller.on("Log 02h 0+512", e -> {});
        NvmeController connected = controller.connect(controller.client().adminTimeout(Duration.ZERO));
        for (int i = 0; i < 100; i++) {
            connected.smartHealth().subscribe(done -> {}, failure -> {});
        }

        assertThat(completion(connected.close())).isTrue();
    }

    @Test
    void commandsThatWaitWhenTheConnectionBreaksWereNotSent() {
        controller.on("q1 I/O 0", e -> {});
        NvmeController connected =
                controller.connect(controller.client().ioQueues(1).queueSize(2));
        List<CommandOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            connected
                    .ioQueues()
                    .get(0)
                    .execute(FLUSH)
                    .subscribe(done -> {}, failure -> outcomes.add(((NvmeConnectionException) failure).outcome()));
        }

        controller.transport.connections().get(0).cut();

        assertThat(outcomes).containsExactly(CommandOutcome.UNKNOWN, CommandOutcome.NOT_SENT, CommandOutcome.NOT_SENT);
    }

    @Test
    void aClosedControllerRefusesEverythingAndReleasesWhatItWasGiven() {
        NvmeController connected = connect();
        connected.close().subscribe();
        ByteBuf data = Unpooled.buffer(512).writeZero(512);
        List<Throwable> failures = new ArrayList<>();

        connected.adminQueue().execute(Command.opcode(0x81).send(data)).subscribe(done -> {}, failures::add);
        connected.adminQueue().execute(Flux.just(FLUSH)).subscribe(done -> {}, failures::add);
        connected.ioQueues().get(0).execute(FLUSH).subscribe(done -> {}, failures::add);
        connected.ioQueues().get(0).execute(Flux.just(FLUSH)).subscribe(done -> {}, failures::add);
        connected.smartHealth().subscribe(done -> {}, failures::add);
        connected.namespaces().subscribe(done -> {}, failures::add);
        connected.namespace(1).subscribe(done -> {}, failures::add);

        assertThat(failures)
                .hasSize(7)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOfSatisfying(
                                NvmeConnectionException.class,
                                closed -> assertThat(closed.outcome()).isEqualTo(CommandOutcome.NOT_SENT))
                        .hasMessageContaining("closed"));
        assertThat(data.refCnt()).isZero();
    }

    @Test
    @Covers("Within ACL; bit 0 of the response says not aborted")
    void abortsBeyondTheControllersLimitWaitForTheirTurn() {
        controller.identify().set(Field.ACL, 1);
        controller.on("q1 I/O 0", e -> {});
        controller.on("Abort", e -> {});
        NvmeController connected = connect();
        List<Disposable> commands = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            commands.add(connected.ioQueues().get(0).execute(FLUSH).subscribe(done -> {}, failure -> {}));
        }

        commands.forEach(Disposable::dispose);

        assertThat(controller.count("Abort")).isEqualTo(2);
        assertThat(connected.isConnected()).isTrue();
    }

    @Test
    void anErrorStatusFailsTheCommandAndNothingElse() {
        controller.on("q1 I/O 0", e -> e.fail(StatusCode.LBA_OUT_OF_RANGE));
        NvmeController connected = connect();
        AtomicReference<Throwable> failure = new AtomicReference<>();

        connected.ioQueues().get(0).execute(FLUSH).subscribe(done -> {}, failure::set);

        assertThat(failure.get())
                .isInstanceOf(NvmeStatusException.class)
                .hasMessage("Flush to namespace 1: the controller answered 0/80h DNR"
                        + " The command reaches beyond the size of the namespace.");
        assertThat(connected.isConnected()).isTrue();
    }

    @Test
    void opcodesOfTheAdminQueueHaveTheirOwnNames() {
        controller.on("Log 02h 0+512", e -> e.fail(StatusCode.INVALID_LOG_PAGE));
        AtomicReference<Throwable> failure = new AtomicReference<>();

        connect().smartHealth().subscribe(done -> {}, failure::set);

        assertThat(failure.get()).hasMessageStartingWith("Get Log Page to namespace FFFFFFFFh of 512 bytes: ");
        assertThat(((NvmeStatusException) failure.get()).opcode()).isEqualTo(AdminOpcode.GET_LOG_PAGE);
    }

    @Test
    void answersToOldCommandsAreNoTrafficThatTheControllerCounts() {
        controller.identify().set(Field.CTRATT, IdentifyController.CTRATT_TBKAS);
        ArrayDeque<ScriptedController.Exchange> held = new ArrayDeque<>();
        controller.on("q1 I/O 0", held::add);
        NvmeController connected = connect();
        long looksOfConnect = controller.count("Get CSTS");
        for (int i = 0; i < 20; i++) {
            connected.ioQueues().get(0).execute(FLUSH).subscribe();
        }

        for (int i = 0; i < 20; i++) {
            advance(1000);
            held.remove().succeed();
        }

        // a look at the status of the controller is traffic that counts
        long looks = controller.count("Get CSTS") - looksOfConnect;
        assertThat(controller.count("Keep Alive") + looks).isGreaterThanOrEqualTo(3);
    }
}
