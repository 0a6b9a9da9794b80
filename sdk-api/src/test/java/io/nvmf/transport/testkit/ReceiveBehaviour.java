package io.nvmf.transport.testkit;

import static io.nvmf.transport.testkit.CapsuleRecorder.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.SglDescriptor;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** Data from host to controller: within the capsule, and fetched. */
interface ReceiveBehaviour extends KitContext {

    @Test
    default void dataWithinTheCapsuleIsServedOnTheSubscribingCall() {
        ConnectedPair pair = openInCapsule();
        int limit = IN_CAPSULE_LIMIT;
        RecordingCapsule capsule = RecordingCapsule.send(1, pattern(1, limit));

        ReceivedCommand command = pair.deliver(capsule);

        List<ByteBuf> inline = pair.onController(() -> {
            List<ByteBuf> now = new ArrayList<>();
            command.receive(0, limit).subscribe(now::add);
            return List.copyOf(now); // what comes later does not count
        });
        assertThat(inline)
                .describedAs("data at the limit travels in the capsule")
                .hasSize(1);
        BytePattern.verify(inline.get(0), inline.get(0).readerIndex(), limit, 1, 0);
        assertThat(inline.get(0).readableBytes()).isEqualTo(limit);
        inline.get(0).release();
        assertThat(capsule.awaitTransferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(limit, null));
        assertThat(capsule.events()).startsWith("encode", "transmitted");
        pair.succeed(command);
        pair.responses().next();
    }

    @Test
    default void dataAboveTheInCapsuleLimitIsFetched() {
        ConnectedPair pair = open();
        int length = 8193;
        RecordingCapsule capsule = RecordingCapsule.send(1, pattern(1, length));

        ReceivedCommand command = pair.deliver(capsule);

        List<ByteBuf> arrived = new CopyOnWriteArrayList<>();
        boolean inline = pair.onController(() -> {
            command.receive(0, length).subscribe(arrived::add);
            return !arrived.isEmpty();
        });
        assertThat(inline).isFalse();
        KitContext.eventually(() -> !arrived.isEmpty());
        BytePattern.verify(arrived.get(0), arrived.get(0).readerIndex(), length, 1, 0);
        arrived.get(0).release();
        pair.succeed(command);
        pair.responses().next();
        assertThat(capsule.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(length, null));
    }

    @Test
    default void withoutRoomInTheCapsuleEverythingIsFetched() {
        ConnectedPair pair = open(settings().withAdmin(false).withMaxInCapsuleData(0));
        ReceivedCommand command = pair.deliver(RecordingCapsule.send(1, pattern(1, 1)));

        ByteBuf data = ConnectedPair.get(command.receive(0, 1));

        BytePattern.verify(data, data.readerIndex(), 1, 1, 0);
        data.release();
        pair.succeed(command);
        pair.responses().next();
    }

    @Test
    default void aHostThatExceedsTheInCapsuleLimitBreaksTheProtocol() {
        ConnectedPair pair = openInCapsule(settings().withMaxInCapsuleData(16_384));
        RecordingCapsule capsule = RecordingCapsule.send(1, pattern(1, 8193));

        pair.submit(capsule);

        assertThat(pair.controllerTermination())
                .isInstanceOfSatisfying(
                        Termination.ProtocolError.class,
                        error -> assertThat(error.detectedBy()).isEqualTo(Termination.Side.LOCAL));
        assertThat(pair.hostTermination())
                .isInstanceOfSatisfying(
                        Termination.ProtocolError.class,
                        error -> assertThat(error.detectedBy()).isEqualTo(Termination.Side.REMOTE));
        assertThat(pair.commands().count()).isZero();
        assertThat(capsule.transferEnds()).hasSize(1);
    }

    @Test
    default void theInCapsuleLimitIsTheOneOfConnect() {
        ConnectedPair pair = open(settings().withAdmin(false).withMaxInCapsuleData(16_384));
        pair.runOnController(
                () -> pair.controller().configure(new ControllerQueuePairParameters(false, 128, true, 16_384)));

        ReceivedCommand command = pair.deliver(RecordingCapsule.send(1, pattern(1, 16_384)));

        ByteBuf data = ConnectedPair.get(command.receive(0, 16_384));
        BytePattern.verify(data, data.readerIndex(), 16_384, 1, 0);
        data.release();
        pair.succeed(command);
        pair.responses().next();
    }

    @Test
    default void dataWithinTheCapsuleIsReadInPartsInAnyOrderAndRepeatedly() {
        ConnectedPair pair = openInCapsule();
        ReceivedCommand command = pair.deliver(RecordingCapsule.send(1, pattern(5, 1000)));

        for (int[] range : new int[][] {{900, 100}, {0, 1}, {333, 334}, {900, 100}, {0, 1000}}) {
            ByteBuf part = ConnectedPair.get(command.receive(range[0], range[1]));
            assertThat(part.readableBytes()).isEqualTo(range[1]);
            BytePattern.verify(part, part.readerIndex(), range[1], 5, range[0]);
            part.setZero(part.readerIndex(), range[1]); // every subscriber has memory of its own
            part.release();
        }
        pair.succeed(command);
        pair.responses().next();
    }

    @Test
    default void fetchedDataIsReadInAnyOrderAndRepeatedly() {
        Assumptions.assumeTrue(anyOrder(), "this transport fetches in ascending order only");
        ConnectedPair pair = open();
        RecordingCapsule capsule = RecordingCapsule.send(1, pattern(5, LARGE));
        ReceivedCommand command = pair.deliver(capsule);

        for (int[] range : new int[][] {{90_000, 10_003}, {0, 1}, {333, 33_400}, {90_000, 10_003}, {0, LARGE}}) {
            ByteBuf part = ConnectedPair.get(command.receive(range[0], range[1]));
            assertThat(part.readableBytes()).isEqualTo(range[1]);
            BytePattern.verify(part, part.readerIndex(), range[1], 5, range[0]);
            part.release();
        }
        pair.succeed(command);
        pair.responses().next();
        assertThat(capsule.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(LARGE, null));
    }

    @Test
    @Covers("Ranges beyond the data are refused")
    default void rangesBeyondTheDataAreRefused() {
        ConnectedPair pair = open();
        for (int length : new int[] {100, LARGE}) {
            ReceivedCommand command = pair.deliver(RecordingCapsule.send(1, pattern(1, length)));
            refused(command, 0, length + 1);
            refused(command, length, 1);
            refused(command, 1, length);
            refused(command, -1, 1);
            refused(command, 0, 0);
            refused(command, 0, -1);
            refused(command, Long.MAX_VALUE, 1);
            refused(command, 0xFFFF_FFFFL, Integer.MAX_VALUE);
            pair.succeed(command);
            pair.responses().next();
        }
        ReceivedCommand dataless = pair.deliver(new RecordingCapsule(0x18, 1));
        refused(dataless, 0, 1);
        pair.succeed(dataless);
        pair.responses().next();
    }

    private static void refused(ReceivedCommand command, long offset, int length) {
        StepVerifier.create(command.receive(offset, length))
                .expectError(IllegalArgumentException.class)
                .verify(PATIENCE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    @Covers("Those beyond the limit wait their turn in order")
    default void receivesBeyondTheLimitWaitTheirTurnInOrder(int limit) {
        ConnectedPair pair = open(limitReceives(settings(), limit));
        RecordingCapsule capsule = RecordingCapsule.send(1, pattern(9, LARGE));
        ReceivedCommand command = pair.deliver(capsule);
        List<Integer> order = new CopyOnWriteArrayList<>();
        int parts = 11;
        int partLength = LARGE / parts;

        pair.runOnController(() -> {
            for (int part = 0; part < parts; part++) {
                int number = part;
                int start = part * partLength;
                int length = part == parts - 1 ? LARGE - start : partLength;
                command.receive(start, length).subscribe(bytes -> {
                    order.add(number);
                    BytePattern.verify(bytes, bytes.readerIndex(), length, 9, start);
                    bytes.release();
                });
            }
        });

        KitContext.eventually(() -> order.size() == parts);
        assertThat(order).isSorted();
        pair.succeed(command);
        pair.responses().next();
        assertThat(capsule.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(LARGE, null));
    }

    @Test
    default void theCommandMayBeReleasedOnceItsLastReceiveHasStarted() {
        ConnectedPair pair = open();
        ReceivedCommand command = pair.deliver(RecordingCapsule.send(1, pattern(9, LARGE)));
        List<ByteBuf> arrived = new CopyOnWriteArrayList<>();

        pair.runOnController(() -> {
            command.receive(0, LARGE).subscribe(arrived::add);
            command.release();
            command.release();
        });

        KitContext.eventually(() -> arrived.size() == 1);
        BytePattern.verify(arrived.get(0), arrived.get(0).readerIndex(), LARGE, 9, 0);
        arrived.get(0).release();
    }

    @Test
    default void aCancelledReceiveDropsItsData() {
        ConnectedPair pair = open();
        RecordingCapsule capsule = RecordingCapsule.send(1, pattern(9, LARGE));
        ReceivedCommand command = pair.deliver(capsule);
        List<ByteBuf> dropped = new CopyOnWriteArrayList<>();
        int half = LARGE / 2;

        pair.runOnController(() -> {
            Disposable first = command.receive(0, half).subscribe(dropped::add);
            first.dispose();
        });
        ByteBuf rest = ConnectedPair.get(command.receive(half, LARGE - half));

        BytePattern.verify(rest, rest.readerIndex(), LARGE - half, 9, half);
        rest.release();
        assertThat(dropped).isEmpty();
        pair.succeed(command);
        pair.responses().next();
        assertThat(capsule.transferEnd().error()).isNull();
    }

    @Test
    @Covers("In parts, for demand")
    default void partsAreFetchedForDemandAndOddPartsOfALargeTransferFit() {
        ConnectedPair pair = open();
        int length = (1 << 20) + 3;
        RecordingCapsule capsule = RecordingCapsule.send(1, pattern(11, length));
        ReceivedCommand command = pair.deliver(capsule);
        long[] position = {0};

        StepVerifier.create(command.receive(0, length, 65_521), 0)
                .expectSubscription()
                .thenRequest(1)
                .assertNext(part -> verifyPart(part, 65_521, position))
                .thenRequest(2)
                .assertNext(part -> verifyPart(part, 65_521, position))
                .assertNext(part -> verifyPart(part, 65_521, position))
                .thenCancel()
                .verify(PATIENCE);
        // The cancel may be ahead of the last look at a part, so the position is not that of the others.
        long[] others = {3 * 65_521L};
        Flux<ByteBuf> rest = command.receive(others[0], length - others[0], 17_011);
        rest.doOnNext(part -> verifyPart(part, part.readableBytes(), others)).blockLast(PATIENCE);

        assertThat(others[0]).isEqualTo(length);
        pair.succeed(command);
        pair.responses().next();
        assertThat(capsule.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(length, null));
    }

    private static void verifyPart(ByteBuf part, int length, long[] position) {
        assertThat(part.readableBytes()).isEqualTo(length);
        BytePattern.verify(part, part.readerIndex(), length, 11, position[0]);
        position[0] += length;
        part.release();
    }

    @Test
    default void aResponseEndsATransferThatWasNotFetched() {
        ConnectedPair pair = open();
        RecordingCapsule untouched = RecordingCapsule.send(1, pattern(1, LARGE));
        RecordingCapsule half = RecordingCapsule.send(2, pattern(2, LARGE));
        ReceivedCommand first = pair.deliver(untouched);
        pair.succeed(first);
        pair.responses().next();
        assertThat(untouched.awaitTransferEnd()).isEqualTo(regularEnd(0, LARGE, true));

        ReceivedCommand second = pair.deliver(half);
        ConnectedPair.get(second.receive(0, 50_000)).release();
        pair.succeed(second);
        pair.responses().next();

        assertThat(half.awaitTransferEnd()).isEqualTo(regularEnd(50_000, LARGE, true));
    }

    @Test
    default void dataMayBeAskedForTheMomentTheCommandArrives() {
        ConnectedPair pair = open();
        int count = 100;
        pair.serve(command -> {
            int commandId = command.entry().commandId();
            command.receive(0, (int) command.dataLength()).subscribe(bytes -> {
                BytePattern.verify(bytes, bytes.readerIndex(), bytes.readableBytes(), commandId, 0);
                bytes.release();
                pair.controller().submit(ResponseCapsule.of(commandId, 0, 0, 0, 0));
            });
        });
        List<RecordingCapsule> capsules = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            capsules.add(pair.submit(RecordingCapsule.send(id, pattern(id, 8193 + id))));
        }

        for (int i = 0; i < count; i++) {
            assertThat(pair.responses().next().isSuccess()).isTrue();
        }
        for (RecordingCapsule capsule : capsules) {
            capsule.awaitTransferEnd();
            assertThat(capsule.transferEnd().error()).isNull();
            assertThat(capsule.transferEnd().bytes()).isEqualTo(8193 + capsule.commandId());
            assertThat(capsule.events()).startsWith("encode", "transmitted");
        }
    }

    // Rows of the validation, in order of precedence.

    @Test
    default void validationRefusesAnythingButSgls() {
        validate(100, message -> message.setByte(SubmissionQueueEntry.FLAGS, 0), StatusCode.INVALID_FIELD);
        validate(100, message -> message.setByte(SubmissionQueueEntry.FLAGS, 0x80), StatusCode.INVALID_FIELD);
    }

    @Test
    default void validationRefusesInCapsuleDataOfAnotherLength() {
        validate(
                100,
                message -> message.setIntLE(SubmissionQueueEntry.SGL1 + SglDescriptor.DATA_LENGTH, 101),
                StatusCode.DATA_SGL_LENGTH_INVALID);
        validate(
                LARGE,
                message -> message.setByte(SubmissionQueueEntry.SGL1 + SglDescriptor.IDENTIFIER, 0x01),
                StatusCode.DATA_SGL_LENGTH_INVALID);
    }

    @Test
    default void validationRefusesInCapsuleDataThatIsDescribedAsTransported() {
        validate(
                100,
                message -> message.setByte(SubmissionQueueEntry.SGL1 + SglDescriptor.IDENTIFIER, 0x5A),
                StatusCode.INVALID_FIELD);
    }

    @Test
    default void validationRefusesOtherDescriptors() {
        for (int identifier : new int[] {0x00, 0x40, 0x4F, 0x10, 0x30, 0x50, 0xFF}) {
            validate(
                    LARGE,
                    message -> message.setByte(SubmissionQueueEntry.SGL1 + SglDescriptor.IDENTIFIER, identifier),
                    StatusCode.SGL_DESCRIPTOR_TYPE_INVALID);
        }
    }

    @Test
    default void validationRefusesAnOffset() {
        for (int length : new int[] {100, LARGE}) {
            validate(
                    length,
                    message -> message.setLongLE(SubmissionQueueEntry.SGL1, 1L << 63),
                    StatusCode.SGL_OFFSET_INVALID);
        }
    }

    private void validate(int length, Consumer<ByteBuf> alteration, StatusCode expected) {
        ConnectedPair pair = open();
        alter(pair.host(), alteration);
        ReceivedCommand command = pair.deliver(RecordingCapsule.send(1, pattern(1, length)));

        Status status = pair.onController(command::validate);

        assertThat(status.is(expected))
                .describedAs("%s is %s", status, expected)
                .isTrue();
        pair.succeed(command);
        pair.responses().next();
        ReceivedCommand next = pair.deliver(RecordingCapsule.send(1, pattern(1, length)));
        assertThat(pair.onController(() -> next.validate().isSuccess()))
                .describedAs("the connection stays")
                .isTrue();
        pair.succeed(next);
        pair.responses().next();
    }
}
