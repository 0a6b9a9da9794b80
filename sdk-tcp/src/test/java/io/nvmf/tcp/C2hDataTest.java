package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.spec.StatusCode;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SendOutcome;
import io.nvmf.transport.TransferException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** C2HData: data from controller to host, its order, its end and its damage. */
class C2hDataTest {

    @Test
    @Covers("SUCCESS instead of a response only without SQ flow control")
    void bytes() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            ReceivedCommand command = controller.command(0x02, 0x1234, 6);

            assertThat(command.send(0, EmbeddedPair.buffer(new byte[] {1, 2, 3, 4})))
                    .isEqualTo(SendOutcome.MORE);
            assertThat(command.send(4, EmbeddedPair.buffer(new byte[] {5, 6}))).isEqualTo(SendOutcome.COMPLETE);

            assertThat(EmbeddedPair.hex(controller.sent()))
                    .isEqualTo("07001818" + "1c000000" + "3412" + "0000" + "00000000" + "04000000" + "00000000"
                            + "01020304"
                            + "07041818" + "1a000000" + "3412" + "0000" + "04000000" + "02000000" + "00000000"
                            + "0506");
        }
    }

    @Test
    @Covers("Data in order, LAST on the final PDU only")
    void dataIsSplitAndOnlyTheLastPduSaysSo() {
        Agreed agreed = new Agreed(true, true, 12, 4, 0, 4096);
        for (boolean flowControl : new boolean[] {true, false}) {
            try (EmbeddedController controller = new EmbeddedController(agreed, Fragmentation.MESSAGES)) {
                controller.queuePair.configure(new ControllerQueuePairParameters(false, 32, flowControl, 0));
                ReceivedCommand command = controller.command(0x02, 3, 10_000);
                byte[] data = EmbeddedPair.pattern(10_000);

                SendOutcome outcome = command.send(0, EmbeddedPair.buffer(data));
                controller.queuePair.submit(ResponseCapsule.of(9, 0, 0, 0, 0));

                assertThat(outcome).isEqualTo(flowControl ? SendOutcome.COMPLETE : SendOutcome.COMPLETE_SUCCESS_SENT);
                controller.expectSent(
                        TestPdu.c2hData(3, 0, Arrays.copyOf(data, 4096), 0),
                        TestPdu.c2hData(3, 4096, Arrays.copyOfRange(data, 4096, 8192), 0),
                        TestPdu.c2hData(
                                3,
                                8192,
                                Arrays.copyOfRange(data, 8192, 10_000),
                                flowControl ? TestPdu.LAST : TestPdu.LAST | TestPdu.SUCCESS),
                        TestPdu.capsuleResp(9, 0));
            }
        }
    }

    @Test
    void partsOutOfOrderOrRangeAreRefusedAndConsumed() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            ReceivedCommand command = controller.command(0x02, 3, 0xFFFFFFFFL);
            assertThat(command.send(0, EmbeddedPair.buffer(new byte[10]))).isEqualTo(SendOutcome.MORE);
            controller.sent();
            for (long offset : new long[] {0, 9, 11, 0xFFFFFFFFL, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
                io.netty.buffer.ByteBuf data = EmbeddedPair.buffer(new byte[10]);
                assertThat(command.send(offset, data))
                        .isInstanceOfSatisfying(
                                SendOutcome.Rejected.class,
                                rejected -> assertThat(rejected.status().is(StatusCode.INVALID_FIELD))
                                        .isTrue());
                assertThat(data.refCnt()).isZero();
            }
            controller.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("A PDU may arrive in any number of pieces")
    void dataGoesToItsPlaceInWhateverPieces(Fragmentation fragmentation) {
        for (Agreed agreed : new Agreed[] {Agreed.PLAIN, Agreed.DIGESTS, new Agreed(true, true, 100, 4, 0, 4096)}) {
            try (EmbeddedHost host = new EmbeddedHost(agreed, fragmentation)) {
                Capsule first = host.reading(1, 1000);
                Capsule second = host.reading(2, 7);
                byte[] data = EmbeddedPair.pattern(1000);

                host.receive(
                        TestPdu.c2hData(1, 0, Arrays.copyOf(data, 1), 0),
                        TestPdu.c2hData(2, 0, Arrays.copyOf(data, 7), TestPdu.LAST | TestPdu.SUCCESS),
                        TestPdu.c2hData(1, 1, Arrays.copyOfRange(data, 1, 900), 0),
                        TestPdu.c2hData(1, 900, Arrays.copyOfRange(data, 900, 1000), TestPdu.LAST),
                        TestPdu.capsuleResp(1, 0));

                assertThat(host.end()).isNull();
                assertThat(first.bytes).isEqualTo(1000);
                assertThat(first.error).isNull();
                assertThat(first.received).isEqualTo(data);
                assertThat(second.received).isEqualTo(Arrays.copyOf(data, 7));
                assertThat(host.responses)
                        .extracting(ResponseCapsule::commandId)
                        .containsExactly(2, 1);
                assertThat(host.responses.get(0).sqHeadValid()).isFalse();
                assertThat(host.responses.get(0).isSuccess()).isTrue();
            }
        }
    }

    static Stream<Arguments> violations() {
        byte[] ten = EmbeddedPair.pattern(10);
        return Stream.of(
                Arguments.of("unknown command", TestPdu.c2hData(99, 0, ten, 0), 1, 8),
                Arguments.of("command beyond any", TestPdu.c2hData(0xFFFF, 0, ten, 0), 1, 8),
                Arguments.of("command that sends", TestPdu.c2hData(2, 0, ten, 0), 1, 8),
                Arguments.of("DATAL too small", TestPdu.c2hData(1, 0, ten, 0).u32(16, 9), 1, 16),
                Arguments.of("DATAL too large", TestPdu.c2hData(1, 0, ten, 0).u32(16, 11), 1, 16),
                Arguments.of(
                        "DATAL before range", TestPdu.c2hData(1, 99, ten, 0).u32(16, 11), 1, 16),
                Arguments.of("no data", TestPdu.c2hData(1, 0, new byte[0], 0), 1, 16),
                Arguments.of("no data but LAST", TestPdu.c2hData(1, 0, new byte[0], TestPdu.LAST), 1, 16),
                Arguments.of("beyond the end", TestPdu.c2hData(1, 91, ten, 0), 4, 0),
                Arguments.of("end wraps in 32 bits", TestPdu.c2hData(1, 0xFFFFFFFFL, ten, 0), 4, 0),
                Arguments.of("more than expected", TestPdu.c2hData(1, 0, new byte[101], TestPdu.LAST), 4, 0),
                Arguments.of("gap", TestPdu.c2hData(1, 1, ten, 0), 2, 0),
                Arguments.of("LAST too early", TestPdu.c2hData(1, 0, ten, TestPdu.LAST), 2, 0),
                Arguments.of("no LAST at the end", TestPdu.c2hData(1, 0, EmbeddedPair.pattern(100), 0), 2, 0));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("violations")
    @Covers("CCCID, DATAL (never 0), range, order and LAST of what the host gets are checked")
    void violationsAreAnswered(String name, TestPdu pdu, int fes, long fei) {
        for (Fragmentation fragmentation : Fragmentation.values()) {
            try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, fragmentation)) {
                Capsule read = host.reading(1, 100);
                Capsule write = host.writing(2, 10_000);

                host.receive(pdu);

                host.expectViolation(0x02, fes, fei, pdu.header());
                assertThat(read.error.kind()).isEqualTo(TransferException.Kind.ABORTED);
                assertThat(write.error.kind()).isEqualTo(TransferException.Kind.ABORTED);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("A wrong data digest fails the command and not the connection, also when other PDUs of the transfer follow")
    void damageFailsTheTransferAtItsEndAndNothingElse(Fragmentation fragmentation) {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.DIGESTS, fragmentation)) {
            Capsule read = host.reading(1, 100);
            Capsule other = host.reading(2, 10);

            host.receive(TestPdu.c2hData(1, 0, EmbeddedPair.pattern(50), 0).damageData());
            assertThat(read.isDone()).describedAs("more data is on its way").isFalse();
            host.receive(
                    TestPdu.c2hData(1, 50, EmbeddedPair.pattern(50, 50), TestPdu.LAST),
                    TestPdu.capsuleResp(1, 0),
                    TestPdu.c2hData(2, 0, EmbeddedPair.pattern(10), TestPdu.LAST),
                    TestPdu.capsuleResp(2, 0));

            assertThat(host.end()).isNull();
            assertThat(read.error.kind()).isEqualTo(TransferException.Kind.INTEGRITY);
            assertThat(other.error).isNull();
            assertThat(host.responses).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("The same together with SUCCESS: the command still completes")
    void damageWithSuccessStillBringsTheResponse(Fragmentation fragmentation) {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.DIGESTS, fragmentation)) {
            Capsule read = host.reading(1, 100);

            host.receive(TestPdu.c2hData(1, 0, EmbeddedPair.pattern(100), TestPdu.LAST | TestPdu.SUCCESS)
                    .damageData());

            assertThat(host.end()).isNull();
            assertThat(read.error.kind()).isEqualTo(TransferException.Kind.INTEGRITY);
            assertThat(host.responses).hasSize(1);
            assertThat(host.responses.get(0).commandId()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anIdentifierIsUsedAgainAndAgain(Fragmentation fragmentation) {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, fragmentation)) {
            for (int i = 1; i < 20; i++) {
                Capsule read = host.reading(1, i);
                host.receive(
                        TestPdu.c2hData(1, 0, EmbeddedPair.pattern(i, i), TestPdu.LAST), TestPdu.capsuleResp(1, 0));
                assertThat(read.received).isEqualTo(EmbeddedPair.pattern(i, i));
            }
            assertThat(host.responses).hasSize(19);
        }
    }
}
