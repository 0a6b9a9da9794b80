package io.nvmf.tcp.capture;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection as packets of TCP, whose numbers go on from one to the next as if the connection had been watched on the
 * wire: with a beginning, an end, and what each side has had of the other in between. Event loop only.
 */
final class Conversation {

    private static final byte[] NOTHING = new byte[0];

    private final Consumer<CapturedPacket> packets;
    private final LongSupplier clock;
    private final Direction sent;
    private final Direction received;
    private boolean ended;

    /**
     * Begins the conversation with a handshake of TCP.
     *
     * @param local address of this side
     * @param remote address of the peer
     * @param caller whether this side has opened the connection
     * @param dataBytes bytes of the data of each PDU that are kept
     * @param clock nanoseconds since 1970
     * @param packets takes the packets
     */
    Conversation(
            InetSocketAddress local,
            InetSocketAddress remote,
            boolean caller,
            int dataBytes,
            LongSupplier clock,
            Consumer<CapturedPacket> packets) {
        this.packets = packets;
        this.clock = clock;
        // As RFC 9293 has it, so that a later connection between the same ports is another one.
        long first = clock.getAsLong() / 4000;
        PayloadRule rule = new PayloadRule(dataBytes);
        this.sent = new Direction(false, headers(local, remote), first, rule);
        this.received = new Direction(true, headers(remote, local), first + Integer.MAX_VALUE / 2, rule);
        Direction opens = caller ? sent : received;
        Direction accepts = caller ? received : sent;
        opens.mark(PacketHeaders.SYN, accepts, 1);
        accepts.mark(PacketHeaders.SYN | PacketHeaders.ACK, opens, 1);
        opens.mark(PacketHeaders.ACK, accepts, 0);
    }

    private static PacketHeaders headers(InetSocketAddress from, InetSocketAddress to) {
        return new PacketHeaders(from.getAddress(), from.getPort(), to.getAddress(), to.getPort());
    }

    /** This side sends. */
    void sent(ByteBuf bytes) {
        if (!ended) {
            sent.stream.bytes(bytes);
        }
    }

    /** The peer has sent. */
    void received(ByteBuf bytes) {
        if (!ended) {
            received.stream.bytes(bytes);
        }
    }

    /**
     * The connection ends; the first time counts.
     *
     * @param byPeer whether the peer ends it
     * @param reset whether it is reset rather than closed
     */
    void end(boolean byPeer, boolean reset) {
        if (ended) {
            return;
        }
        ended = true;
        sent.stream.end();
        received.stream.end();
        int how = (reset ? PacketHeaders.RST : PacketHeaders.FIN) | PacketHeaders.ACK;
        if (byPeer) {
            received.mark(how, sent, 1);
        } else {
            sent.mark(how, received, 1);
        }
    }

    private final class Direction implements PduStream.Sink {

        private final boolean inbound;
        private final PacketHeaders headers;
        private final PduStream stream;

        /** Of the next byte. */
        private long sequence;

        Direction(boolean inbound, PacketHeaders headers, long first, PayloadRule rule) {
            this.inbound = inbound;
            this.headers = headers;
            this.sequence = first;
            this.stream = new PduStream(rule, this);
        }

        /** A packet without payload. */
        void mark(int flags, Direction other, int counts) {
            emit(flags, (flags & PacketHeaders.ACK) != 0 ? other.sequence : 0, NOTHING, 0, 0, NOTHING, 0, null);
            sequence += counts;
        }

        @Override
        public void pdu(
                byte[] payload, int payloadLength, int zeros, byte[] tail, long length, @Nullable String comment) {
            Direction other = inbound ? sent : received;
            emit(
                    PacketHeaders.PSH | PacketHeaders.ACK,
                    other.sequence,
                    payload,
                    payloadLength,
                    zeros,
                    tail,
                    length,
                    comment);
            sequence += length;
        }

        private void emit(
                int flags,
                long acknowledged,
                byte[] payload,
                int payloadLength,
                int zeros,
                byte[] tail,
                long length,
                @Nullable String comment) {
            byte[] encoded = headers.encode(sequence, acknowledged, flags, length);
            packets.accept(new CapturedPacket(
                    clock.getAsLong(),
                    inbound,
                    encoded,
                    payload,
                    payloadLength,
                    zeros,
                    tail,
                    encoded.length + length,
                    comment));
        }
    }
}
