package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.Covers;
import io.nvmf.transport.Termination;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Termination requests: the one that is sent and what follows, and the one that is received. */
class TermReqTest {

    @Test
    @Covers("FES, FEI and at most 128 bytes of the offending header")
    void bytesOfTheHosts() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            TestPdu unknown = TestPdu.of(0x08, 12);
            host.deliver(unknown);

            assertThat(EmbeddedPair.hex(host.sent()))
                    .isEqualTo("02001800" + "24000000" + "0100" + "00000000" + "00".repeat(10)
                            + EmbeddedPair.hex(unknown.bytes()));
        }
    }

    @Test
    @Covers("HDGST on every PDU but ICReq, ICResp and termination requests, behind the header")
    void bytesOfTheControllersWithUnalignedInformationAndWithoutDigest() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.DIGESTS, Fragmentation.MESSAGES)) {
            TestPdu damaged =
                    TestPdu.capsuleCmd(0x18, 1, 0).agreed(true, true, 4).damageHeader();
            controller.deliver(damaged);

            byte[] sent = controller.sent();
            assertThat(sent).hasSize(24 + 72);
            byte[] all = damaged.bytes();
            assertThat(EmbeddedPair.hex(sent))
                    .isEqualTo("03001800" + "60000000" + "0300"
                            + EmbeddedPair.hex(java.util.Arrays.copyOfRange(all, 72, 76)) + "00".repeat(10)
                            + EmbeddedPair.hex(java.util.Arrays.copyOf(all, 72)));
        }
    }

    @Test
    @Covers("FES, FEI and at most 128 bytes of the offending header")
    void quotesAtMost128Bytes() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            TestPdu large = TestPdu.of(0x08, 200);
            host.deliver(large);

            assertThat(host.sent()).hasSize(152);
        }
    }

    @Test
    @Covers("Behind PDUs already on their way, before commands that are not")
    void goesBehindWhatIsConvertedAndBeforeWhatIsNot() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.COALESCED)) {
            Capsule write = host.writing(1, 10_000);
            host.channel.config().setWriteBufferWaterMark(new io.netty.channel.WriteBufferWaterMark(10, 50));
            host.channel.stall(true);
            host.receive(TestPdu.r2t(1, 1, 0, 100));
            Capsule unconverted = new Capsule(0x18, 2);
            host.submit(unconverted);
            TestPdu bad = TestPdu.r2t(9, 1, 0, 10);
            host.receive(bad);
            host.channel.stall(false);

            host.expectSent(
                    TestPdu.h2cData(1, 1, 0, EmbeddedPair.pattern(100), TestPdu.LAST),
                    TestPdu.termReq(0x02, 1, 8, bad.header()));
            assertThat(unconverted.events).isEmpty();
            assertThat(write.error).isNotNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("The peer has 30 s to close, whatever it sends meanwhile")
    void thePeerHasThirtySecondsToCloseWhateverItSendsMeanwhile(Fragmentation fragmentation) {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, fragmentation)) {
            Capsule read = host.reading(1, 100);
            host.deliver(TestPdu.of(0x08, 24));
            assertThat(host.end()).isInstanceOf(Termination.ProtocolError.class);
            assertThat(host.sent()).hasSize(48);

            for (int second = 1; second < 30; second++) {
                host.channel.advanceTimeBy(1, TimeUnit.SECONDS);
                host.channel.runScheduledPendingTasks();
                host.deliver(TestPdu.c2hData(1, 0, new byte[100], TestPdu.LAST), TestPdu.capsuleResp(1, 0));
                assertThat(host.channel.isOpen())
                        .describedAs("after %d s", second)
                        .isTrue();
            }
            host.channel.advanceTimeBy(1001, TimeUnit.MILLISECONDS);
            host.channel.runScheduledPendingTasks();

            assertThat(host.channel.isOpen()).isFalse();
            assertThat(read.events).containsExactly("transmitted", "transferComplete");
            assertThat(host.responses).isEmpty();
            host.expectNothing();
        }
    }

    @Test
    void thePeerMayCloseEarlier() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            controller.deliver(TestPdu.of(0x08, 24));
            controller.channel.disconnect();

            assertThat(controller.channel.isOpen()).isFalse();
            assertThat(controller.end()).isInstanceOf(Termination.ProtocolError.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("A received one ends the connection at once")
    void aReceivedOneEndsTheConnectionAtOnceAndIsDecoded(Fragmentation fragmentation) {
        byte[] offending = EmbeddedPair.pattern(128);
        try (EmbeddedHost host = new EmbeddedHost(Agreed.DIGESTS, fragmentation);
                EmbeddedController controller = new EmbeddedController(Agreed.DIGESTS, fragmentation)) {
            Capsule read = host.reading(1, 100);
            host.deliver(TestPdu.termReq(0x03, 5, 0xFEDCBA98L, offending));
            controller.deliver(TestPdu.termReq(0x02, 5, 0xFEDCBA98L, offending));

            for (EmbeddedPair side : new EmbeddedPair[] {host, controller}) {
                assertThat(side.end()).isInstanceOfSatisfying(Termination.ProtocolError.class, error -> {
                    assertThat(error.detectedBy()).isEqualTo(Termination.Side.REMOTE);
                    assertThat(error.fatalErrorStatus()).isEqualTo(5);
                    assertThat(error.fatalErrorInformation()).isEqualTo(0xFEDCBA98L);
                    byte[] quoted = new byte[error.header().remaining()];
                    error.header().get(quoted);
                    assertThat(quoted).isEqualTo(offending);
                });
                assertThat(side.channel.isOpen()).isFalse();
                side.expectNothing();
            }
            assertThat(read.error).isNotNull();
        }
    }
}
