package io.nvmf.tcp.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.util.NetUtil;
import io.nvmf.tcp.testing.TestPdu;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A connection as a capture on the wire would show it. */
class ConversationTest {

    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int PSH = 8;
    private static final int ACK = 16;

    private final List<CapturedPacket> packets = new ArrayList<>();
    private long time = 4_000_000_000_000L;

    private Conversation conversation(String local, String remote, boolean caller) {
        return new Conversation(
                new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(local), 40000),
                new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(remote), 4420),
                caller,
                0,
                () -> time++,
                packets::add);
    }

    /** What the reader makes of it, which checks the lengths. */
    private List<CaptureReader.Packet> read() {
        ByteBuffer out = Pcapng.buffer(64 * 1024);
        Pcapng.section(out, "test");
        packets.forEach(packet -> Pcapng.packet(out, packet, 0));
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return CaptureReader.blocks(bytes).stream()
                .filter(block -> block.type() == 6)
                .map(CaptureReader::packet)
                .toList();
    }

    private void talk(Conversation conversation) {
        conversation.sent(Unpooled.wrappedBuffer(TestPdu.icReq(0, 0, 0).bytes()));
        conversation.received(Unpooled.wrappedBuffer(TestPdu.icResp(0, 0, 4096).bytes()));
        conversation.sent(Unpooled.wrappedBuffer(
                TestPdu.capsuleCmd(1, 1, 0).inCapsule(new byte[100_000]).bytes()));
        conversation.received(Unpooled.wrappedBuffer(TestPdu.capsuleResp(1, 0).bytes()));
    }

    @Test
    void numbersGoOnFromOnePacketToTheNext() {
        for (String[] ends : new String[][] {{"10.0.0.1", "10.0.0.2"}, {"fd00::1", "fd00::2"}, {"10.0.0.1", "::1"}}) {
            packets.clear();
            Conversation conversation = conversation(ends[0], ends[1], true);
            talk(conversation);
            conversation.end(false, false);
            conversation.end(true, true);

            List<CaptureReader.Packet> read = read();
            assertThat(read)
                    .extracting(CaptureReader.Packet::flags)
                    .containsExactly(SYN, SYN | ACK, ACK, PSH | ACK, PSH | ACK, PSH | ACK, PSH | ACK, FIN | ACK);
            assertThat(read)
                    .extracting(CaptureReader.Packet::inbound)
                    .containsExactly(false, true, false, false, true, false, true, false);
            assertThat(read)
                    .extracting(CaptureReader.Packet::length)
                    .containsExactly(0L, 0L, 0L, 128L, 128L, 100_072L, 24L, 0L);
            // What each side expects next, as those before have it.
            long sent = read.get(0).sequence();
            long received = read.get(1).sequence();
            for (CaptureReader.Packet packet : read) {
                assertThat(packet.sequence()).isEqualTo(packet.inbound() ? received : sent);
                if (packet.flags() != SYN) {
                    assertThat(packet.acknowledged()).isEqualTo(packet.inbound() ? sent : received);
                }
                long counts = packet.length() + ((packet.flags() & (SYN | FIN)) != 0 ? 1 : 0);
                if (packet.inbound()) {
                    received += counts;
                } else {
                    sent += counts;
                }
            }
            assertThat(read.get(3).sourcePort()).isEqualTo(40000);
            assertThat(read.get(4).sourcePort()).isEqualTo(4420);
        }
    }

    @Test
    void theHostOpensTheConnectionOnBothSides() {
        conversation("10.0.0.2", "10.0.0.1", false).end(true, true);

        assertThat(read()).extracting(CaptureReader.Packet::inbound).containsExactly(true, false, true, true);
        assertThat(read().get(3).flags()).isEqualTo(RST | ACK);
    }

    @Test
    void headersOfIpv4AreThoseOfTheStandard() {
        conversation("10.0.0.1", "10.0.0.2", true);

        ByteBuffer syn = ByteBuffer.wrap(packets.get(0).headers());
        assertThat(syn.get(0)).isEqualTo((byte) 0x45);
        assertThat(syn.getShort(2)).as("total length").isEqualTo((short) 44);
        assertThat(syn.get(9)).as("protocol").isEqualTo((byte) 6);
        assertThat(syn.getInt(12)).isEqualTo(0x0A000001);
        assertThat(syn.getInt(16)).isEqualTo(0x0A000002);
        int sum = 0;
        for (int i = 0; i < 20; i += 2) {
            sum += syn.getShort(i) & 0xFFFF;
        }
        assertThat((sum & 0xFFFF) + (sum >> 16)).as("the sum with the checksum").isEqualTo(0xFFFF);
    }
}
