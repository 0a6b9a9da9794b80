package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.TransferException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** H2CData: the answer to an R2T. */
class H2cDataTest {

    @Test
    void bytes() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            host.writing(0x1234, 10_000);
            host.receive(TestPdu.r2t(0x1234, 0xBEEF, 0, 4));

            assertThat(EmbeddedPair.hex(host.sent()))
                    .isEqualTo("06041818" + "1c000000" + "3412" + "efbe" + "00000000" + "04000000" + "00000000"
                            + EmbeddedPair.hex(EmbeddedPair.pattern(4)));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("An R2T is answered completely, in order, in PDUs of at most MAXH2CDATA, LAST on the final one")
    void severalR2tsAreAnsweredInPiecesOfMaxH2CData(Fragmentation fragmentation) {
        for (int alignment : new int[] {4, 12, 20, 100, 128}) {
            Agreed agreed = new Agreed(true, true, 4, alignment, 3, 4096);
            try (EmbeddedHost host = new EmbeddedHost(agreed, fragmentation)) {
                byte[] data = EmbeddedPair.pattern(20_001);
                Capsule write = host.writing(1, 20_001);

                host.receive(TestPdu.r2t(1, 5, 0, 9000), TestPdu.r2t(1, 6, 9000, 11_001));

                host.expectSent(
                        TestPdu.h2cData(1, 5, 0, Arrays.copyOf(data, 4096), 0),
                        TestPdu.h2cData(1, 5, 4096, Arrays.copyOfRange(data, 4096, 8192), 0),
                        TestPdu.h2cData(1, 5, 8192, Arrays.copyOfRange(data, 8192, 9000), TestPdu.LAST),
                        TestPdu.h2cData(1, 6, 9000, Arrays.copyOfRange(data, 9000, 13_096), 0),
                        TestPdu.h2cData(1, 6, 13_096, Arrays.copyOfRange(data, 13_096, 17_192), 0),
                        TestPdu.h2cData(1, 6, 17_192, Arrays.copyOfRange(data, 17_192, 20_001), TestPdu.LAST));
                assertThat(write.bytes).isEqualTo(20_001);
                assertThat(write.error).isNull();
            }
        }
    }

    @Test
    void dataGoesBeforeCapsulesNotConvertedYetAndNotBeyondWhatTheConnectionTakes() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.COALESCED)) {
            Capsule write = host.writing(1, 20_000);
            host.channel.config().setWriteBufferWaterMark(new io.netty.channel.WriteBufferWaterMark(1000, 6000));
            host.channel.stall(true);
            host.receive(TestPdu.r2t(1, 5, 0, 20_000));
            Capsule later = new Capsule(0x18, 2);
            host.submit(later);
            assertThat(host.channel.unsafe().outboundBuffer().totalPendingWriteBytes())
                    .isLessThan(10_000);
            assertThat(later.events).isEmpty();
            assertThat(write.isDone()).isFalse();

            host.channel.stall(false);
            byte[] sent = host.sent();

            assertThat(sent).hasSize(5 * 24 + 20_000 + 72);
            assertThat(sent[sent.length - 72]).isEqualTo((byte) 0x04);
            assertThat(write.bytes).isEqualTo(20_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("A PDU may arrive in any number of pieces")
    void isReceivedInWhateverPieces(Fragmentation fragmentation) {
        for (int alignment : new int[] {4, 12, 20, 100, 128}) {
            Agreed agreed = new Agreed(true, true, 4, alignment, 3, 4096);
            try (EmbeddedController controller = new EmbeddedController(agreed, fragmentation)) {
                ReceivedCommand command = controller.command(0x01, 1, 6000);
                byte[] data = EmbeddedPair.pattern(6000);
                List<byte[]> arrived = new ArrayList<>();
                command.receive(0, 5000).subscribe(bytes -> {
                    arrived.add(ByteBufUtil.getBytes(bytes));
                    bytes.release();
                });
                command.receive(5000, 1000).subscribe(bytes -> {
                    arrived.add(ByteBufUtil.getBytes(bytes));
                    bytes.release();
                });
                controller.sent();

                controller.receive(
                        TestPdu.h2cData(1, 1, 0, Arrays.copyOf(data, 4096), 0),
                        TestPdu.h2cData(1, 2, 5000, Arrays.copyOfRange(data, 5000, 6000), TestPdu.LAST),
                        TestPdu.h2cData(1, 1, 4096, Arrays.copyOfRange(data, 4096, 5000), TestPdu.LAST));

                assertThat(controller.end()).isNull();
                assertThat(arrived).hasSize(2);
                assertThat(arrived.get(0)).isEqualTo(Arrays.copyOfRange(data, 5000, 6000));
                assertThat(arrived.get(1)).isEqualTo(Arrays.copyOf(data, 5000));
            }
        }
    }

    static Stream<Arguments> violations() {
        byte[] ten = EmbeddedPair.pattern(10);
        return Stream.of(
                Arguments.of("more than MAXH2CDATA", TestPdu.h2cData(1, 1, 0, new byte[4100], 0), 5, 0),
                Arguments.of("MAXH2CDATA before the tag", TestPdu.h2cData(1, 0, 0, new byte[4100], 0), 5, 0),
                Arguments.of("tag 0", TestPdu.h2cData(1, 0, 0, ten, 0), 1, 10),
                Arguments.of("tag not in use", TestPdu.h2cData(1, 2, 0, ten, 0), 1, 10),
                Arguments.of("tag beyond any", TestPdu.h2cData(1, 0xFFFF, 0, ten, 0), 1, 10),
                Arguments.of("tag of another command", TestPdu.h2cData(2, 1, 0, ten, 0), 1, 8),
                Arguments.of(
                        "DATAL too small", TestPdu.h2cData(1, 1, 100, ten, 0).u32(16, 9), 1, 16),
                Arguments.of(
                        "DATAL too large", TestPdu.h2cData(1, 1, 100, ten, 0).u32(16, 11), 1, 16),
                Arguments.of("no data", TestPdu.h2cData(1, 1, 100, new byte[0], 0), 1, 16),
                Arguments.of(
                        "no data, but a place for it",
                        TestPdu.h2cData(1, 1, 100, new byte[0], 0).pdo(24),
                        1,
                        16),
                Arguments.of("before the range", TestPdu.h2cData(1, 1, 99, ten, 0), 4, 0),
                Arguments.of("beyond the range", TestPdu.h2cData(1, 1, 291, ten, 0), 4, 0),
                Arguments.of("end wraps in 32 bits", TestPdu.h2cData(1, 1, 0xFFFFFFFFL, ten, 0), 4, 0),
                Arguments.of("gap", TestPdu.h2cData(1, 1, 101, ten, 0), 2, 0),
                Arguments.of("LAST too early", TestPdu.h2cData(1, 1, 100, ten, TestPdu.LAST), 2, 0),
                Arguments.of("no LAST at the end", TestPdu.h2cData(1, 1, 100, new byte[200], 0), 2, 0));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("violations")
    @Covers("MAXH2CDATA, tag, CCCID, DATAL (not 0 either), range, order and LAST are checked")
    void violationsAreAnswered(String name, TestPdu pdu, int fes, long fei) {
        for (Fragmentation fragmentation : Fragmentation.values()) {
            try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, fragmentation)) {
                List<Throwable> errors = new ArrayList<>();
                controller.command(0x01, 1, 1000).receive(100, 200).subscribe(ByteBuf::release, errors::add);
                controller.expectSent(TestPdu.r2t(1, 1, 100, 200));

                controller.receive(pdu);

                controller.expectViolation(0x03, fes, fei, pdu.header());
                assertThat(errors)
                        .singleElement()
                        .isInstanceOfSatisfying(
                                TransferException.class,
                                error -> assertThat(error.kind()).isEqualTo(TransferException.Kind.ABORTED));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("The same in a capsule and in H2CData, at the controller")
    void damageFailsTheReceiveAtItsEndAndTheTagIsDrainedFirst(Fragmentation fragmentation) {
        try (EmbeddedController controller = new EmbeddedController(Agreed.DIGESTS, fragmentation)) {
            ReceivedCommand command = controller.command(0x01, 1, 200);
            List<Throwable> errors = new ArrayList<>();
            List<ByteBuf> arrived = new ArrayList<>();
            command.receive(0, 100).subscribe(ByteBuf::release, errors::add);
            command.receive(100, 100).subscribe(arrived::add);
            controller.expectSent(TestPdu.r2t(1, 1, 0, 100));

            controller.receive(TestPdu.h2cData(1, 1, 0, new byte[50], 0).damageData());
            assertThat(errors).isEmpty();
            controller.expectNothing();
            controller.receive(TestPdu.h2cData(1, 1, 50, new byte[50], TestPdu.LAST));

            assertThat(errors)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            TransferException.class,
                            error -> assertThat(error.kind()).isEqualTo(TransferException.Kind.INTEGRITY));
            controller.expectSent(TestPdu.r2t(1, 1, 100, 100));
            controller.receive(TestPdu.h2cData(1, 1, 100, new byte[100], TestPdu.LAST));
            assertThat(arrived).hasSize(1);
            arrived.get(0).release();
            assertThat(controller.end()).isNull();
        }
    }

    @Test
    void cancellingInTheMiddleOfAPduDropsTheRest() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            reactor.core.Disposable receive =
                    controller.command(0x01, 1, 100).receive(0, 100).subscribe();
            controller.expectSent(TestPdu.r2t(1, 1, 0, 100));
            byte[] pdu = TestPdu.h2cData(1, 1, 0, new byte[100], TestPdu.LAST).bytes();
            controller.channel.writeInbound(EmbeddedPair.buffer(Arrays.copyOf(pdu, 60)));

            receive.dispose();
            controller.channel.writeInbound(EmbeddedPair.buffer(Arrays.copyOfRange(pdu, 60, pdu.length)));
            controller.receive(TestPdu.capsuleCmd(0x18, 2, 0));

            assertThat(controller.commands).hasSize(2);
        }
    }
}
