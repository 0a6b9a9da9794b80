package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.Covers;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.TransferException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

/** CapsuleCmd: the command and its in-capsule data. */
class CapsuleCmdTest {

    @Test
    @Covers("72 bytes of header with the submission queue entry; PSDT is forced to SGL, FUSE kept")
    void bytesWithoutData() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            host.submit(new Capsule(0x18, 0x1234));

            assertThat(EmbeddedPair.hex(host.sent()))
                    .isEqualTo("04004800" + "48000000" + "18403412" + "00".repeat(20) + "00".repeat(8) + "00000000"
                            + "0000005a" + "00".repeat(24));
        }
    }

    @Test
    @Covers({
        "Data begins at a multiple of the receiver's alignment, which need not be a power of two",
        "DDGST only where there is data"
    })
    void bytesWithInCapsuleDataDigestsAndPadding() {
        try (EmbeddedHost host = new EmbeddedHost(new Agreed(true, true, 4, 100, 0, 4096), Fragmentation.MESSAGES)) {
            Capsule capsule = Capsule.send(7, "123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            host.submit(capsule);

            byte[] sent = host.sent();
            assertThat(sent).hasSize(100 + 9 + 4);
            assertThat(EmbeddedPair.hex(java.util.Arrays.copyOf(sent, 72)))
                    .isEqualTo("04034864" + "71000000" + "01400700" + "00".repeat(20) + "00".repeat(8) + "09000000"
                            + "00000001" + "00".repeat(24));
            assertThat(java.util.Arrays.copyOfRange(sent, 76, 100)).containsOnly(0);
            assertThat(EmbeddedPair.hex(java.util.Arrays.copyOfRange(sent, 100, 113)))
                    .describedAs("data and the check value of CRC-32C")
                    .isEqualTo("313233343536373839" + "839206e3");
            assertThat(capsule.bytes).isEqualTo(9);
            assertThat(capsule.events).containsExactly("transmitted", "transferComplete");
        }
    }

    @Test
    @Covers("72 bytes of header with the submission queue entry; PSDT is forced to SGL, FUSE kept")
    void psdtIsForcedAndFuseIsKept() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            ByteBuf entry = EmbeddedPair.buffer(new byte[64]);
            entry.setByte(1, 0x82);
            CommandCapsule capsule = CommandCapsule.copyOf(entry, 0);
            entry.release();
            host.queuePair.submit(capsule);

            assertThat(host.sent()[9]).isEqualTo((byte) 0x42);
        }
    }

    @Test
    @Covers("Up to IOCCSZ × 16 − 64 bytes on I/O queues; more stays outside")
    void dataAboveTheLimitStaysOutside() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            byte[] atLimit = EmbeddedPair.pattern(8192);
            host.submit(Capsule.send(1, atLimit));
            host.expectSent(TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(atLimit));
            Capsule above = Capsule.send(2, EmbeddedPair.pattern(8193));
            host.submit(above);
            host.expectSent(TestPdu.capsuleCmd(0x01, 2, 8193));
            assertThat(above.isDone()).isFalse();
        }
    }

    @Test
    @Covers("Up to 8,192 bytes for Fabrics and admin commands")
    void fabricsCommandsAlwaysHaveRoomForTheirData() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES, 0)) {
            host.start();
            host.deliver(Agreed.PLAIN.icResp());
            host.sent();
            byte[] connectData = EmbeddedPair.pattern(1024);
            Capsule connect = new Capsule(0x7F, 1);
            connect.attachData(CommandCapsule.Transfer.SEND, EmbeddedPair.buffer(connectData), 1024);
            host.submit(connect);
            host.expectSent(TestPdu.capsuleCmd(0x7F, 1, 0).inCapsule(connectData));
            host.submit(Capsule.send(2, new byte[1]));
            host.expectSent(TestPdu.capsuleCmd(0x01, 2, 1));
        }
    }

    @Test
    void capsulesOfOneTurnWithoutPayloadLeaveInOneBuffer() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            for (int id = 0; id < 50; id++) {
                host.queuePair.submit(new Capsule(0x18, id));
            }
            assertThat(host.channel.outboundMessages()).isEmpty();
            host.channel.runPendingTasks();

            assertThat(host.channel.outboundMessages()).hasSize(1);
            assertThat(host.sent()).hasSize(50 * 72);
        }
    }

    @Test
    void largePayloadIsNotCopied() {
        int length = PduWriter.MOST_COPIED + 1;
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES, length)) {
            host.handshake();
            ByteBuf data = EmbeddedPair.buffer(EmbeddedPair.pattern(length));
            Capsule capsule = new Capsule(0x01, 1);
            capsule.attachData(CommandCapsule.Transfer.SEND, data, length);
            host.submit(capsule);

            ByteBuf header = host.channel.readOutbound();
            ByteBuf payload = host.channel.readOutbound();
            assertThat(payload.memoryAddress()).isEqualTo(data.memoryAddress());
            header.release();
            payload.release();
        }
    }

    @Test
    void aFullConnectionKeepsCapsulesUnconvertedAndTheyCanBeWithdrawn() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            host.channel.config().setWriteBufferWaterMark(new io.netty.channel.WriteBufferWaterMark(1000, 2000));
            host.channel.stall(true);
            Capsule first = Capsule.send(1, new byte[4096]);
            Capsule second = Capsule.send(2, new byte[4096]);
            Capsule third = new Capsule(0x18, 3);
            host.submit(first);
            host.submit(second);
            host.submit(third);
            assertThat(first.events).containsExactly("transmitted");
            assertThat(second.events).isEmpty();

            assertThat(host.queuePair.withdraw(second)).isTrue();
            assertThat(host.queuePair.withdraw(second)).isFalse();
            assertThat(host.queuePair.withdraw(first)).isFalse();
            assertThat(second.error.kind()).isEqualTo(TransferException.Kind.ABORTED);
            host.channel.stall(false);

            host.expectSent(TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(new byte[4096]), TestPdu.capsuleCmd(0x18, 3, 0));
            assertThat(first.bytes).isEqualTo(4096);
            assertThat(first.error).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("A PDU may arrive in any number of pieces")
    void isReceivedInWhateverPieces(Fragmentation fragmentation) {
        for (Agreed agreed : new Agreed[] {Agreed.PLAIN, Agreed.DIGESTS, new Agreed(true, true, 4, 20, 0, 4096)}) {
            try (EmbeddedController controller = new EmbeddedController(agreed, fragmentation)) {
                byte[] data = EmbeddedPair.pattern(1000);
                controller.receive(
                        TestPdu.capsuleCmd(0x18, 1, 0),
                        TestPdu.capsuleCmd(0x01, 2, 0).inCapsule(data),
                        TestPdu.capsuleCmd(0x02, 0xFFFE, 4096));

                assertThat(controller.end()).isNull();
                assertThat(controller.commands).hasSize(3).allSatisfy(command -> {
                    assertThat(command.validate().isSuccess()).isTrue();
                });
                assertThat(controller.commands.get(2).entry().commandId()).isEqualTo(0xFFFE);
                assertThat(controller.commands.get(2).dataLength()).isEqualTo(4096);
                ByteBuf received = controller.commands.get(1).receive(0, 1000).block();
                assertThat(EmbeddedPair.hex(io.netty.buffer.ByteBufUtil.getBytes(received)))
                        .isEqualTo(EmbeddedPair.hex(data));
                received.release();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("The same in a capsule and in H2CData, at the controller")
    void damagedInCapsuleDataFailsTheCommandNotTheQueue(Fragmentation fragmentation) {
        try (EmbeddedController controller = new EmbeddedController(Agreed.DIGESTS, fragmentation)) {
            controller.receive(
                    TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(new byte[512]).damageData(),
                    TestPdu.capsuleCmd(0x01, 2, 0).inCapsule(new byte[512]));

            assertThat(controller.end()).isNull();
            ReceivedCommand damaged = controller.commands.get(0);
            assertThat(damaged.validate().is(StatusCode.TRANSIENT_TRANSPORT_ERROR))
                    .isTrue();
            assertThat(damaged.validate().doNotRetry()).isFalse();
            StepVerifier.create(damaged.receive(0, 512))
                    .expectErrorSatisfies(error ->
                            assertThat(((TransferException) error).kind()).isEqualTo(TransferException.Kind.INTEGRITY))
                    .verify();
            assertThat(controller.commands.get(1).validate().isSuccess()).isTrue();
        }
    }

    @Test
    @Covers("A controller refuses more than its limit before the data comes")
    void tooMuchInCapsuleDataIsRefusedBeforeItComes() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            controller.queuePair.configure(new ControllerQueuePairParameters(false, 32, true, 4096));
            controller.receive(TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(new byte[4096]));
            assertThat(controller.commands).hasSize(1);
            TestPdu huge = TestPdu.capsuleCmd(0x01, 2, 0).pdo(72).plen(0xFFFFFFFFL);

            controller.receive(huge);

            controller.expectViolation(0x03, 5, 0, huge.header());
        }
    }

    @Test
    @Covers(
            "A command capsule is refused, with DNR, for PSDT, then for the length of in-capsule data, in-capsule data that is not announced or the type, then for the offset; the first fault gives the status. A read that announces in-capsule data has the wrong length, since none came")
    void rowsOfTheValidation() {
        row(TestPdu.capsuleCmd(0x01, 1, 4096).u8(9, 0x00), StatusCode.INVALID_FIELD);
        row(TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(new byte[8]).u32(40, 9), StatusCode.DATA_SGL_LENGTH_INVALID);
        row(TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(new byte[8]).u8(47, 0x5A), StatusCode.INVALID_FIELD);
        row(TestPdu.capsuleCmd(0x01, 1, 4096).u8(47, 0x40), StatusCode.SGL_DESCRIPTOR_TYPE_INVALID);
        row(TestPdu.capsuleCmd(0x01, 1, 4096).u32(32, 1), StatusCode.SGL_OFFSET_INVALID);
        row(TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(new byte[8]).u32(36, 0x80000000L), StatusCode.SGL_OFFSET_INVALID);
    }

    @Test
    @Covers(
            "A command capsule is refused, with DNR, for PSDT, then for the length of in-capsule data, in-capsule data that is not announced or the type, then for the offset; the first fault gives the status. A read that announces in-capsule data has the wrong length, since none came")
    void theFirstOfSeveralFaultsGivesTheStatus() {
        // PSDT before everything else
        row(TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(new byte[8]).u8(9, 0).u32(40, 9), StatusCode.INVALID_FIELD);
        row(TestPdu.capsuleCmd(0x01, 1, 4096).u8(9, 0x80).u8(47, 0x40), StatusCode.INVALID_FIELD);
        row(TestPdu.capsuleCmd(0x01, 1, 4096).u8(9, 0xC0).u32(32, 1), StatusCode.INVALID_FIELD);
        // data before the offset
        row(
                TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(new byte[8]).u32(40, 9).u32(32, 1),
                StatusCode.DATA_SGL_LENGTH_INVALID);
        row(TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(new byte[8]).u8(47, 0x5A).u32(32, 1), StatusCode.INVALID_FIELD);
        // the type before the offset, and before what data came along
        row(TestPdu.capsuleCmd(0x01, 1, 4096).u8(47, 0x40).u32(32, 1), StatusCode.SGL_DESCRIPTOR_TYPE_INVALID);
        row(
                TestPdu.capsuleCmd(0x01, 1, 0)
                        .inCapsule(new byte[8])
                        .u8(47, 0x00)
                        .u32(40, 9),
                StatusCode.SGL_DESCRIPTOR_TYPE_INVALID);
        // what would move the other way is the command's affair: the transport sees in-capsule data that is not there
        row(TestPdu.capsuleCmd(0x02, 1, 4096).u8(47, 0x01), StatusCode.DATA_SGL_LENGTH_INVALID);
    }

    @Test
    void damagedDataIsOnlySaidOfACapsuleThatIsRightOtherwise() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.DIGESTS, Fragmentation.MESSAGES)) {
            controller.receive(TestPdu.capsuleCmd(0x01, 1, 0)
                    .inCapsule(new byte[512])
                    .u32(40, 511)
                    .damageData());

            assertThat(controller.commands.get(0).validate())
                    .isEqualTo(Status.of(StatusCode.DATA_SGL_LENGTH_INVALID, true));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x01, 0x10, 0x20, 0x30, 0x40, 0x4F, 0x5A, 0xF0, 0xFF})
    @Covers(
            "TrueNAS's client sends an SGL of zeros with commands that have no data: with length 0, and none in the capsule, type and address are not looked at. Strict: 0/11h")
    void withoutDataThereIsNothingToDescribe(int type) {
        for (int opcode : new int[] {0x00, 0x0C, 0x18, 0x7F}) {
            lenient(TestPdu.capsuleCmd(opcode, 1, 0).u8(47, type).u32(32, 0x1234_5678L), null);
        }
        if (type != 0x01 && type != 0x5A) {
            row(TestPdu.capsuleCmd(0x18, 1, 0).u8(47, type), StatusCode.SGL_DESCRIPTOR_TYPE_INVALID);
        }
        lenient(TestPdu.capsuleCmd(0x18, 1, 0).u8(47, type).u8(9, 0), StatusCode.INVALID_FIELD);
    }

    @Test
    @Covers(
            "SPDK's fuzzer and others leave bytes in the address of a transport data block, which is reserved: ignored. Strict: 0/16h")
    void whatHasNoInfluenceOnTheTransferIsLeftOut() {
        lenient(TestPdu.capsuleCmd(0x01, 1, 4096).u32(32, 1).u32(36, 0xFFFFFFFFL), null);
        lenient(TestPdu.capsuleCmd(0x01, 1, 4096).u8(47, 0x40), StatusCode.SGL_DESCRIPTOR_TYPE_INVALID);
        lenient(TestPdu.capsuleCmd(0x01, 1, 4096).u8(47, 0x00), StatusCode.SGL_DESCRIPTOR_TYPE_INVALID);
        lenient(TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(new byte[8]).u32(32, 4), StatusCode.SGL_OFFSET_INVALID);
        lenient(TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(new byte[8]).u32(40, 0), StatusCode.DATA_SGL_LENGTH_INVALID);
        lenient(
                TestPdu.capsuleCmd(0x01, 1, 0)
                        .inCapsule(new byte[8])
                        .u8(47, 0x5A)
                        .u32(40, 0),
                StatusCode.INVALID_FIELD);
        lenient(
                TestPdu.capsuleCmd(0x01, 1, 0)
                        .inCapsule(new byte[8])
                        .u8(47, 0x00)
                        .u32(40, 0),
                StatusCode.SGL_DESCRIPTOR_TYPE_INVALID);
    }

    /** By every word of the specification. */
    private static void row(TestPdu pdu, StatusCode expected) {
        validate(pdu, true, Status.of(expected, true));
    }

    /** As hosts fill it; null for success. */
    private static void lenient(TestPdu pdu, @Nullable StatusCode expected) {
        validate(pdu, false, expected == null ? Status.SUCCESS : Status.of(expected, true));
    }

    private static void validate(TestPdu pdu, boolean strict, Status expected) {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            controller.receive(pdu);
            ReceivedCommand command = controller.commands.get(0);
            assertThat(command.validate(strict)).isEqualTo(expected);
            if (strict) {
                assertThat(command.validate()).isEqualTo(expected);
            }
        }
    }
}
