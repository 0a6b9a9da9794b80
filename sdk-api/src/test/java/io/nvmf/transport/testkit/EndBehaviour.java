package io.nvmf.transport.testkit;

import static io.nvmf.transport.testkit.CapsuleRecorder.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.testing.Covers;
import io.nvmf.transport.QueuePair;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransferException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;
import reactor.test.StepVerifier;

/** How queue pairs end, and what that does to everything outstanding. */
interface EndBehaviour extends KitContext {

    Termination CLOSED_HERE = new Termination.Closed(Termination.Side.LOCAL);
    Termination CLOSED_THERE = new Termination.Closed(Termination.Side.REMOTE);

    @Test
    default void closedByTheHost() {
        ConnectedPair pair = open();

        pair.host().close().block(PATIENCE);

        assertThat(pair.hostTermination()).isEqualTo(CLOSED_HERE);
        assertThat(pair.controllerTermination()).isEqualTo(CLOSED_THERE);
        pair.responses().awaitCompletion();
        pair.commands().awaitCompletion();
    }

    @Test
    @Covers("An end within a PDU is a reset, between two PDUs a close")
    default void closedByTheController() {
        ConnectedPair pair = open();

        pair.controller().close().block(PATIENCE);

        assertThat(pair.controllerTermination()).isEqualTo(CLOSED_HERE);
        assertThat(pair.hostTermination()).isEqualTo(CLOSED_THERE);
        pair.responses().awaitCompletion();
        pair.commands().awaitCompletion();
    }

    @Test
    @Covers({
        "`close` completes when the connection is closed and no buffer is held",
        "Everything open completes exactly once, the end is signalled once, and close is legal in every call-back"
    })
    default void closeIsColdAndIdempotentAndTheEndIsSignalledOnce() {
        ConnectedPair pair = open();
        List<Termination> ends = new CopyOnWriteArrayList<>();
        List<Signal<Termination>> signals = new CopyOnWriteArrayList<>();
        pair.host().termination().doOnEach(signals::add).subscribe(ends::add);
        Mono<Void> close = pair.host().close();
        pair.succeed(pair.deliver(new RecordingCapsule(0x18, 1)));
        pair.responses().next();
        assertThat(ends).describedAs("nobody has subscribed to close").isEmpty();

        Mono.when(close, close, pair.controller().close(), pair.host().close()).block(PATIENCE);

        close.block(PATIENCE);
        assertThat(ends).hasSize(1);
        assertThat(signals).hasSize(2);
        assertThat(pair.hostTermination()).isSameAs(ends.get(0));
        assertThat(pair.hostTermination()).isIn(CLOSED_HERE, CLOSED_THERE);
        assertThat(pair.controllerTermination()).isIn(CLOSED_HERE, CLOSED_THERE);
    }

    @Test
    default void whatWasTransmittedBeforeCloseArrives() {
        ConnectedPair pair = open();
        ReceivedCommand command = pair.deliver(new RecordingCapsule(0x18, 1));
        pair.release(command);

        pair.controller()
                .transmit(ResponseCapsule.of(1, 0, 0, 0, 0))
                .then(pair.controller().close())
                .block(PATIENCE);

        assertThat(pair.responses().next().commandId()).isEqualTo(1);
        pair.responses().awaitCompletion();
        assertThat(pair.hostTermination()).isEqualTo(CLOSED_THERE);
    }

    @Test
    default void closeDropsWhatHasNotLeft() {
        ConnectedPair pair = open();
        RecordingCapsule write = RecordingCapsule.send(1, pattern(1, LARGE));
        RecordingCapsule inCapsule = RecordingCapsule.send(2, pattern(1, 10));
        RecordingCapsule read = RecordingCapsule.receive(3, destination(LARGE));
        RecordingCapsule transmitted = RecordingCapsule.receive(4, destination(LARGE));
        List<Throwable> errors = new CopyOnWriteArrayList<>();

        pair.runOnHost(() -> {
            pair.host().submit(write);
            pair.host().submit(inCapsule);
            pair.host().submit(read);
            pair.host().transmit(transmitted).subscribe(done -> {}, errors::add);
            pair.host().close().subscribe();
        });

        pair.hostTermination();
        pair.controllerTermination();
        for (RecordingCapsule capsule : List.of(write, inCapsule, read, transmitted)) {
            assertAborted(capsule, 0);
            assertThat(capsule.isTransmitted()).isFalse();
        }
        assertThat(errors).singleElement().isInstanceOf(QueuePairTerminatedException.class);
        assertThat(pair.commands().count()).isZero();
    }

    @Test
    @Covers("Everything open completes exactly once, the end is signalled once, and close is legal in every call-back")
    default void closeWhileTheControllerOwesEverything() {
        for (boolean byHost : new boolean[] {true, false}) {
            ConnectedPair pair = open();
            RecordingCapsule write = RecordingCapsule.send(1, pattern(1, LARGE));
            RecordingCapsule read = RecordingCapsule.receive(2, destination(LARGE));
            ReceivedCommand first = pair.deliver(write);
            ReceivedCommand second = pair.deliver(read);

            closer(pair, byHost).close().block(PATIENCE);

            pair.hostTermination();
            assertAborted(write, 0);
            assertAborted(read, 0);
            pair.controllerTermination();
            pair.release(first);
            pair.release(second);
        }
    }

    @Test
    default void closeWhileDataIsHalfReceived() {
        for (boolean byHost : new boolean[] {true, false}) {
            ConnectedPair pair = open();
            RecordingCapsule read = RecordingCapsule.receive(1, destination(LARGE));
            RecordingCapsule marker = RecordingCapsule.receive(2, destination(10));
            ReceivedCommand command = pair.deliver(read);
            ReceivedCommand after = pair.deliver(marker);
            pair.send(command, 0, pattern(1, 33_333));
            pair.send(after, 0, pattern(1, 10));
            allMoved(pair, after);
            marker.awaitTransferEnd();

            closer(pair, byHost).close().block(PATIENCE);

            pair.hostTermination();
            assertAborted(read, 33_333);
            pair.controllerTermination();
            ByteBuf late = pattern(1, 10);
            pair.send(command, 33_333, late);
            assertThat(late.refCnt())
                    .describedAs("consumed after the end as well")
                    .isZero();
            pair.release(command);
            pair.release(after);
        }
    }

    @Test
    default void closeWhileDataIsHalfFetched() {
        for (boolean byHost : new boolean[] {true, false}) {
            ConnectedPair pair = open();
            RecordingCapsule write = RecordingCapsule.send(1, pattern(1, LARGE));
            ReceivedCommand command = pair.deliver(write);
            ConnectedPair.get(command.receive(0, 33_333)).release();

            closer(pair, byHost).close().block(PATIENCE);

            pair.hostTermination();
            assertAborted(write, 33_333);
            pair.controllerTermination();
            StepVerifier.create(command.receive(33_333, 10))
                    .expectErrorSatisfies(failure -> assertThat(failure)
                            .isInstanceOfSatisfying(
                                    TransferException.class,
                                    transfer -> assertThat(transfer.kind()).isEqualTo(TransferException.Kind.ABORTED)))
                    .verify(PATIENCE);
            pair.release(command);
        }
    }

    @Test
    default void closeFailsReceivesUnderWayAndWaiting() {
        ConnectedPair pair = open();
        RecordingCapsule write = RecordingCapsule.send(1, pattern(1, LARGE));
        ReceivedCommand command = pair.deliver(write);
        List<Throwable> errors = new CopyOnWriteArrayList<>();
        List<ByteBuf> arrived = new CopyOnWriteArrayList<>();

        pair.runOnController(() -> {
            for (int part = 0; part < 20; part++) {
                command.receive(part * 5_000L, 5_000).subscribe(arrived::add, errors::add);
            }
            pair.controller().close().subscribe();
            command.release();
        });

        pair.controllerTermination();
        assertThat(arrived).isEmpty();
        assertThat(errors)
                .hasSize(20)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOfSatisfying(
                                TransferException.class,
                                transfer -> assertThat(transfer.kind()).isEqualTo(TransferException.Kind.ABORTED)));
        pair.hostTermination();
        assertThat(write.transferEnds()).hasSize(1);
    }

    @Test
    @Covers("Everything open completes exactly once, the end is signalled once, and close is legal in every call-back")
    default void everythingIsCompleteWhenTheEndIsSignalled() {
        ConnectedPair pair = open();
        RecordingCapsule read = RecordingCapsule.receive(1, destination(LARGE));
        List<String> order = new CopyOnWriteArrayList<>();
        read.onTransferComplete(() -> order.add("transfer"));
        pair.host().termination().subscribe(end -> {
            if (pair.responses().isEnded()) {
                order.add("stream");
            }
            order.add("termination");
        });
        ReceivedCommand command = pair.deliver(read);

        pair.host().close().block(PATIENCE);

        assertThat(order).containsExactly("transfer", "stream", "termination");
        pair.controllerTermination();
        pair.release(command);
    }

    @Test
    @Covers("Dropped capsules, open transfers, stream of capsules, termination and close are told in this order")
    default void aHostQueuePairThatIsClosedTellsInOrder() {
        ConnectedPair pair = open();
        List<String> order = new CopyOnWriteArrayList<>();
        RecordingCapsule open = RecordingCapsule.receive(1, destination(LARGE));
        RecordingCapsule unsent = RecordingCapsule.send(2, pattern(1, LARGE));
        RecordingCapsule untransmitted = RecordingCapsule.receive(3, destination(LARGE));
        RecordingCapsule late = RecordingCapsule.receive(4, destination(LARGE));
        open.onTransferComplete(() -> {
            order.add("transfer that was open");
            pair.host().submit(late);
        });
        unsent.onTransferComplete(() -> order.add("capsule not converted"));
        untransmitted.onTransferComplete(() -> order.add("second capsule not converted"));
        late.onTransferComplete(() -> order.add("capsule submitted from inside"));
        tellEnd(pair.host(), pair.responses(), order);
        ReceivedCommand command = pair.deliver(open);

        pair.runOnHost(() -> {
            pair.host().submit(unsent);
            pair.host().transmit(untransmitted).subscribe(nothing -> {}, failure -> order.add("its transmission"));
            pair.host().close().subscribe(nothing -> {}, failure -> {}, () -> order.add("close"));
        });
        pair.host().close().block(PATIENCE);

        KitContext.eventually(() -> order.contains("close"));
        assertThat(order)
                .containsExactly(
                        "capsule not converted",
                        "second capsule not converted",
                        "its transmission",
                        "transfer that was open",
                        "capsule submitted from inside",
                        "stream of capsules",
                        "termination",
                        "close");
        List.of(open, unsent, untransmitted, late).forEach(capsule -> assertAborted(capsule, 0));
        pair.controllerTermination();
        pair.release(command);
    }

    @Test
    @Covers("Dropped capsules, open transfers, stream of capsules, termination and close are told in this order")
    default void aHostQueuePairThatIsLostTellsInOrder() {
        ConnectedPair pair = open();
        List<String> order = new CopyOnWriteArrayList<>();
        RecordingCapsule read = RecordingCapsule.receive(1, destination(LARGE));
        RecordingCapsule late = RecordingCapsule.send(2, pattern(1, LARGE));
        read.onTransferComplete(() -> {
            order.add("transfer that was open");
            pair.host().submit(late);
        });
        late.onTransferComplete(() -> order.add("capsule submitted from inside"));
        tellEnd(pair.host(), pair.responses(), order);
        ReceivedCommand command = pair.deliver(read);

        pair.controller().close().block(PATIENCE);

        KitContext.eventually(() -> order.contains("termination"));
        assertThat(order)
                .containsExactly(
                        "transfer that was open", "capsule submitted from inside", "stream of capsules", "termination");
        assertAborted(read, 0);
        assertAborted(late, 0);
        pair.release(command);
    }

    @Test
    @Covers("Dropped capsules, open transfers, stream of capsules, termination and close are told in this order")
    default void aControllerQueuePairThatIsClosedTellsInOrder() {
        ConnectedPair pair = open();
        List<String> order = new CopyOnWriteArrayList<>();
        ReceivedCommand command = pair.deliver(RecordingCapsule.send(1, pattern(1, LARGE)));
        tellEnd(pair.controller(), pair.commands(), order);

        pair.runOnController(() -> {
            command.receive(0, 100).subscribe(ByteBuf::release, failure -> order.add("transfer that was open"));
            pair.controller().close().subscribe(nothing -> {}, failure -> {}, () -> order.add("close"));
        });
        pair.controller().close().block(PATIENCE);

        KitContext.eventually(() -> order.contains("close"));
        assertThat(order).containsExactly("transfer that was open", "stream of capsules", "termination", "close");
        pair.hostTermination();
        pair.release(command);
    }

    /**
     * A controller that goes on with a transfer after the host has ended it: what the owner has made of the memory
     * since then stays as it is, and is not sent.
     */
    @Test
    @Covers("Memory is out of the peer's reach when its transfer ends, also an aborted one")
    default void thePeerDoesNotReachTheMemoryOfAbortedTransfers() {
        ConnectedPair pair = open();
        Assumptions.assumeTrue(
                pair.host().executor() != pair.controller().executor(), "one thread cannot be ahead of itself");
        ByteBuf home = destination(LARGE).retain();
        ByteBuf source = pattern(1, LARGE).retain();
        RecordingCapsule read = RecordingCapsule.receive(1, home);
        RecordingCapsule write = RecordingCapsule.send(2, source);
        read.onTransferComplete(() -> home.setZero(0, LARGE));
        write.onTransferComplete(() -> source.setZero(0, LARGE));
        ReceivedCommand reading = pair.deliver(read);
        ReceivedCommand writing = pair.deliver(write);
        List<ByteBuf> fetched = new CopyOnWriteArrayList<>();
        ConnectedPair.get(writing.receive(0, 500)).release();

        pair.runOnController(() -> {
            reading.send(0, pattern(2, 500));
            pair.host().close().subscribe();
            awaitEnds(read, write);
            reading.send(500, pattern(2, 50_000));
            writing.receive(500, 50_000).subscribe(fetched::add, failure -> {});
        });
        pair.controllerTermination();
        pair.close();

        byte[] left = new byte[LARGE];
        home.getBytes(0, left);
        assertThat(left).describedAs("the home of a read").containsOnly(0);
        assertThat(fetched).describedAs("the source of a write").isEmpty();
        home.release();
        source.release();
        pair.runOnController(() -> {
            reading.release();
            writing.release();
        });
    }

    /** Keeps an event loop busy until the transfers of another one have ended, so that it hears of nothing before. */
    private static void awaitEnds(RecordingCapsule first, RecordingCapsule second) {
        long patient = System.nanoTime() + PATIENCE.toNanos();
        while (first.transferEnds().isEmpty() || second.transferEnds().isEmpty()) {
            if (System.nanoTime() > patient) {
                throw new AssertionError("the transfers did not end");
            }
        }
    }

    private static void tellEnd(QueuePair queuePair, CapsuleRecorder<?> capsules, List<String> order) {
        capsules.onEnd(() -> order.add("stream of capsules"));
        queuePair.termination().subscribe(end -> order.add("termination"));
    }

    @Test
    default void commandsNobodyAskedForAreReleasedAtTheEnd() {
        ConnectedPair pair = open(settings().withDemand(0, ConnectedPair.UNBOUNDED));
        pair.host().transmit(RecordingCapsule.send(1, pattern(1, 500))).block(PATIENCE);
        pair.host().transmit(new RecordingCapsule(0x18, 2)).block(PATIENCE);

        pair.controller().close().block(PATIENCE);

        pair.commands().awaitCompletion();
        assertThat(pair.commands().count()).isZero();
    }

    @Test
    default void commandsAreReleasedWhenTheirSubscriberHasCancelled() {
        ConnectedPair pair = open();
        pair.commands().cancel();
        pair.host().transmit(RecordingCapsule.send(1, pattern(1, 500))).block(PATIENCE);

        pair.host().close().block(PATIENCE);

        assertThat(pair.commands().count()).isZero();
        assertThat(pair.hostTermination()).isEqualTo(CLOSED_HERE);
    }

    @Test
    default void closeFromInsideTransmitted() {
        ConnectedPair pair = open();
        RecordingCapsule read = RecordingCapsule.receive(1, destination(LARGE));
        RecordingCapsule write = RecordingCapsule.send(2, pattern(1, LARGE));
        read.onTransmitted(() -> pair.host().close().subscribe());
        pair.runOnHost(() -> {
            pair.host().submit(read);
            pair.host().submit(write);
        });

        assertThat(pair.hostTermination()).isEqualTo(CLOSED_HERE);
        assertAborted(read, 0);
        assertAborted(write, 0);
    }

    @Test
    @Covers("Everything open completes exactly once, the end is signalled once, and close is legal in every call-back")
    default void closeFromInsideTransferComplete() {
        ConnectedPair pair = open();
        RecordingCapsule read = RecordingCapsule.receive(1, destination(100));
        RecordingCapsule other = RecordingCapsule.receive(2, destination(100));
        read.onTransferComplete(() -> pair.host().close().subscribe());
        ReceivedCommand command = pair.deliver(read);
        ReceivedCommand second = pair.deliver(other);

        pair.send(command, 0, pattern(1, 100));
        allMoved(pair, command);

        assertThat(pair.hostTermination()).isEqualTo(CLOSED_HERE);
        assertThat(read.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(100, null));
        assertAborted(other, 0);
        pair.controllerTermination();
        pair.release(command);
        pair.release(second);
    }

    @Test
    default void closeFromInsideAbortedTransfersAndTheEndItself() {
        ConnectedPair pair = open();
        RecordingCapsule read = RecordingCapsule.receive(1, destination(100));
        RecordingCapsule late = RecordingCapsule.receive(2, destination(100));
        read.onTransferComplete(() -> {
            pair.host().close().subscribe();
            pair.host().submit(late);
        });
        pair.host().termination().subscribe(end -> pair.host().close().subscribe());
        ReceivedCommand command = pair.deliver(read);

        pair.controller().close().block(PATIENCE);

        assertThat(pair.hostTermination()).isEqualTo(CLOSED_THERE);
        assertAborted(read, 0);
        assertAborted(late, 0);
        pair.release(command);
    }

    @Test
    default void closeFromInsideAResponse() {
        ConnectedPair pair = openHeard();
        pair.responses().handle(response -> pair.host().close().subscribe());
        pair.runOnController(() -> {
            for (int id = 0; id < 5; id++) {
                pair.controller().submit(ResponseCapsule.of(id, 0, 0, 0, 0));
            }
        });

        assertThat(pair.hostTermination()).isEqualTo(CLOSED_HERE);
        pair.responses().awaitCompletion();
        assertThat(pair.responses().count())
                .describedAs("no capsule is delivered afterwards")
                .isOne();
    }

    @Test
    default void closeFromInsideACommand() {
        ConnectedPair pair = open();
        pair.serve(command -> pair.controller().close().subscribe());
        pair.runOnHost(() -> {
            for (int id = 0; id < 5; id++) {
                pair.host().submit(RecordingCapsule.send(id, pattern(1, 50)));
            }
        });

        assertThat(pair.controllerTermination()).isEqualTo(CLOSED_HERE);
        pair.commands().awaitCompletion();
        assertThat(pair.commands().count()).isOne();
        pair.hostTermination();
    }

    @Test
    default void closeFromInsideAReceive() {
        ConnectedPair pair = open();
        ReceivedCommand command = pair.deliver(RecordingCapsule.send(1, pattern(1, LARGE)));
        List<Throwable> errors = new CopyOnWriteArrayList<>();

        pair.runOnController(() -> {
            command.receive(0, 100).subscribe(bytes -> {
                bytes.release();
                pair.controller().close().subscribe();
            });
            command.receive(100, 100).subscribe(ByteBuf::release, errors::add);
        });

        assertThat(pair.controllerTermination()).isEqualTo(CLOSED_HERE);
        assertThat(errors).singleElement().isInstanceOf(TransferException.class);
        pair.hostTermination();
        pair.release(command);
    }

    private static QueuePair closer(ConnectedPair pair, boolean byHost) {
        return byHost ? pair.host() : pair.controller();
    }
}
