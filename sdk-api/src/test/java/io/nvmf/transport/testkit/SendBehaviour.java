package io.nvmf.transport.testkit;

import static io.nvmf.transport.testkit.CapsuleRecorder.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Covers;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SendOutcome;
import io.nvmf.transport.TransferException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Data from controller to host, and its order with the response. */
interface SendBehaviour extends KitContext {

    private ConnectedPair openWithoutFlowControl() {
        ConnectedPair pair = open();
        pair.runOnController(
                () -> pair.controller().configure(new ControllerQueuePairParameters(true, 128, false, 8192)));
        return pair;
    }

    @Test
    @Covers("In order; data is consumed even when it is refused")
    default void partsAreSentInOrderAndTheResponseFollows() {
        ConnectedPair pair = open();
        VerifyingReceive capsule = verifying(1, destination(LARGE), 4);
        ReceivedCommand command = pair.deliver(capsule);

        assertThat(pair.send(command, 0, range(4, 0, 1))).isEqualTo(SendOutcome.MORE);
        assertThat(pair.send(command, 1, range(4, 1, 65_537))).isEqualTo(SendOutcome.MORE);
        assertThat(pair.send(command, 65_538, range(4, 65_538, LARGE - 65_538))).isEqualTo(SendOutcome.COMPLETE);
        if (countsBytes()) {
            capsule.awaitTransferEnd();
        }
        assertThat(pair.responses().count()).isZero();
        pair.succeed(command);

        ResponseCapsule response = pair.responses().next();
        assertThat(response.commandId()).isEqualTo(1);
        assertThat(response.sqHeadValid()).isTrue();
        assertThat(capsule.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(LARGE, null));
    }

    @Test
    @Covers("SUCCESS instead of a response only without SQ flow control")
    default void withoutFlowControlTheSuccessTravelsWithTheLastByte() {
        Assumptions.assumeTrue(successWithData(), "this transport has a response for each command");
        ConnectedPair pair = openWithoutFlowControl();
        VerifyingReceive capsule = verifying(7, destination(LARGE), 4);
        ReceivedCommand command = pair.deliver(capsule);

        assertThat(pair.send(command, 0, range(4, 0, 3))).isEqualTo(SendOutcome.MORE);
        assertThat(pair.send(command, 3, range(4, 3, LARGE - 3))).isEqualTo(SendOutcome.COMPLETE_SUCCESS_SENT);
        pair.release(command);

        ResponseCapsule response = pair.responses().next();
        assertThat(response.commandId()).isEqualTo(7);
        assertThat(response.isSuccess()).isTrue();
        assertThat(response.sqHeadValid()).describedAs("it has no entry").isFalse();
        assertThat(capsule.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(LARGE, null));
    }

    @Test
    @Covers("A read's transfer ends before its response is delivered")
    default void aReadEndsItsTransferBeforeTheResponseIsDelivered() {
        for (boolean flowControl : new boolean[] {true, false}) {
            ConnectedPair pair = flowControl ? open() : openWithoutFlowControl();
            RecordingCapsule capsule = RecordingCapsule.receive(1, destination(LARGE));
            pair.responses().handle(response -> capsule.note("response"));
            pair.serve(command -> {
                SendOutcome outcome = command.send(0, pattern(1, LARGE));
                if (outcome.equals(SendOutcome.COMPLETE)) {
                    pair.controller().submit(ResponseCapsule.of(1, 0, 0, 0, 0));
                }
            });

            pair.submit(capsule);

            KitContext.eventually(() -> capsule.events().contains("response"));
            assertThat(capsule.events()).containsExactly("encode", "transmitted", "transferComplete", "response");
        }
    }

    @Test
    default void aResponseEndsATransferThatIsHalfDoneBeforeItIsDelivered() {
        ConnectedPair pair = open();
        VerifyingReceive capsule = verifying(1, destination(LARGE), 6);
        pair.responses().handle(response -> capsule.note("response " + response.isSuccess()));
        ReceivedCommand command = pair.deliver(capsule);

        assertThat(pair.send(command, 0, range(6, 0, 50_000))).isEqualTo(SendOutcome.MORE);
        pair.runOnController(() -> {
            command.release();
            pair.controller()
                    .submit(ResponseCapsule.of(
                            1, Status.of(StatusCode.DATA_TRANSFER_ERROR).raw(), 0, 0, 0));
        });

        KitContext.eventually(() -> capsule.events().contains("response false"));
        assertThat(capsule.events()).containsExactly("encode", "transmitted", "transferComplete", "response false");
        assertThat(capsule.transferEnd()).isEqualTo(regularEnd(50_000, LARGE, false));
    }

    @Test
    @Covers("Late data never lands in memory that is the caller's again")
    default void dataThatComesAfterItWasGivenUpIsThrownAwayAndTheTransferEndsAsItWould() {
        ConnectedPair pair = open();
        ByteBuf destination = destination(LARGE);
        RecordingCapsule capsule = RecordingCapsule.receive(1, destination.retain());
        ReceivedCommand command = pair.deliver(capsule);
        RecordingCapsule other = RecordingCapsule.receive(2, destination(LARGE));
        ReceivedCommand next = pair.deliver(other);
        try {
            assertThat(pair.send(command, 0, range(4, 0, 50_000))).isEqualTo(SendOutcome.MORE);
            boolean discards = pair.onHost(() -> pair.host().discardData(capsule));
            if (!discards) {
                pair.release(command);
                pair.release(next);
            }
            Assumptions.assumeTrue(discards, "the transport can throw data away");
            pair.runOnHost(() -> destination.setZero(0, LARGE));

            assertThat(pair.send(command, 50_000, range(4, 50_000, LARGE - 50_000)))
                    .isEqualTo(SendOutcome.COMPLETE);
            assertThat(pair.send(next, 0, range(4, 0, LARGE))).isEqualTo(SendOutcome.COMPLETE);
            pair.succeed(command);
            pair.succeed(next);

            assertThat(pair.responses().next().commandId()).isEqualTo(1);
            assertThat(pair.responses().next().commandId()).isEqualTo(2);
            assertThat(capsule.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(LARGE, null));
            assertThat(other.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(LARGE, null));
            assertThat(destination.forEachByte(0, LARGE, octet -> octet == 0))
                    .as("written since")
                    .isEqualTo(-1);
        } finally {
            destination.release();
        }
    }

    @Test
    @Covers("In order; data is consumed even when it is refused")
    default void partsOutOfOrderAreRefusedAndConsumed() {
        ConnectedPair pair = open();
        VerifyingReceive capsule = verifying(1, destination(LARGE), 2);
        ReceivedCommand command = pair.deliver(capsule);

        refused(pair, command, 1, 10);
        assertThat(pair.send(command, 0, range(2, 0, 100))).isEqualTo(SendOutcome.MORE);
        refused(pair, command, 0, 10);
        refused(pair, command, 99, 10);
        refused(pair, command, 101, 10);
        refused(pair, command, -1, 10);
        assertThat(pair.send(command, 100, range(2, 100, LARGE - 100))).isEqualTo(SendOutcome.COMPLETE);
        refused(pair, command, LARGE, 1);
        pair.succeed(command);

        pair.responses().next();
        assertThat(capsule.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(LARGE, null));
    }

    @Test
    @Covers("In order; data is consumed even when it is refused")
    default void dataBeyondTheBufferIsRefusedAndConsumed() {
        ConnectedPair pair = open();
        VerifyingReceive capsule = verifying(1, destination(100), 2);
        ReceivedCommand command = pair.deliver(capsule);

        refused(pair, command, 0, 101);
        assertThat(pair.send(command, 0, range(2, 0, 60))).isEqualTo(SendOutcome.MORE);
        refused(pair, command, 60, 41);
        assertThat(pair.send(command, 60, range(2, 60, 40))).isEqualTo(SendOutcome.COMPLETE);
        pair.succeed(command);

        pair.responses().next();
        assertThat(capsule.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(100, null));
    }

    @Test
    default void dataForACommandWithoutABufferIsRefusedAndConsumed() {
        ConnectedPair pair = openInCapsule();
        ReceivedCommand inCapsule = pair.deliver(RecordingCapsule.send(1, pattern(1, 100)));
        refused(pair, inCapsule, 0, 100);
        pair.succeed(inCapsule);
        pair.responses().next();

        ReceivedCommand dataless = pair.deliver(new RecordingCapsule(0x18, 2));
        refused(pair, dataless, 0, 1);
        assertThat(pair.send(dataless, 0, Unpooled.EMPTY_BUFFER))
                .describedAs("nothing of nothing is everything, and no byte carries a success")
                .isEqualTo(SendOutcome.COMPLETE);
        pair.succeed(dataless);
        pair.responses().next();
    }

    private void refused(ConnectedPair pair, ReceivedCommand command, long offset, int length) {
        ByteBuf data = allocator().buffer(length).writeZero(length);
        SendOutcome outcome = pair.send(command, offset, data);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        SendOutcome.Rejected.class,
                        rejected -> assertThat(rejected.status().is(StatusCode.INVALID_FIELD))
                                .isTrue());
        assertThat(data.refCnt()).describedAs("always consumed").isZero();
    }

    @Test
    default void aLargeReadInOddPartsArrivesWhole() {
        ConnectedPair pair = open();
        int length = (1 << 20) + 3;
        VerifyingReceive capsule = verifying(1, destination(length), 12);
        ReceivedCommand command = pair.deliver(capsule);
        int[] parts = {1, 4095, 65_537, 3, 300_001, 7};
        int offset = 0;

        for (int i = 0; offset < length; i++) {
            int part = Math.min(parts[i % parts.length], length - offset);
            SendOutcome outcome = pair.send(command, offset, range(12, offset, part));
            offset += part;
            assertThat(outcome).isEqualTo(offset < length ? SendOutcome.MORE : SendOutcome.COMPLETE);
            pair.controller().writable().block(PATIENCE);
        }
        pair.succeed(command);

        pair.responses().next();
        assertThat(capsule.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(length, null));
    }

    @Test
    default void theTransferKeepsToItsPartOfTheBuffer() {
        ConnectedPair pair = open();
        ByteBuf buffer = destination(1000);
        buffer.writerIndex(100);
        buffer.retain();
        RecordingCapsule capsule = new RecordingCapsule(0x02, 1);
        capsule.attachData(CommandCapsule.Transfer.RECEIVE, buffer, 500);
        ReceivedCommand command = pair.deliver(capsule);

        pair.send(command, 0, pattern(3, 500));
        pair.succeed(command);
        pair.responses().next();

        assertThat(buffer.writerIndex()).isEqualTo(100);
        assertThat(buffer.readerIndex()).isZero();
        assertThat(buffer.getByte(99)).isEqualTo(BytePattern.UNTOUCHED);
        BytePattern.verify(buffer, 100, 500, 3, 0);
        assertThat(buffer.getByte(600)).isEqualTo(BytePattern.UNTOUCHED);
        buffer.release();
    }

    @Test
    default void dataOfTransfersIsReadWithoutDemandForResponses() {
        Assumptions.assumeTrue(countsBytes(), "this transport learns of the end of a transfer from the response");
        ConnectedPair pair = open(settings().withDemand(ConnectedPair.UNBOUNDED, 0));
        VerifyingReceive capsule = verifying(1, destination(LARGE), 2);
        ReceivedCommand command = pair.deliver(capsule);

        pair.send(command, 0, range(2, 0, LARGE));

        assertThat(capsule.awaitTransferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(LARGE, null));
        pair.succeed(command);
        pair.responses().request(1);
        pair.responses().next();
    }

    @Test
    default void manyCommandsInBothDirectionsKeepTheirDataApart() {
        ConnectedPair pair = openWithoutFlowControl();
        int count = 120;
        Random random = new Random(42);
        List<ReceivedCommand> received = new ArrayList<>();
        List<RecordingCapsule> capsules = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            int length = 1 + random.nextInt(40_000);
            capsules.add(
                    random.nextBoolean()
                            ? RecordingCapsule.send(id, pattern(id, length))
                            : verifying(id, destination(length), id));
        }
        pair.runOnHost(() -> capsules.forEach(pair.host()::submit));
        for (int i = 0; i < count; i++) {
            received.add(pair.commands().next());
        }
        Collections.shuffle(received, random);

        for (ReceivedCommand command : received) {
            pair.runOnController(() -> answer(pair, command));
        }

        for (int i = 0; i < count; i++) {
            assertThat(pair.responses().next().isSuccess()).isTrue();
        }
        for (RecordingCapsule capsule : capsules) {
            capsule.awaitTransferEnd();
            assertThat(capsule.transferEnd().error()).isNull();
        }
    }

    private void answer(ConnectedPair pair, ReceivedCommand command) {
        int commandId = command.entry().commandId();
        int length = (int) command.dataLength();
        if (command.entry().opcode() == 0x02) {
            SendOutcome outcome = command.send(0, pattern(commandId, length));
            assertThat(outcome).isEqualTo(successWithData() ? SendOutcome.COMPLETE_SUCCESS_SENT : SendOutcome.COMPLETE);
            if (!successWithData()) {
                pair.controller().submit(ResponseCapsule.of(commandId, 0, 0, 0, 0));
            }
        } else {
            command.receive(0, length).subscribe(bytes -> {
                try {
                    BytePattern.verify(bytes, bytes.readerIndex(), length, commandId, 0);
                    pair.controller().submit(ResponseCapsule.of(commandId, 0, 0, 0, 0));
                } catch (AssertionError e) {
                    pair.controller()
                            .submit(ResponseCapsule.of(
                                    commandId,
                                    Status.of(StatusCode.INTERNAL_ERROR).raw(),
                                    0,
                                    0,
                                    0));
                } finally {
                    bytes.release();
                }
            });
        }
        command.release();
    }

    @Test
    default void writableCompletesWhileNothingPilesUpAndAfterTheEnd() {
        ConnectedPair pair = open();
        pair.controller().writable().block(PATIENCE);
        pair.host().close().block(PATIENCE);
        pair.controllerTermination();
        pair.controller().writable().block(PATIENCE);
    }

    private VerifyingReceive verifying(int commandId, ByteBuf destination, int seed) {
        return new VerifyingReceive(commandId, destination, seed, countsBytes());
    }

    private ByteBuf range(int seed, long from, int length) {
        return BytePattern.range(allocator(), seed, from, length);
    }

    /** Checks what has been received against a pattern, at the end of the transfer. */
    final class VerifyingReceive extends RecordingCapsule {

        private final int seed;
        private final boolean counted;

        VerifyingReceive(int commandId, ByteBuf destination, int seed, boolean counted) {
            super(0x02, commandId);
            this.seed = seed;
            this.counted = counted;
            attachData(Transfer.RECEIVE, destination, destination.writableBytes());
        }

        @Override
        public void transferComplete(long bytes, @Nullable TransferException error) {
            try {
                BytePattern.verify(data(), dataIndex(), (int) bytes, seed, 0);
                int moved = (int) bytes;
                if (counted) {
                    BytePattern.verifyUntouched(data(), dataIndex() + moved, dataLength() - moved);
                }
            } catch (AssertionError e) {
                note("wrong data: " + e.getMessage());
                super.transferComplete(-1, error);
                return;
            }
            super.transferComplete(bytes, error);
        }
    }
}
