package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.Covers;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** ICReq: what a host sends first, and what a controller makes of it. */
class IcReqTest {

    @Test
    @Covers("The host sends ICReq first: 128 bytes, PFV 0, its alignment, digests and MAXR2T")
    void bytesOfTheRequest() {
        try (EmbeddedHost host = new EmbeddedHost(new Agreed(true, true, 128, 4, 3, 4096), Fragmentation.MESSAGES, 0)) {
            host.start();

            assertThat(EmbeddedPair.hex(host.sent()))
                    .isEqualTo("00" + "00" + "80" + "00" + "80000000" + "0000" + "1f" + "03" + "03000000"
                            + "00".repeat(112));
        }
    }

    @ParameterizedTest
    @EnumSource
    void isAcceptedInWhateverPieces(Fragmentation fragmentation) {
        Agreed agreed = new Agreed(true, false, 100, 20, 7, 8192);
        try (EmbeddedController controller = new EmbeddedController(agreed, fragmentation)) {
            assertThat(controller.end()).isNull();
            assertThat(controller.accepted).isTrue();
        }
    }

    static Stream<Arguments> violations() {
        return Stream.of(
                Arguments.of("CapsuleCmd first", TestPdu.capsuleCmd(0x7F, 1, 0), 2, 0),
                Arguments.of("ICResp first", TestPdu.icResp(0, 0, 4096), 2, 0),
                Arguments.of("unknown type", TestPdu.of(0x08, 24), 1, 0),
                Arguments.of("flags", TestPdu.icReq(0, 0, 0).flags(1), 1, 1),
                Arguments.of("HLEN", TestPdu.icReq(0, 0, 0).hlen(127), 1, 2),
                Arguments.of("PDO", TestPdu.icReq(0, 0, 0).pdo(4), 1, 3),
                Arguments.of("PLEN", TestPdu.icReq(0, 0, 0).plen(132), 1, 4),
                Arguments.of("PFV", TestPdu.icReq(0, 0, 0).u16(8, 1), 6, 8),
                Arguments.of("HPDA", TestPdu.icReq(32, 0, 0), 1, 10),
                Arguments.of("DGST", TestPdu.icReq(0, 4, 0), 1, 11));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("violations")
    @Covers("Wrong type, flags, HLEN, PDO, PLEN, PFV, alignment or digest bits in ICReq are answered with FES and FEI")
    void violationsAreAnswered(String name, TestPdu pdu, int fes, long fei) {
        for (Fragmentation fragmentation : Fragmentation.values()) {
            try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, fragmentation, true)) {
                controller.start();
                controller.deliver(pdu);

                byte[] header = pdu.header();
                int quoted = Math.min(header.length, header[2] & 0xFF);
                controller.expectViolation(0x03, fes, fei, java.util.Arrays.copyOf(header, quoted));
                assertThat(controller.accepted).isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("ICReq and ICResp come once")
    void aSecondOneIsAnError(Fragmentation fragmentation) {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, fragmentation)) {
            TestPdu again = Agreed.PLAIN.icReq();

            controller.deliver(again);

            controller.expectViolation(0x03, 1, 0, again.header());
        }
    }

    @Test
    @Covers("A host that does not initialize the connection in time is disconnected")
    void aHostThatSaysNothingIsDisconnected() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES, true)) {
            controller.queuePair.connection().start(Duration.ofSeconds(3));

            controller.channel.advanceTimeBy(2999, TimeUnit.MILLISECONDS);
            controller.channel.runScheduledPendingTasks();
            assertThat(controller.end()).isNull();
            controller.channel.advanceTimeBy(2, TimeUnit.MILLISECONDS);
            controller.channel.runScheduledPendingTasks();

            assertThat(controller.end())
                    .isInstanceOfSatisfying(
                            Termination.IoFailure.class,
                            failure -> assertThat(failure.cause()).isInstanceOf(TimeoutException.class));
            assertThat(controller.channel.isOpen()).isFalse();
        }
    }
}
