package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.ResponseCapsule;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Data of a command that was given up: it is read, checked and thrown away, at whatever byte that was. */
class DiscardedDataTest {

    private static final int LENGTH = 40_000;
    private static final int BEFORE = 10_000;
    private static final byte[] DATA = EmbeddedPair.pattern(LENGTH);

    /** Gives up the data of a command, and takes its memory away. */
    private static byte[] discard(EmbeddedHost host, Capsule capsule) {
        ByteBuf memory = capsule.data();
        assertThat(host.queuePair.discardData(capsule)).isTrue();
        byte[] content = new byte[LENGTH];
        memory.getBytes(0, content);
        return content;
    }

    @ParameterizedTest
    @EnumSource
    void whatComesLaterIsNotWritten(Fragmentation fragmentation) {
        for (Agreed agreed : new Agreed[] {Agreed.PLAIN, Agreed.DIGESTS, new Agreed(true, true, 100, 4, 0, 4096)}) {
            try (EmbeddedHost host = new EmbeddedHost(agreed, fragmentation)) {
                Capsule capsule = host.reading(1, LENGTH);
                host.receive(TestPdu.c2hData(1, 0, Arrays.copyOf(DATA, BEFORE), 0));
                byte[] content = discard(host, capsule);
                assertThat(Arrays.copyOf(content, BEFORE)).isEqualTo(Arrays.copyOf(DATA, BEFORE));

                host.receive(
                        TestPdu.c2hData(1, BEFORE, Arrays.copyOfRange(DATA, BEFORE, LENGTH), TestPdu.LAST),
                        TestPdu.capsuleResp(1, 0));

                assertThat(host.end()).isNull();
                assertThat(capsule.bytes).isEqualTo(LENGTH);
                assertThat(capsule.error).isNull();
                assertThat(capsule.received).isEqualTo(content);
                assertThat(host.responses)
                        .extracting(ResponseCapsule::commandId)
                        .containsExactly(1);

                Capsule next = host.reading(1, 1000);
                host.receive(TestPdu.c2hData(1, 0, Arrays.copyOf(DATA, 1000), TestPdu.LAST), TestPdu.capsuleResp(1, 0));
                assertThat(next.received).as("the identifier is used again").isEqualTo(Arrays.copyOf(DATA, 1000));
            }
        }
    }

    @Test
    void inTheMiddleOfAPduToo() {
        for (int cut : new int[] {23, 24, 25, 20_000, LENGTH + 23}) {
            try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
                Capsule capsule = host.reading(1, LENGTH);
                byte[] pdu = TestPdu.c2hData(1, 0, DATA, TestPdu.LAST).bytes();
                deliver(host, Arrays.copyOf(pdu, cut));
                byte[] content = discard(host, capsule);
                deliver(host, Arrays.copyOfRange(pdu, cut, pdu.length));
                host.receive(TestPdu.capsuleResp(1, 0));

                assertThat(host.end()).isNull();
                assertThat(capsule.bytes).isEqualTo(LENGTH);
                assertThat(capsule.received).isEqualTo(content);
                assertThat(host.responses).hasSize(1);
            }
        }
    }

    @Test
    void dataOfAnotherCommandForTheSameMemoryGoesOn() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            Capsule given = host.reading(1, LENGTH);
            Capsule other = new Capsule(0x02, 2);
            ByteBuf memory = given.data();
            other.attachData(Capsule.Transfer.RECEIVE, memory.retain(), LENGTH);
            host.submit(other);
            host.sent();
            byte[] pdu = TestPdu.c2hData(2, 0, DATA, TestPdu.LAST).bytes();
            deliver(host, Arrays.copyOf(pdu, 20_000));
            assertThat(host.queuePair.discardData(given)).isTrue();
            deliver(host, Arrays.copyOfRange(pdu, 20_000, pdu.length));
            host.receive(TestPdu.capsuleResp(2, 0), TestPdu.capsuleResp(1, 0));

            assertThat(host.end()).isNull();
            assertThat(other.received).isEqualTo(DATA);
        }
    }

    @Test
    void aWrongDigestIsStillAnError() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.DIGESTS, Fragmentation.MESSAGES)) {
            Capsule capsule = host.reading(1, 100);
            assertThat(host.queuePair.discardData(capsule)).isTrue();
            TestPdu damaged = TestPdu.c2hData(1, 0, Arrays.copyOf(DATA, 100), TestPdu.LAST);
            host.agreed.toHost(damaged);
            byte[] bytes = damaged.bytes();
            bytes[bytes.length - 1] ^= 1;
            deliver(host, bytes);
            assertThat(capsule.error).isNotNull();
        }
    }

    @Test
    void whatTheControllerMayNotSendStillEndsTheConnection() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            Capsule capsule = host.reading(1, 100);
            assertThat(host.queuePair.discardData(capsule)).isTrue();
            host.receive(TestPdu.c2hData(1, 0, Arrays.copyOf(DATA, 101), TestPdu.LAST));
            assertThat(host.end()).isNotNull();
        }
    }

    private static void deliver(EmbeddedHost host, byte[] bytes) {
        host.channel.writeInbound(
                host.channel.alloc().directBuffer(bytes.length).writeBytes(bytes));
        host.channel.runPendingTasks();
    }
}
