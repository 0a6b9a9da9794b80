package io.nvmf.tcp.capture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The blocks of the pcapng file format (draft-ietf-opsawg-pcapng, "Block Types"), little endian. A file, or section of a
 * file, begins with a section header and the description of its only interface; packets and statistics follow.
 */
final class Pcapng {

    /** Type of a section header, the same in both byte orders. */
    static final int SECTION_HEADER = 0x0A0D0D0A;

    /** Type of the description of an interface. */
    static final int INTERFACE_DESCRIPTION = 1;

    /** Type of the statistics of an interface. */
    static final int INTERFACE_STATISTICS = 5;

    /** Type of a packet. */
    static final int ENHANCED_PACKET = 6;

    /** Tells the byte order. */
    static final int BYTE_ORDER_MAGIC = 0x1A2B3C4D;

    /** Link type of packets that begin with the header of IPv4 or IPv6. */
    static final int LINKTYPE_RAW = 101;

    /** Bytes of a block besides its body: type, and its length at both ends. */
    static final int BLOCK_OVERHEAD = 12;

    private static final int COMMENT = 1;

    private static final int SECTION_OS = 3;
    private static final int SECTION_APPLICATION = 4;

    private static final int INTERFACE_NAME = 2;
    private static final int INTERFACE_RESOLUTION = 9;
    private static final byte[] NANOSECONDS = {9};

    private static final int PACKET_FLAGS = 2;
    private static final int PACKET_DROP_COUNT = 4;
    private static final int INBOUND = 1;
    private static final int OUTBOUND = 2;

    private static final int STATISTICS_RECEIVED = 4;
    private static final int STATISTICS_DROPPED = 5;

    private static final int ALIGNMENT = 4;
    private static final long MOST_ORIGINAL = 0xFFFF_FFFFL;

    /** Bytes besides the packet itself and a comment that a packet's block can have. */
    private static final int PACKET_OVERHEAD = BLOCK_OVERHEAD + 20 + 8 + 12 + 8 + 4 + 2 * ALIGNMENT;

    private Pcapng() {}

    /** Where blocks are written to. */
    static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Writes the beginning of a section. */
    static void section(ByteBuffer out, String comment) {
        int start = begin(out, SECTION_HEADER);
        out.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1);
        option(out, SECTION_OS, utf8(System.getProperty("os.name") + ' ' + System.getProperty("os.version")));
        option(out, SECTION_APPLICATION, utf8("nvmf-sdk"));
        option(out, COMMENT, utf8(comment));
        endOfOptions(out);
        end(out, start);
        int description = begin(out, INTERFACE_DESCRIPTION);
        out.putShort((short) LINKTYPE_RAW).putShort((short) 0).putInt(0);
        option(out, INTERFACE_NAME, utf8("nvme-tcp"));
        option(out, INTERFACE_RESOLUTION, NANOSECONDS);
        endOfOptions(out);
        end(out, description);
    }

    /** Bytes that {@link #packet} writes at most. */
    static int mostBytes(CapturedPacket packet) {
        String comment = packet.comment();
        return PACKET_OVERHEAD + packet.capturedLength() + (comment == null ? 0 : 2 * ALIGNMENT + utf8(comment).length);
    }

    /**
     * Writes a packet.
     *
     * @param out has room for it
     * @param packet the packet
     * @param dropped packets that are missing before it
     */
    static void packet(ByteBuffer out, CapturedPacket packet, long dropped) {
        int start = begin(out, ENHANCED_PACKET);
        out.putInt(0);
        time(out, packet.nanos());
        out.putInt(packet.capturedLength()).putInt((int) Math.min(MOST_ORIGINAL, packet.originalLength()));
        out.put(packet.headers()).put(packet.payload(), 0, packet.payloadLength());
        zeros(out, packet.zeros());
        out.put(packet.tail());
        zeros(out, -packet.capturedLength() & ALIGNMENT - 1);
        flags(out, packet.inbound() ? INBOUND : OUTBOUND);
        if (dropped > 0) {
            count(out, PACKET_DROP_COUNT, dropped);
        }
        String comment = packet.comment();
        if (comment != null) {
            option(out, COMMENT, utf8(comment));
        }
        endOfOptions(out);
        end(out, start);
    }

    /**
     * Writes what is known about the file so far.
     *
     * @param out has room for it
     * @param nanos time in nanoseconds since 1970
     * @param received packets that there were, dropped ones included
     * @param dropped packets that are not in the file
     */
    static void statistics(ByteBuffer out, long nanos, long received, long dropped) {
        int start = begin(out, INTERFACE_STATISTICS);
        out.putInt(0);
        time(out, nanos);
        count(out, STATISTICS_RECEIVED, received);
        count(out, STATISTICS_DROPPED, dropped);
        endOfOptions(out);
        end(out, start);
    }

    private static int begin(ByteBuffer out, int type) {
        int start = out.position();
        out.putInt(type).putInt(0);
        return start;
    }

    private static void end(ByteBuffer out, int start) {
        int length = out.position() + Integer.BYTES - start;
        out.putInt(length).putInt(start + Integer.BYTES, length);
    }

    private static void time(ByteBuffer out, long nanos) {
        out.putInt((int) (nanos >>> Integer.SIZE)).putInt((int) nanos);
    }

    private static void flags(ByteBuffer out, int flags) {
        out.putShort((short) PACKET_FLAGS).putShort((short) Integer.BYTES).putInt(flags);
    }

    private static void count(ByteBuffer out, int code, long value) {
        out.putShort((short) code).putShort((short) Long.BYTES).putLong(value);
    }

    private static void option(ByteBuffer out, int code, byte[] value) {
        out.putShort((short) code).putShort((short) value.length).put(value);
        zeros(out, -value.length & ALIGNMENT - 1);
    }

    private static void endOfOptions(ByteBuffer out) {
        out.putInt(0);
    }

    private static void zeros(ByteBuffer out, int count) {
        for (int i = 0; i < count; i++) {
            out.put((byte) 0);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
