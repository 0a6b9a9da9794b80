package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.ScriptedController.Exchange;
import io.nvmf.command.ByteRange;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.command.TransferReport;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.recovery.ControllerState;
import io.nvmf.recovery.ControllerState.Closed;
import io.nvmf.recovery.ControllerState.Connecting;
import io.nvmf.recovery.ControllerState.Live;
import io.nvmf.recovery.ControllerState.Lost;
import io.nvmf.recovery.ControllerState.Reconnecting;
import io.nvmf.recovery.ControllerState.Resetting;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Covers;
import io.nvmf.testing.TwoClocks;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** What becomes of a controller and its commands when associations are lost, in virtual time. */
class ControllerRecoveryTest {

    private static final int BLOCK = 512;
    private static final String WRITE = "q1 I/O " + NvmOpcode.WRITE;
    private static final String READ = "q1 I/O " + NvmOpcode.READ;
    private static final String FLUSH = "q1 I/O " + NvmOpcode.FLUSH;
    private static final Duration KATO = Duration.ofSeconds(10);

    private final ScriptedController controller = new ScriptedController();
    private final List<ControllerState> states = new ArrayList<>();
    private NvmeController connected;
    private NvmeNamespace namespace;

    /** What became of one command. */
    private static final class Outcome {
        boolean done;

        @Nullable
        Throwable failure;

        @Nullable
        Disposable running;

        NvmeException failure() {
            assertThat(failure).isInstanceOf(NvmeException.class);
            return (NvmeException) failure;
        }
    }

    @AfterEach
    void cut() {
        if (connected != null) {
            connected.close().subscribe();
        }
        controller.cut();
    }

    private void connect(Recovery recovery) {
        connect(controller.client().ioQueues(1).recovery(recovery));
    }

    private void connect(NvmeClient client) {
        connected = controller.connect(client);
        connected.states().subscribe(states::add);
        namespace = connected.namespace(1).block();
    }

    private static Outcome run(Publisher<?> work) {
        Outcome outcome = new Outcome();
        outcome.running = Flux.from(work)
                .subscribe(nothing -> {}, failure -> outcome.failure = failure, () -> outcome.done = true);
        return outcome;
    }

    private Outcome write(long lba, ByteBuf data) {
        return run(namespace.write(lba, data));
    }

    private static ByteBuf block() {
        return Unpooled.buffer(BLOCK).writeZero(BLOCK);
    }

    /** The controller closes all connections. */
    private void lose() {
        controller.cut();
    }

    private void refuseConnections() {
        controller.on("q0 Connect", Exchange::close);
    }

    private void takeConnections() {
        controller.overrides.remove("q0 Connect");
    }

    private void ignore(String line) {
        controller.on(line, exchange -> {});
    }

    private void answer(String line) {
        controller.overrides.remove(line);
    }

    private void advance(Duration time) {
        controller.timer.advanceTimeBy(time);
    }

    private ControllerState last() {
        return states.get(states.size() - 1);
    }

    @Test
    void aLostAssociationIsMadeAnewAtOnce() {
        connect(Recovery.defaults());
        lose();
        assertThat(states).hasSize(4);
        assertThat(states.get(0)).isEqualTo(new Live(1));
        assertThat(states.get(1)).isInstanceOfSatisfying(Reconnecting.class, reconnecting -> {
            assertThat(reconnecting.attempt()).isEqualTo(1);
            assertThat(reconnecting.reason()).containsInstanceOf(NvmeConnectionException.class);
        });
        assertThat(states.get(2)).isEqualTo(new Connecting(1));
        assertThat(states.get(3)).isEqualTo(new Live(2));
        assertThat(connected.isConnected()).isTrue();
        assertThat(run(namespace.flush()).done).isTrue();
    }

    @Test
    void anAssociationThatIsLostAtOnceIsNotMadeAgainAtOnce() {
        connect(Recovery.defaults());
        lose();
        assertThat(last()).isEqualTo(new Live(2));
        lose();
        assertThat(last())
                .isInstanceOfSatisfying(
                        Reconnecting.class, next -> assertThat(next.attempt()).isEqualTo(2));
        advance(Recovery.DEFAULT_FIRST_DELAY);
        assertThat(last()).isEqualTo(new Live(3));
        advance(Recovery.DEFAULT_MAX_DELAY.plusMillis(1));
        lose();
        assertThat(last()).isEqualTo(new Live(4));
    }

    @Test
    void theNextAttemptIsToldByTheClockOnTheWall() {
        connect(Recovery.defaults());
        refuseConnections();
        lose();
        Instant now = Instant.ofEpochMilli(controller.timer.now(TimeUnit.MILLISECONDS))
                .plus(TwoClocks.APART);
        assertThat(last())
                .isInstanceOfSatisfying(
                        Reconnecting.class,
                        waiting -> assertThat(waiting.next()).isBetween(now, now.plus(Recovery.DEFAULT_FIRST_DELAY)));
    }

    @Test
    void attemptsComeLessAndLessOften() {
        connect(Recovery.defaults().lossTimeout(Duration.ofHours(1)));
        refuseConnections();
        lose();
        advance(Duration.ofMinutes(10));
        List<Duration> pauses = new ArrayList<>();
        List<Reconnecting> waiting = states.stream()
                .filter(Reconnecting.class::isInstance)
                .map(Reconnecting.class::cast)
                .toList();
        for (int i = 1; i < waiting.size(); i++) {
            pauses.add(
                    Duration.between(waiting.get(i - 1).next(), waiting.get(i).next()));
        }
        Duration expected = Recovery.DEFAULT_FIRST_DELAY;
        for (Duration pause : pauses) {
            // The moments are told in whole milliseconds.
            assertThat(pause).isBetween(expected.multipliedBy(3).dividedBy(4).minusMillis(1), expected.plusMillis(1));
            Duration twice = expected.multipliedBy(2);
            expected = twice.compareTo(Recovery.DEFAULT_MAX_DELAY) > 0 ? Recovery.DEFAULT_MAX_DELAY : twice;
        }
        assertThat(pauses).hasSizeGreaterThan(40);
    }

    @Test
    void commandsWaitForTheNextAssociation() {
        connect(Recovery.defaults());
        refuseConnections();
        lose();
        ByteBuf data = block();
        Outcome written = write(5, data);
        Outcome flushed = run(namespace.flush());
        Outcome listed = run(connected.namespaces().collectList());
        assertThat(written.done || flushed.done || listed.done).isFalse();
        assertThat(data.refCnt()).isEqualTo(1);
        takeConnections();
        advance(Recovery.DEFAULT_MAX_DELAY);
        assertThat(written.done && flushed.done && listed.done).isTrue();
        assertThat(data.refCnt()).isZero();
    }

    /** The loss comes between the list and the identification of the second. */
    @Test
    void aScanOfNamespacesGoesOnBehindTheLastOne() {
        controller.namespaces.put(2, found -> {});
        connect(Recovery.defaults());
        String second = "Identify 03h 2";
        ignore(second);
        List<Integer> found = new ArrayList<>();
        Outcome scanned = run(connected.namespaces().doOnNext(one -> found.add(one.id())));
        assertThat(found).containsExactly(1);
        answer(second);
        lose();
        assertThat(scanned.done).as("%s", scanned.failure).isTrue();
        assertThat(found).containsExactly(1, 2);
    }

    @Test
    void theLossTimeoutEndsTheControllerForGood() {
        connect(controller
                .client()
                .ioQueues(1)
                .commandTimeout(Duration.ZERO)
                .recovery(Recovery.defaults().lossTimeout(Duration.ofMinutes(1))));
        refuseConnections();
        lose();
        ByteBuf data = block();
        Outcome waiting = write(5, data);
        Outcome ended = run(connected.onClose());
        advance(Duration.ofSeconds(59));
        assertThat(waiting.failure).isNull();
        advance(Duration.ofSeconds(1));
        assertThat(waiting.failure().outcome()).isEqualTo(CommandOutcome.NOT_SENT);
        assertThat(data.refCnt()).isZero();
        assertThat(last()).isInstanceOf(Lost.class);
        assertThat(ended.done).isTrue();
        assertThat(connected.termination()).isPresent();
        takeConnections();
        advance(Duration.ofMinutes(1));
        assertThat(run(namespace.flush()).failure().outcome()).isEqualTo(CommandOutcome.NOT_SENT);
        assertThat(run(connected.smartHealth()).failure().outcome()).isEqualTo(CommandOutcome.NOT_SENT);
    }

    @Test
    void commandsFailFastWhileAttemptsGoOn() {
        connect(Recovery.defaults().failFast(Duration.ofSeconds(5)));
        refuseConnections();
        lose();
        Outcome waiting = run(namespace.flush());
        advance(Duration.ofMillis(4_999));
        assertThat(waiting.failure).isNull();
        advance(Duration.ofMillis(1));
        assertThat(waiting.failure().outcome()).isEqualTo(CommandOutcome.NOT_SENT);
        assertThat(run(namespace.flush()).failure().outcome()).isEqualTo(CommandOutcome.NOT_SENT);
        takeConnections();
        advance(Recovery.DEFAULT_MAX_DELAY);
        assertThat(connected.isConnected()).isTrue();
        assertThat(run(namespace.flush()).done).isTrue();
    }

    @Test
    void aCommandThatWaitsHasItsTimeoutAndNoMore() {
        connect(controller
                .client()
                .ioQueues(1)
                .commandTimeout(Duration.ofSeconds(8))
                .recovery(Recovery.defaults()));
        refuseConnections();
        lose();
        ByteBuf data = block();
        Outcome waiting = write(5, data);
        advance(Duration.ofMillis(7_900));
        assertThat(waiting.failure).isNull();
        advance(Duration.ofMillis(100));
        assertThat(waiting.failure()).isInstanceOf(NvmeTimeoutException.class);
        assertThat(waiting.failure().outcome()).isEqualTo(CommandOutcome.NOT_SENT);
        assertThat(data.refCnt()).isZero();
    }

    @Test
    void aCommandThatWaitsCanBeCancelled() {
        connect(Recovery.defaults());
        refuseConnections();
        lose();
        ByteBuf data = block();
        Outcome waiting = write(5, data);
        waiting.running.dispose();
        assertThat(data.refCnt()).isZero();
        takeConnections();
        advance(Recovery.DEFAULT_MAX_DELAY);
        assertThat(controller.count(WRITE)).isZero();
    }

    @Test
    void noMoreCommandsWaitThanMayWaitForSlots() {
        connect(controller.client().ioQueues(1).pendingCommands(2).recovery(Recovery.defaults()));
        refuseConnections();
        lose();
        List<Outcome> waiting = new ArrayList<>();
        for (int i = 0; i < 4; i++) { // for two queues
            waiting.add(run(namespace.flush()));
        }
        assertThat(run(namespace.flush()).failure()).isInstanceOf(NvmeLimitException.class);
        takeConnections();
        advance(Recovery.DEFAULT_MAX_DELAY);
        assertThat(waiting).allMatch(outcome -> outcome.done);
    }

    @Test
    void aReadOfUnknownOutcomeIsSentAgainAtOnce() {
        connect(Recovery.defaults());
        ignore(FLUSH);
        Outcome flushed = run(namespace.flush());
        answer(FLUSH);
        lose();
        assertThat(flushed.done).isTrue();
        assertThat(controller.count(FLUSH)).isEqualTo(2);
    }

    @Test
    @Covers("A write of unknown outcome is sent again only when the lost association can no longer carry it out")
    void aWriteOfUnknownOutcomeWaitsUntilTheLostAssociationCanNotCarryItOut() {
        connect(Recovery.defaults());
        ignore(WRITE);
        ByteBuf data = block();
        Outcome unknown = write(5, data);
        answer(WRITE);
        lose();
        Outcome newer = write(5, block());
        Outcome elsewhere = write(6, block());
        assertThat(elsewhere.done).isTrue();
        advance(KATO.minusMillis(1));
        assertThat(controller.count(WRITE)).isEqualTo(2);
        assertThat(data.refCnt()).isEqualTo(1);
        advance(Duration.ofMillis(1));
        assertThat(controller.count(WRITE)).isEqualTo(4);
        assertThat(unknown.done && newer.done).isTrue();
        assertThat(data.refCnt()).isZero();
        assertThat(write(5, block()).done).isTrue();
    }

    @Test
    @Covers("Until then nothing newer is written to the same blocks")
    void writesToTheSameBlocksKeepTheirOrder() {
        connect(Recovery.defaults());
        List<Exchange> writes = new ArrayList<>();
        controller.on(WRITE, writes::add);
        Outcome first = write(5, block());
        lose();
        Outcome second = write(5, block());
        Outcome third = write(5, block());
        advance(KATO);
        assertThat(writes).as("the first attempt, and the second one").hasSize(2);
        writes.get(1).succeed();
        assertThat(first.done).isTrue();
        assertThat(writes).hasSize(3);
        assertThat(third.done).isFalse();
        writes.get(2).succeed();
        assertThat(second.done).isTrue();
        writes.get(3).succeed();
        assertThat(third.done).isTrue();
    }

    @Test
    @Covers("Until then nothing newer is written to the same blocks")
    void evenACancelledWriteProtectsItsBlocks() {
        connect(Recovery.defaults());
        ignore(WRITE);
        ignore("Abort");
        write(5, block()).running.dispose();
        answer(WRITE);
        lose();
        Outcome newer = write(5, block());
        advance(KATO.minusMillis(1));
        assertThat(newer.done).isFalse();
        advance(Duration.ofMillis(1));
        assertThat(newer.done).isTrue();
        assertThat(controller.count(WRITE)).isEqualTo(2);
    }

    @Test
    @Covers("A write of unknown outcome is sent again only when the lost association can no longer carry it out")
    void quiesceTimeBeginsWhenTheControllerHasNoticedTheLossForSure() {
        controller.identify().set(Field.CQT, 300);
        connect(Recovery.defaults());
        ignore(WRITE);
        Outcome unknown = write(5, block());
        answer(WRITE);
        lose();
        advance(KATO.plusMillis(299));
        assertThat(unknown.done).isFalse();
        advance(Duration.ofMillis(1));
        assertThat(unknown.done).isTrue();
    }

    @Test
    @Covers("A write of unknown outcome is sent again only when the lost association can no longer carry it out")
    void trafficBasedKeepAliveTakesTwiceAsLong() {
        controller.identify().set(Field.CTRATT, IdentifyController.CTRATT_TBKAS);
        connect(Recovery.defaults());
        ignore(WRITE);
        Outcome unknown = write(5, block());
        answer(WRITE);
        lose();
        advance(KATO.multipliedBy(2).minusMillis(1));
        assertThat(unknown.done).isFalse();
        advance(Duration.ofMillis(1));
        assertThat(unknown.done).isTrue();
    }

    @Test
    @Covers("A write of unknown outcome is sent again only when the lost association can no longer carry it out")
    void withoutKeepAliveNobodyKnowsWhenAWriteIsOver() {
        connect(controller.client().ioQueues(1).keepAlive(Duration.ZERO).recovery(Recovery.defaults()));
        ignore(WRITE);
        Outcome unknown = write(5, block());
        lose();
        assertThat(unknown.failure().outcome()).isEqualTo(CommandOutcome.UNKNOWN);
    }

    @Test
    void writesOfUnknownOutcomeAreTheUsersWhereThatIsWanted() {
        connect(Recovery.defaults().repeatWrites(false));
        ignore(WRITE);
        ByteBuf data = block();
        Outcome unknown = write(5, data);
        lose();
        assertThat(unknown.failure().outcome()).isEqualTo(CommandOutcome.UNKNOWN);
        assertThat(data.refCnt()).isZero();
        assertThat(connected.isConnected()).isTrue();
    }

    @Test
    void aWriteThatIsGivenUpLaterIsStillOfUnknownOutcome() {
        connect(Recovery.defaults().failFast(Duration.ofSeconds(2)));
        ignore(WRITE);
        Outcome unknown = write(5, block());
        refuseConnections();
        lose();
        advance(Duration.ofSeconds(2));
        assertThat(unknown.failure().outcome()).isEqualTo(CommandOutcome.UNKNOWN);
    }

    @Test
    void commandsOfQueuesAreSentAgainOnlyIfTheyHaveNotLeft() {
        connect(Recovery.defaults());
        Command flush = Command.nvm(NvmOpcode.FLUSH, 1).build();
        ignore(FLUSH);
        Outcome sent = run(connected.ioQueues().get(0).execute(flush));
        answer(FLUSH);
        refuseConnections();
        lose();
        assertThat(sent.failure().outcome()).isEqualTo(CommandOutcome.UNKNOWN);
        Outcome waiting = run(connected.ioQueues().get(0).execute(flush));
        assertThat(waiting.failure).isNull();
        takeConnections();
        advance(Recovery.DEFAULT_MAX_DELAY);
        assertThat(waiting.done).isTrue();
    }

    @Test
    @Covers("With DNR 0 a command that can succeed later is sent again, after the delay of CRD")
    void anErrorThatGoesAwayIsTriedAgainAfterTheDelayThatTheControllerAsksFor() {
        controller.identify().set(Field.CRDT1, 30); // units of 100 ms
        connect(Recovery.defaults());
        Status later = Status.of(Status.of(StatusCode.NAMESPACE_NOT_READY).raw() | 1 << 12); // CRD 1
        controller.on(WRITE, exchange -> exchange.answer(later, 0, 0));
        ByteBuf data = block();
        Outcome written = write(5, data);
        answer(WRITE);
        advance(Duration.ofMillis(2_999));
        assertThat(controller.count(WRITE)).isEqualTo(1);
        assertThat(data.refCnt()).isEqualTo(1);
        advance(Duration.ofMillis(1));
        assertThat(written.done).isTrue();
        assertThat(data.refCnt()).isZero();
    }

    @Test
    @Covers("With DNR 0 a command that can succeed later is sent again, after the delay of CRD")
    void anErrorThatDoesNotGoAwayIsToldInTheEnd() {
        connect(Recovery.defaults().statusRetries(3));
        Status later = Status.of(StatusCode.NAMESPACE_NOT_READY, false);
        controller.on(FLUSH, exchange -> exchange.answer(later, 0, 0));
        Outcome flushed = run(namespace.flush());
        advance(Duration.ofSeconds(10));
        assertThat(flushed.failure()).isInstanceOf(NvmeStatusException.class);
        assertThat(controller.count(FLUSH)).isEqualTo(4);
    }

    @Test
    @Covers("With DNR 0 a command that can succeed later is sent again, after the delay of CRD")
    void anErrorForGoodIsToldAtOnce() {
        connect(Recovery.defaults());
        controller.on(FLUSH, exchange -> exchange.fail(StatusCode.NAMESPACE_NOT_READY));
        assertThat(run(namespace.flush()).failure()).isInstanceOf(NvmeStatusException.class);
        assertThat(controller.count(FLUSH)).isEqualTo(1);
    }

    @Test
    void withoutRecoveryTheEndOfTheAssociationIsTheEnd() {
        connect(Recovery.none());
        ignore(FLUSH);
        Outcome flushed = run(namespace.flush());
        Outcome ended = run(connected.onClose());
        lose();
        assertThat(flushed.failure().outcome()).isEqualTo(CommandOutcome.UNKNOWN);
        assertThat(ended.done).isTrue();
        assertThat(last()).isInstanceOf(Lost.class);
        assertThat(connected.isConnected()).isFalse();
        assertThat(run(connected.reset()).failure).isNotNull();
    }

    @Test
    @Covers("CFS ends the association")
    void aControllerThatFailsFatallyIsNoticed() {
        connect(Recovery.defaults());
        controller.status = 1 | 2;
        advance(KATO);
        assertThat(states).contains(new Connecting(1));
        controller.status = 1;
        advance(Recovery.DEFAULT_MAX_DELAY);
        assertThat(last()).isEqualTo(new Live(2));
    }

    @Test
    @Covers("CC.EN is cleared, and CSTS.RDY waited for, before there is a new association")
    void aResetDisablesTheControllerSoThatWritesNeedNotWait() {
        connect(Recovery.defaults());
        ignore(WRITE);
        Outcome written = write(5, block());
        answer(WRITE);
        controller.on("Set CC " + ScriptedController.hex(0x0046_0000), exchange -> {
            controller.status = 0;
            exchange.succeed();
        });
        AtomicReference<Integer> enabled = new AtomicReference<>();
        controller.on("q0 Connect", exchange -> {
            enabled.set(controller.status);
            controller.status = 1;
            controller.overrides.remove("q0 Connect");
            exchange.queue.pair.submit(
                    io.nvmf.transport.ResponseCapsule.of(exchange.commandId, 0, controller.connectDw0, 0, 0));
        });
        Outcome reset = run(connected.reset());
        assertThat(controller.log).anyMatch(line -> line.startsWith("Set CC"));
        assertThat(reset.done).as("%s", controller.log).isTrue();
        assertThat(enabled.get()).as("CSTS at the next connect").isZero();
        assertThat(states).contains(new Resetting());
        assertThat(last()).isEqualTo(new Live(2));
        assertThat(written.done).as("at once").isTrue();
    }

    @Test
    @Covers("NSSR is written only where CAP.NSSRS allows it")
    void aSubsystemThatCannotBeResetIsLeftAlone() {
        connect(Recovery.defaults());
        Outcome reset = run(connected.resetSubsystem());
        assertThat(reset.failure).isInstanceOf(UnsupportedOperationException.class);
        assertThat(last()).isEqualTo(new Live(1));
        assertThat(run(namespace.flush()).done).isTrue();
    }

    @Test
    @Covers("NSSR is written only where CAP.NSSRS allows it")
    void aResetOfTheSubsystemIsAskedForByItsName() {
        controller.capabilities = ControllerCapabilities.decode(controller.capabilities.raw() | 1L << 36);
        connect(Recovery.defaults());
        controller.on("Set NSSR " + ScriptedController.hex(0x4E56_4D65), exchange -> {
            exchange.succeed();
            controller.cut();
        });
        Outcome reset = run(connected.resetSubsystem());
        assertThat(reset.done).as("%s", controller.log).isTrue();
        assertThat(last()).isEqualTo(new Live(2));
    }

    @Test
    void aFirstConnectCanBePatient() {
        refuseConnections();
        AtomicReference<NvmeController> made = new AtomicReference<>();
        controller
                .client()
                .recovery(Recovery.defaults().patientConnect(true))
                .connect()
                .subscribe(made::set);
        advance(Duration.ofSeconds(20));
        assertThat(made.get()).isNull();
        takeConnections();
        advance(Recovery.DEFAULT_MAX_DELAY);
        assertThat(made.get()).isNotNull();
    }

    @Test
    void aPatientConnectEndsWithTheLossTimeout() {
        refuseConnections();
        Outcome made = run(controller
                .client()
                .recovery(Recovery.defaults().patientConnect(true).lossTimeout(Duration.ofSeconds(30)))
                .connect());
        advance(Duration.ofSeconds(30));
        assertThat(made.failure().outcome()).isEqualTo(CommandOutcome.NOT_CONNECTED);
    }

    @Test
    void closingEndsTheAttempts() {
        connect(Recovery.defaults());
        refuseConnections();
        lose();
        Outcome waiting = run(namespace.flush());
        Outcome closed = run(connected.close());
        assertThat(closed.done).isTrue();
        assertThat(waiting.failure().outcome()).isEqualTo(CommandOutcome.NOT_SENT);
        assertThat(last()).isEqualTo(new Closed());
        int attempts = controller.log.size();
        takeConnections();
        advance(Duration.ofMinutes(20));
        assertThat(controller.log).hasSize(attempts);
    }

    @Test
    void aReadStreamGoesOnWithWhatIsMissing() {
        connect(Recovery.defaults());
        List<Exchange> reads = new ArrayList<>();
        controller.on(READ, exchange -> {
            exchange.kept = true;
            reads.add(exchange);
        });
        List<Integer> lengths = new ArrayList<>();
        Outcome streamed = run(namespace
                .readStream(
                        0,
                        4L * BLOCK,
                        io.nvmf.namespace.ReadStreamOptions.defaults().chunkSize(BLOCK))
                .doOnNext(data -> {
                    lengths.add(data.readableBytes());
                    data.release();
                })
                .then());
        assertThat(reads).hasSize(4);
        send(reads.get(0));
        send(reads.get(2));
        lose();
        assertThat(reads).hasSize(6);
        send(reads.get(4));
        send(reads.get(5));
        assertThat(streamed.done).isTrue();
        assertThat(lengths).containsExactly(BLOCK, BLOCK, BLOCK, BLOCK);
        reads.forEach(read -> read.command.release());
    }

    @Test
    void aWriteStreamShowsItsPauseAndGoesOnWithWhatIsNotAcknowledged() {
        connect(Recovery.defaults());
        List<Exchange> writes = new ArrayList<>();
        controller.on(WRITE, writes::add);
        List<TransferProgress> told = new ArrayList<>();
        StreamStatistics statistics = new StreamStatistics();
        WriteStreamOptions options =
                WriteStreamOptions.defaults().chunkSize(BLOCK).statistics(statistics);
        Outcome streamed = run(namespace
                .writeStream(0, Flux.range(0, 3).map(i -> block()), options)
                .doOnNext(told::add)
                .then());
        assertThat(writes).hasSize(3);
        writes.get(1).succeed();
        lose();
        assertThat(statistics.isPaused()).isTrue();
        assertThat(told.get(told.size() - 1).paused()).isTrue();
        assertThat(told.get(told.size() - 1).bytesWritten()).isZero();
        advance(KATO);
        assertThat(writes).as("the first and the third once more").hasSize(5);
        assertThat(statistics.isPaused()).isFalse();
        writes.get(3).succeed();
        writes.get(4).succeed();
        assertThat(streamed.done).isTrue();
        TransferProgress end = told.get(told.size() - 1);
        assertThat(end.bytesWritten()).isEqualTo(3L * BLOCK);
        assertThat(end.paused()).isFalse();
        assertThat(end.interruptions()).isEqualTo(1);
        assertThat(end.peakBytesInFlight()).isEqualTo(3L * BLOCK);
    }

    @Test
    void aWriteStreamThatCannotGoOnReportsWhatIsInDoubt() {
        connect(controller.client().ioQueues(1).recovery(Recovery.defaults().lossTimeout(Duration.ofSeconds(20))));
        List<Exchange> writes = new ArrayList<>();
        controller.on(WRITE, writes::add);
        Outcome streamed = run(namespace
                .writeStream(
                        0,
                        Flux.range(0, 3).map(i -> block()),
                        WriteStreamOptions.defaults().chunkSize(BLOCK))
                .then());
        writes.get(0).succeed();
        refuseConnections();
        lose();
        advance(Duration.ofSeconds(20));
        TransferReport report = ((NvmeTransferException) streamed.failure()).report();
        assertThat(report.bytesWritten()).isEqualTo(BLOCK);
        assertThat(report.inDoubt()).containsExactly(new ByteRange(BLOCK, 2L * BLOCK));
    }

    private static void send(Exchange read) {
        read.send(block());
    }
}
