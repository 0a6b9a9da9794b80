package io.nvmf.tcp.capture;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Headers of IP (RFC 791, RFC 8200) and TCP (RFC 9293) for one direction of a connection. A PDU is one packet, however
 * long it is. The length of one that is too long for the field is written as Linux does in its captures: zero for
 * IPv4, and a jumbo payload option (RFC 2675) for IPv6.
 */
final class PacketHeaders {

    static final int FIN = 0x01;
    static final int SYN = 0x02;
    static final int RST = 0x04;
    static final int PSH = 0x08;
    static final int ACK = 0x10;

    private static final int IPV4_ADDRESS = 4;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int JUMBO_HEADER = 8;
    private static final int TCP_HEADER = 20;

    /** NOP and a window scale of 14 bits (RFC 7323), so that nobody takes the window for full. */
    private static final byte[] WINDOW_SCALE = {1, 3, 3, 14};

    private static final int MAX_LENGTH = 0xFFFF;
    private static final int WINDOW = 0xFFFF;
    private static final int PROTOCOL_TCP = 6;
    private static final int HOP_BY_HOP = 0;
    private static final int HOPS = 64;
    private static final int JUMBO_OPTION = 0xC2;
    private static final int DO_NOT_FRAGMENT = 0x4000;

    private final boolean ipv4;
    private final byte[] source;
    private final byte[] target;
    private final int sourcePort;
    private final int targetPort;

    PacketHeaders(InetAddress source, int sourcePort, InetAddress target, int targetPort) {
        this.ipv4 = source.getAddress().length == IPV4_ADDRESS && target.getAddress().length == IPV4_ADDRESS;
        this.source = bytes(source);
        this.target = bytes(target);
        this.sourcePort = sourcePort;
        this.targetPort = targetPort;
    }

    private byte[] bytes(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (ipv4 || bytes.length != IPV4_ADDRESS) {
            return bytes;
        }
        // IPv4 at the other end of a connection of IPv6.
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xFF;
        mapped[11] = (byte) 0xFF;
        System.arraycopy(bytes, 0, mapped, 12, IPV4_ADDRESS);
        return mapped;
    }

    /**
     * Writes the headers of a packet.
     *
     * @param sequence number of its first byte
     * @param acknowledged number of the byte that is expected of the other side, 0 for none
     * @param flags of TCP
     * @param length bytes of its payload
     */
    byte[] encode(long sequence, long acknowledged, int flags, long length) {
        byte[] options = (flags & SYN) != 0 ? WINDOW_SCALE : new byte[0];
        long segment = TCP_HEADER + options.length + length;
        boolean jumbo = !ipv4 && segment > MAX_LENGTH;
        int ip = ipv4 ? IPV4_HEADER : IPV6_HEADER + (jumbo ? JUMBO_HEADER : 0);
        ByteBuffer bytes = ByteBuffer.allocate(ip + TCP_HEADER + options.length);
        if (ipv4) {
            ipv4(bytes, segment);
        } else {
            ipv6(bytes, segment, jumbo);
        }
        bytes.putShort((short) sourcePort).putShort((short) targetPort);
        bytes.putInt((int) sequence).putInt((int) acknowledged);
        bytes.put((byte) ((TCP_HEADER + options.length) / 4 << 4)).put((byte) flags);
        // Without a checksum, as what it is of is not there.
        bytes.putShort((short) WINDOW).putShort((short) 0).putShort((short) 0);
        bytes.put(options);
        return bytes.array();
    }

    private void ipv4(ByteBuffer bytes, long segment) {
        long total = IPV4_HEADER + segment;
        bytes.put((byte) 0x45).put((byte) 0).putShort((short) (total > MAX_LENGTH ? 0 : total));
        bytes.putShort((short) 0).putShort((short) DO_NOT_FRAGMENT);
        bytes.put((byte) HOPS).put((byte) PROTOCOL_TCP).putShort((short) 0);
        bytes.put(source).put(target);
        bytes.putShort(10, (short) checksum(bytes));
    }

    private static int checksum(ByteBuffer header) {
        int sum = 0;
        for (int i = 0; i < IPV4_HEADER; i += Short.BYTES) {
            sum += header.getShort(i) & 0xFFFF;
        }
        sum = (sum & 0xFFFF) + (sum >> 16);
        return ~((sum & 0xFFFF) + (sum >> 16));
    }

    private void ipv6(ByteBuffer bytes, long segment, boolean jumbo) {
        bytes.putInt(0x60000000).putShort((short) (jumbo ? 0 : segment));
        bytes.put((byte) (jumbo ? HOP_BY_HOP : PROTOCOL_TCP)).put((byte) HOPS);
        bytes.put(source).put(target);
        if (jumbo) {
            bytes.put((byte) PROTOCOL_TCP)
                    .put((byte) 0)
                    .put((byte) JUMBO_OPTION)
                    .put((byte) Integer.BYTES);
            bytes.putInt((int) (JUMBO_HEADER + segment));
        }
    }
}
