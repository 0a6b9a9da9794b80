package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransferException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** CapsuleResp: the response and what it ends. */
class CapsuleRespTest {

    private static final ResponseCapsule RESPONSE = ResponseCapsule.of(0x1234, 0x4005, 0xCAFEBABE, 0x01020304, 0xABCD);

    @Test
    void bytes() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            controller.queuePair.submit(RESPONSE);

            assertThat(EmbeddedPair.hex(controller.sent()))
                    .isEqualTo("05001800" + "18000000" + "bebafeca" + "04030201" + "cdab" + "0000" + "3412" + "0440");
        }
    }

    @Test
    @Covers("HDGST on every PDU but ICReq, ICResp and termination requests, behind the header")
    void bytesWithHeaderDigest() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.DIGESTS, Fragmentation.MESSAGES)) {
            controller.queuePair.submit(RESPONSE);

            byte[] sent = controller.sent();
            assertThat(EmbeddedPair.hex(sent)).startsWith("05011800" + "1c000000");
            assertThat(sent).hasSize(28);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("A PDU may arrive in any number of pieces")
    void isReceivedInWhateverPieces(Fragmentation fragmentation) {
        for (Agreed agreed : new Agreed[] {Agreed.PLAIN, Agreed.DIGESTS}) {
            try (EmbeddedHost host = new EmbeddedHost(agreed, fragmentation)) {
                host.receive(
                        TestPdu.capsuleResp(1, 0).u32(8, 0xCAFEBABEL),
                        TestPdu.capsuleResp(2, 0x8283),
                        TestPdu.capsuleResp(3, 0));

                assertThat(host.end()).isNull();
                assertThat(host.responses)
                        .extracting(ResponseCapsule::commandId)
                        .containsExactly(1, 2, 3);
                assertThat(host.responses.get(0).dw0()).isEqualTo(0xCAFEBABE);
                assertThat(host.responses.get(0).sqHeadValid()).isTrue();
                assertThat(host.responses.get(1).statusField()).isEqualTo(0x8282);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("A response before all data has moved ends the transfer")
    void endsAReadThatIsHalfDoneBeforeItIsDelivered(Fragmentation fragmentation) {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, fragmentation)) {
            Capsule read = host.reading(5, 100);
            int[] responsesAtEnd = {-1};
            read.whenComplete = () -> responsesAtEnd[0] = host.responses.size();

            host.receive(TestPdu.c2hData(5, 0, EmbeddedPair.pattern(60), 0), TestPdu.capsuleResp(5, 8));

            assertThat(read.bytes).isEqualTo(60);
            assertThat(read.error).isNull();
            assertThat(responsesAtEnd[0]).isZero();
            assertThat(host.responses).hasSize(1);
            TestPdu late = TestPdu.c2hData(5, 60, EmbeddedPair.pattern(60, 40), TestPdu.LAST);
            host.receive(late);
            host.expectViolation(0x02, 1, 8, late.header());
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsAReadWhoseDataWasDamagedAsSuch(Fragmentation fragmentation) {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.DIGESTS, fragmentation)) {
            Capsule read = host.reading(5, 100);

            host.receive(TestPdu.c2hData(5, 0, EmbeddedPair.pattern(60), 0).damageData(), TestPdu.capsuleResp(5, 0));

            assertThat(read.error.kind()).isEqualTo(TransferException.Kind.INTEGRITY);
            assertThat(host.responses).hasSize(1);
        }
    }

    @Test
    void endsAWriteOnlyWhenWhatWasGivenToTheConnectionIsOut() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN.withMaxR2t(3), Fragmentation.MESSAGES)) {
            Capsule write = host.writing(5, 20_000);
            host.receive(TestPdu.r2t(5, 1, 0, 4000));
            host.sent();
            host.channel.stall(true);
            host.receive(TestPdu.r2t(5, 2, 4000, 4096), TestPdu.capsuleResp(5, 8));

            assertThat(host.responses).hasSize(1);
            assertThat(write.isDone())
                    .describedAs("its memory is still being sent")
                    .isFalse();
            host.channel.stall(false);

            assertThat(write.bytes).isEqualTo(8096);
            assertThat(write.error).isNull();
            assertThat(host.sent()).hasSize(24 + 4096);
        }
    }

    @Test
    @Covers("A response before all data has moved ends the transfer")
    void dropsR2tsNotAnsweredYet() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN.withMaxR2t(3), Fragmentation.COALESCED)) {
            Capsule write = host.writing(5, 20_000);

            host.receive(TestPdu.r2t(5, 1, 0, 4000), TestPdu.capsuleResp(5, 8));

            host.expectNothing();
            assertThat(write.bytes).isZero();
            Capsule again = host.writing(5, 10_000);
            host.receive(TestPdu.r2t(5, 1, 0, 100));
            host.expectSent(TestPdu.h2cData(5, 1, 0, EmbeddedPair.pattern(100), TestPdu.LAST));
            assertThat(again.isDone()).isFalse();
        }
    }

    @Test
    void aFloodThatNobodyAskedForEndsTheConnection() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES, 0)) {
            host.start();
            host.deliver(Agreed.PLAIN.icResp());
            TestPdu[] flood = new TestPdu[400];
            java.util.Arrays.setAll(flood, id -> TestPdu.capsuleResp(id, 0));

            host.deliver(flood);

            assertThat(host.end())
                    .isInstanceOfSatisfying(
                            io.nvmf.transport.Termination.ProtocolError.class,
                            error -> assertThat(error.fatalErrorStatus()).isEqualTo(2));
        }
    }
}
