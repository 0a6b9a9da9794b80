package io.nvmf.transport.testkit;

import static io.nvmf.transport.testkit.CapsuleRecorder.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.testing.Covers;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Command and response capsules: their content, order, transmission and withdrawal. */
interface CapsuleBehaviour extends KitContext {

    @Test
    @Covers("A copy of its entry; withdrawn before conversion, it never leaves")
    default void aCapsuleCarriesACopyOfItsEntry() {
        ConnectedPair pair = open();
        ByteBuf entry = pattern(3, SubmissionQueueEntry.LENGTH);
        SubmissionQueueEntry.commandId(entry, 0, 77);
        CommandCapsule capsule = CommandCapsule.copyOf(entry, 0);
        entry.setZero(0, SubmissionQueueEntry.LENGTH);
        entry.release();

        ReceivedCommand command = pair.deliver(capsule);

        pair.runOnController(() -> {
            SubmissionQueueEntry received = command.entry();
            assertThat(received.commandId()).isEqualTo(77);
            assertThat(received.buffer().getByte(received.index())).isEqualTo(BytePattern.at(3, 0));
            BytePattern.verify(received.buffer(), received.index() + 4, 20, 3, 4);
            BytePattern.verify(received.buffer(), received.index() + 40, 24, 3, 40);
        });
        pair.release(command);
    }

    @Test
    @Covers("At most one data buffer; a second is refused and stays the caller's")
    default void aSecondBufferIsRefusedAndStaysTheCallers() {
        ConnectedPair pair = open();
        for (CommandCapsule.Transfer direction :
                List.of(CommandCapsule.Transfer.SEND, CommandCapsule.Transfer.RECEIVE)) {
            ByteBuf first = pattern(1, 100);
            RecordingCapsule write = RecordingCapsule.send(1, first);
            ByteBuf second = direction == CommandCapsule.Transfer.SEND ? pattern(2, 50) : destination(50);

            assertThatIllegalStateException().isThrownBy(() -> write.attachData(direction, second, 50));

            assertThat(second.refCnt()).describedAs("the caller's").isOne();
            second.release();
            assertThat(write.data()).isSameAs(first);
            assertThat(write.dataLength()).isEqualTo(100);
            ReceivedCommand command = pair.deliver(write);
            ByteBuf received = ConnectedPair.get(command.receive(0, 100));
            BytePattern.verify(received, 0, 100, 1, 0);
            received.release();
            pair.succeed(command);
            pair.responses().next();
            write.awaitTransferEnd();
        }
    }

    @Test
    default void psdtIsForcedToSglAndFuseIsKept() {
        ConnectedPair pair = open();
        ByteBuf entry = allocator().buffer(64).writeZero(64);
        entry.setByte(SubmissionQueueEntry.FLAGS, 0x80 | SubmissionQueueEntry.FUSE_SECOND);
        CommandCapsule capsule = CommandCapsule.copyOf(entry, 0);
        entry.release();

        ReceivedCommand command = pair.deliver(capsule);

        assertThat(pair.onController(() -> command.entry().psdt())).isEqualTo(SubmissionQueueEntry.PSDT_SGL);
        assertThat(pair.onController(() -> command.entry().fuse())).isEqualTo(SubmissionQueueEntry.FUSE_SECOND);
        assertThat(pair.onController(() -> command.validate().isSuccess())).isTrue();
        pair.release(command);
    }

    @Test
    default void theIdentifierOfTheCapsuleGoesIntoTheEntry() {
        ConnectedPair pair = open();
        RecordingCapsule capsule = new RecordingCapsule(0x7F, 5);
        capsule.commandId(0xFFFE);

        ReceivedCommand command = pair.deliver(capsule);

        assertThat(pair.onController(() -> command.entry().commandId())).isEqualTo(0xFFFE);
        assertThat(pair.onController(() -> command.entry().opcode())).isEqualTo(0x7F);
        pair.release(command);
    }

    @Test
    default void dataOfLengthZeroIsTheSameAsNone() {
        ConnectedPair pair = open();
        ByteBuf empty = allocator().buffer(8);
        RecordingCapsule capsule = new RecordingCapsule(0x01, 9);
        capsule.attachData(CommandCapsule.Transfer.SEND, empty, 0);

        ReceivedCommand command = pair.deliver(capsule);

        assertThat(pair.onController(command::dataLength)).isZero();
        assertThat(pair.onController(() -> command.validate().isSuccess())).isTrue();
        pair.succeed(command);
        pair.responses().next();
        assertThat(capsule.transferEnds()).isEmpty();
        assertThat(empty.refCnt()).describedAs("the buffer stays the caller's").isOne();
        empty.release();
    }

    @Test
    default void capsulesLeaveInTheOrderOfSubmission() {
        ConnectedPair pair = open();
        pair.runOnHost(() -> {
            for (int id = 0; id < 100; id++) {
                pair.host()
                        .submit(
                                id % 3 == 0
                                        ? RecordingCapsule.send(id, pattern(id, 50 + id))
                                        : new RecordingCapsule(0x18, id));
            }
        });

        for (int id = 0; id < 100; id++) {
            ReceivedCommand command = pair.commands().next();
            assertThat(pair.onController(() -> command.entry().commandId())).isEqualTo(id);
            pair.release(command);
        }
    }

    @Test
    default void aResponseArrivesAsItWasSent() {
        ConnectedPair pair = open();
        ReceivedCommand command = pair.deliver(new RecordingCapsule(0x18, 1234));
        pair.release(command);

        pair.controller()
                .transmit(ResponseCapsule.of(1234, 0x4281 << 1, 0xCAFEBABE, 0x12345678, 0xABCD))
                .block(PATIENCE);

        ResponseCapsule response = pair.responses().next();
        assertThat(response.commandId()).isEqualTo(1234);
        assertThat(response.statusField()).isEqualTo(0x4281 << 1 & 0xFFFE);
        assertThat(response.dw0()).isEqualTo(0xCAFEBABE);
        assertThat(response.dw1()).isEqualTo(0x12345678);
        assertThat(response.sqHeadValid()).isTrue();
        assertThat(response.sqHead()).isEqualTo(0xABCD);
        assertThat(response.isSuccess()).isFalse();
    }

    @Test
    default void responsesArriveInTheOrderOfTransmission() {
        ConnectedPair pair = openHeard();
        pair.runOnController(() -> {
            for (int id = 0; id < 100; id++) {
                pair.controller().submit(ResponseCapsule.of(id, 0, id, 0, 0));
            }
        });

        for (int id = 0; id < 100; id++) {
            assertThat(pair.responses().next().commandId()).isEqualTo(id);
        }
    }

    @Test
    default void transmitSendsOncePerSubscriptionAndCompletesWhenSent() {
        ConnectedPair pair = open();
        RecordingCapsule capsule = new RecordingCapsule(0x18, 4);
        Mono<Void> transmit = pair.host().transmit(capsule);
        RecordingCapsule marker = new RecordingCapsule(0x18, 5);
        pair.host().transmit(marker).block(PATIENCE);
        assertThat(marker.events()).containsExactly("encode", "transmitted");
        ReceivedCommand first = pair.commands().next();
        assertThat(pair.onController(() -> first.entry().commandId()))
                .describedAs("nothing leaves without subscription")
                .isEqualTo(5);
        pair.release(first);

        transmit.block(PATIENCE);
        transmit.block(PATIENCE);

        for (int i = 0; i < 2; i++) {
            ReceivedCommand command = pair.commands().next();
            assertThat(pair.onController(() -> command.entry().commandId())).isEqualTo(4);
            pair.release(command);
        }
    }

    @Test
    default void aTransmitCancelledBeforeConversionNeverArrives() {
        ConnectedPair pair = open();
        RecordingCapsule cancelled = RecordingCapsule.send(1, pattern(1, LARGE));
        RecordingCapsule cancelledInCapsule = RecordingCapsule.send(2, pattern(1, 100));
        RecordingCapsule marker = new RecordingCapsule(0x18, 3);
        pair.runOnHost(() -> {
            List<Disposable> disposables = new ArrayList<>();
            disposables.add(pair.host().transmit(cancelled).subscribe());
            disposables.add(pair.host().transmit(cancelledInCapsule).subscribe());
            pair.host().submit(marker);
            disposables.forEach(Disposable::dispose);
        });

        ReceivedCommand command = pair.commands().next();

        assertThat(pair.onController(() -> command.entry().commandId())).isEqualTo(3);
        pair.succeed(command);
        pair.responses().next();
        for (RecordingCapsule capsule : List.of(cancelled, cancelledInCapsule)) {
            assertThat(capsule.isTransmitted()).isFalse();
            assertAborted(capsule, 0);
        }
        assertThat(pair.commands().count()).isOne();
    }

    @Test
    default void cancellingATransmitThatHasLeftHasNoEffect() {
        ConnectedPair pair = open();
        RecordingCapsule capsule = new RecordingCapsule(0x18, 1);
        Mono<Void> transmit = pair.host().transmit(capsule);
        pair.onHost(() -> {
            Disposable subscription = transmit.subscribe();
            capsule.onTransmitted(subscription::dispose);
            return subscription;
        });

        pair.succeed(pair.commands().next());

        assertThat(pair.responses().next().commandId()).isEqualTo(1);
    }

    @Test
    @Covers("A copy of its entry; withdrawn before conversion, it never leaves")
    default void aWithdrawnCapsuleNeverLeaves() {
        ConnectedPair pair = open();
        RecordingCapsule withdrawn = RecordingCapsule.send(1, pattern(1, LARGE));
        RecordingCapsule stays = new RecordingCapsule(0x18, 2);
        RecordingCapsule stranger = new RecordingCapsule(0x18, 3);
        pair.runOnHost(() -> {
            pair.host().submit(withdrawn);
            pair.host().submit(stays);
            assertThat(pair.host().withdraw(withdrawn)).isTrue();
            assertThat(pair.host().withdraw(withdrawn)).isFalse();
            assertThat(pair.host().withdraw(stranger)).isFalse();
        });

        ReceivedCommand command = pair.commands().next();

        assertThat(pair.onController(() -> command.entry().commandId())).isEqualTo(2);
        assertThat(pair.onHost(() -> pair.host().withdraw(stays)))
                .describedAs("it has left")
                .isFalse();
        assertThat(withdrawn.events()).doesNotContain("transmitted");
        assertAborted(withdrawn, 0);
        pair.succeed(command);
        pair.responses().next();
    }

    @Test
    default void whatIsNotWantedAnyMoreWhenItsTurnComesNeverLeaves() {
        ConnectedPair pair = open();
        RecordingCapsule large = RecordingCapsule.send(1, pattern(1, LARGE));
        RecordingCapsule inCapsule = RecordingCapsule.send(2, pattern(1, 100));
        RecordingCapsule receiving = RecordingCapsule.receive(3, destination(100));
        RecordingCapsule withoutData = new RecordingCapsule(0x18, 4);
        List<RecordingCapsule> unwanted = List.of(large, inCapsule, receiving, withoutData);
        pair.runOnHost(() -> {
            unwanted.forEach(pair.host()::submit);
            pair.host().submit(new RecordingCapsule(0x18, 5));
            unwanted.forEach(RecordingCapsule::unwanted);
        });

        ReceivedCommand command = pair.commands().next();

        assertThat(pair.onController(() -> command.entry().commandId())).isEqualTo(5);
        pair.succeed(command);
        pair.responses().next();
        for (RecordingCapsule capsule : List.of(large, inCapsule, receiving)) {
            assertThat(capsule.events()).containsExactly("transferComplete", "withdrawn");
            assertAborted(capsule, 0);
        }
        assertThat(withoutData.events()).containsExactly("withdrawn");
        assertThat(pair.commands().count()).isOne();
    }

    @Test
    default void whatIsWithdrawnMayBeSubmittedAgainFromInside() {
        ConnectedPair pair = open();
        RecordingCapsule first = RecordingCapsule.send(1, pattern(1, LARGE));
        RecordingCapsule again = RecordingCapsule.send(1, pattern(2, LARGE));
        first.onWithdrawn(() -> pair.host().submit(again));
        pair.runOnHost(() -> {
            pair.host().submit(first);
            first.unwanted();
        });

        ReceivedCommand command = pair.commands().next();

        ByteBuf data = ConnectedPair.get(command.receive(0, LARGE));
        BytePattern.verify(data, 0, LARGE, 2, 0);
        data.release();
        pair.succeed(command);
        pair.responses().next();
        assertThat(first.events()).containsExactly("transferComplete", "withdrawn");
        assertThat(again.transferEnd().bytes()).isEqualTo(LARGE);
    }

    @Test
    default void transmittingWhatIsNotWantedFails() {
        ConnectedPair pair = open();
        RecordingCapsule capsule = RecordingCapsule.send(1, pattern(1, LARGE));
        capsule.unwanted();

        StepVerifier.create(pair.host().transmit(capsule))
                .expectError(CancellationException.class)
                .verify(PATIENCE);

        assertThat(capsule.events()).containsExactly("transferComplete", "withdrawn");
        assertAborted(capsule, 0);
    }

    @Test
    default void aTransmitCancelledByAnotherThreadWhileTheLoopIsBusyNeverArrives() throws InterruptedException {
        ConnectedPair pair = open();
        RecordingCapsule cancelled = RecordingCapsule.send(1, pattern(1, 100));
        RecordingCapsule marker = new RecordingCapsule(0x18, 2);
        CountDownLatch queued = new CountDownLatch(1);
        AtomicBoolean goOn = new AtomicBoolean();
        AtomicReference<Disposable> subscription = new AtomicReference<>();
        pair.host().executor().execute(() -> {
            subscription.set(pair.host().transmit(cancelled).subscribe());
            pair.host().submit(marker);
            queued.countDown();
            while (!goOn.get()) {
                // busy, and not blocked: BlockHound takes even onSpinWait for blocking
            }
        });
        queued.await();
        subscription.get().dispose();
        goOn.set(true);

        ReceivedCommand command = pair.commands().next();

        assertThat(pair.onController(() -> command.entry().commandId())).isEqualTo(2);
        pair.succeed(command);
        pair.responses().next();
        assertThat(cancelled.isTransmitted()).isFalse();
        assertAborted(cancelled, 0);
    }

    @Test
    default void anIdentifierIsFreeAgainAfterWithdrawal() {
        ConnectedPair pair = open();
        pair.runOnHost(() -> {
            RecordingCapsule withdrawn = RecordingCapsule.send(1, pattern(1, LARGE));
            pair.host().submit(withdrawn);
            pair.host().withdraw(withdrawn);
        });
        RecordingCapsule again = RecordingCapsule.send(1, pattern(2, LARGE));

        ReceivedCommand command = pair.deliver(again);

        ByteBuf data = ConnectedPair.get(command.receive(0, LARGE));
        BytePattern.verify(data, 0, LARGE, 2, 0);
        data.release();
        pair.succeed(command);
        pair.responses().next();
        assertThat(again.transferEnd().bytes()).isEqualTo(LARGE);
    }

    @Test
    default void onAnEndedQueuePairNothingIsSentAndTransfersAreAborted() {
        ConnectedPair pair = open();
        pair.host().close().block(PATIENCE);
        RecordingCapsule submitted = RecordingCapsule.send(1, pattern(1, 100));
        RecordingCapsule transmitted = RecordingCapsule.receive(2, destination(100));

        pair.submit(submitted);
        StepVerifier.create(pair.host().transmit(transmitted))
                .expectError(QueuePairTerminatedException.class)
                .verify(PATIENCE);
        pair.controllerTermination();
        StepVerifier.create(pair.controller().transmit(ResponseCapsule.of(1, 0, 0, 0, 0)))
                .expectError(QueuePairTerminatedException.class)
                .verify(PATIENCE);
        pair.runOnController(() -> pair.controller().submit(ResponseCapsule.of(1, 0, 0, 0, 0)));

        assertAborted(submitted, 0);
        assertAborted(transmitted, 0);
        assertThat(submitted.isTransmitted()).isFalse();
    }
}
