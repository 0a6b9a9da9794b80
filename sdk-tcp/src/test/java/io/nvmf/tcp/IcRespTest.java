package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.Covers;
import io.nvmf.transport.Termination;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** ICResp: what a controller answers, and what a host makes of it. */
class IcRespTest {

    @Test
    @Covers("The controller answers ICResp with the digests it was asked for and MAXH2CDATA of at least 4,096")
    void bytesOfTheResponse() {
        Agreed agreed = new Agreed(true, true, 4, 100, 0, 0x20000);
        try (EmbeddedController controller = new EmbeddedController(agreed, Fragmentation.MESSAGES, true)) {
            controller.start();
            controller.expectNothing();
            controller.deliver(agreed.icReq());

            assertThat(EmbeddedPair.hex(controller.sent()))
                    .isEqualTo("01" + "00" + "80" + "00" + "80000000" + "0000" + "18" + "03" + "00000200"
                            + "00".repeat(112));
        }
    }

    @Test
    @Covers("The controller answers ICResp with the digests it was asked for and MAXH2CDATA of at least 4,096")
    void digestsAreGrantedAsAsked() {
        for (int asked = 0; asked < 4; asked++) {
            try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES, true)) {
                controller.start();
                controller.deliver(TestPdu.icReq(0, asked, 0));

                controller.expect(TestPdu.icResp(0, asked, 4096));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void isAcceptedInWhateverPieces(Fragmentation fragmentation) {
        try (EmbeddedHost host = new EmbeddedHost(new Agreed(true, true, 12, 128, 1, 65536), fragmentation)) {
            assertThat(host.initialized).isTrue();
            assertThat(host.end()).isNull();
        }
    }

    static Stream<Arguments> violations() {
        return Stream.of(
                Arguments.of("CapsuleResp first", 0, TestPdu.capsuleResp(1, 0), 2, 0),
                Arguments.of("ICReq", 0, TestPdu.icReq(0, 0, 0), 2, 0),
                Arguments.of("unknown type", 0, TestPdu.of(0x0A, 24), 1, 0),
                Arguments.of("flags", 0, TestPdu.icResp(0, 0, 4096).flags(4), 1, 1),
                Arguments.of("HLEN", 0, TestPdu.icResp(0, 0, 4096).hlen(24), 1, 2),
                Arguments.of("PDO", 0, TestPdu.icResp(0, 0, 4096).pdo(128), 1, 3),
                Arguments.of("PLEN", 0, TestPdu.icResp(0, 0, 4096).plen(0xFFFFFFFFL), 1, 4),
                Arguments.of("PFV", 0, TestPdu.icResp(0, 0, 4096).u16(8, 0x100), 6, 8),
                Arguments.of("CPDA", 0, TestPdu.icResp(32, 0, 4096), 1, 10),
                Arguments.of("DGST", 0, TestPdu.icResp(0, 0x80, 4096), 1, 11),
                Arguments.of("header digest not asked for", 0, TestPdu.icResp(0, 1, 4096), 6, 11),
                Arguments.of("data digest not asked for", 1, TestPdu.icResp(0, 3, 4096), 6, 11),
                Arguments.of("header digest refused", 3, TestPdu.icResp(0, 2, 4096), 6, 11),
                Arguments.of("data digest refused", 3, TestPdu.icResp(0, 1, 4096), 6, 11),
                Arguments.of("MAXH2CDATA too small", 0, TestPdu.icResp(0, 0, 4092), 1, 12),
                Arguments.of("MAXH2CDATA odd", 0, TestPdu.icResp(0, 0, 4098), 1, 12),
                Arguments.of("MAXH2CDATA 0", 0, TestPdu.icResp(0, 0, 0), 1, 12));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("violations")
    @Covers("The same in ICResp, MAXH2CDATA below 4,096 or no multiple of 4, and digests other than asked for")
    void violationsAreAnswered(String name, int asked, TestPdu pdu, int fes, long fei) {
        Agreed agreed = new Agreed((asked & 1) != 0, (asked & 2) != 0, 4, 4, 0, 4096);
        for (Fragmentation fragmentation : Fragmentation.values()) {
            try (EmbeddedHost host = new EmbeddedHost(agreed, fragmentation, 0)) {
                host.start();
                host.sent();
                host.deliver(pdu);

                byte[] header = pdu.header();
                host.expectViolation(0x02, fes, fei, Arrays.copyOf(header, Math.min(header.length, header[2] & 0xFF)));
                assertThat(host.initialized).isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("ICReq and ICResp come once")
    void aSecondOneIsAnError(Fragmentation fragmentation) {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, fragmentation)) {
            TestPdu again = Agreed.PLAIN.icResp();

            host.deliver(again);

            host.expectViolation(0x02, 1, 0, again.header());
        }
    }

    @Test
    void theLargestMaxH2CDataIsNoReasonToFail() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES, 0)) {
            host.start();
            host.deliver(TestPdu.icResp(0, 0, 0xFFFFFFFCL));

            assertThat(host.initialized).isTrue();
        }
    }

    @Test
    @Covers("An end within a PDU is a reset, between two PDUs a close")
    void anEndWithinItIsAReset() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES, 0)) {
            host.start();
            byte[] half = Arrays.copyOf(Agreed.PLAIN.icResp().bytes(), 64);
            host.channel.writeInbound(EmbeddedPair.buffer(half));
            host.channel.disconnect();

            assertThat(host.end()).isInstanceOf(Termination.PeerReset.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aControllerThatRefusesSaysWhyAndGetsNoAnswer(Fragmentation fragmentation) {
        byte[] request = Agreed.PLAIN.icReq().bytes();
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, fragmentation, 0)) {
            host.start();
            host.sent();
            host.deliver(TestPdu.termReq(0x03, 6, 8, request));

            assertThat(host.end()).isInstanceOfSatisfying(Termination.ProtocolError.class, error -> {
                assertThat(error.detectedBy()).isEqualTo(Termination.Side.REMOTE);
                assertThat(error.fatalErrorStatus()).isEqualTo(6);
                assertThat(error.fatalErrorInformation()).isEqualTo(8);
                assertThat(error.header().remaining()).isEqualTo(128);
            });
            host.expectNothing();
            assertThat(host.channel.isOpen()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBrokenRefusalIsNotAnsweredEither(Fragmentation fragmentation) {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, fragmentation, 0)) {
            host.start();
            host.sent();
            host.deliver(TestPdu.termReq(0x03, 6, 8, new byte[0]).plen(153));

            assertThat(host.end()).isInstanceOf(Termination.ProtocolError.class);
            host.expectNothing();
            assertThat(host.channel.isOpen()).isFalse();
        }
    }
}
