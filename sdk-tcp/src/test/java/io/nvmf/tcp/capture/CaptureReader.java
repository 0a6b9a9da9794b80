package io.nvmf.tcp.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;

/**
 * Reads a capture by the definition of the format (draft-ietf-opsawg-pcapng), IP and TCP, and checks what holds for
 * every file. It knows nothing of the code under test.
 */
public final class CaptureReader {

    /** A block: its type, its body without options, and the options by code. */
    static final class Block {

        private final int type;
        private final byte[] body;
        private final Map<Integer, byte[]> options;

        Block(int type, byte[] body, Map<Integer, byte[]> options) {
            this.type = type;
            this.body = body;
            this.options = options;
        }

        int type() {
            return type;
        }

        byte[] body() {
            return body;
        }

        Map<Integer, byte[]> options() {
            return options;
        }

        @Nullable
        String text(int option) {
            byte[] value = options.get(option);
            return value == null ? null : new String(value, StandardCharsets.UTF_8);
        }

        long number(int option) {
            return little(options.get(option)).getLong();
        }
    }

    /** A packet with the fields of TCP that matter, and the bytes of its payload that were kept. */
    public static final class Packet {

        private final int sourcePort;
        private final int targetPort;
        private final long sequence;
        private final long acknowledged;
        private final int flags;
        private final boolean inbound;
        private final long nanos;
        private final byte[] payload;
        private final long length;
        private final @Nullable String comment;
        private final long dropped;

        Packet(
                int sourcePort,
                int targetPort,
                long sequence,
                long acknowledged,
                int flags,
                boolean inbound,
                long nanos,
                byte[] payload,
                long length,
                @Nullable String comment,
                long dropped) {
            this.sourcePort = sourcePort;
            this.targetPort = targetPort;
            this.sequence = sequence;
            this.acknowledged = acknowledged;
            this.flags = flags;
            this.inbound = inbound;
            this.nanos = nanos;
            this.payload = payload;
            this.length = length;
            this.comment = comment;
            this.dropped = dropped;
        }

        public int sourcePort() {
            return sourcePort;
        }

        public int targetPort() {
            return targetPort;
        }

        public long sequence() {
            return sequence;
        }

        public long acknowledged() {
            return acknowledged;
        }

        public int flags() {
            return flags;
        }

        public boolean inbound() {
            return inbound;
        }

        public long nanos() {
            return nanos;
        }

        public byte[] payload() {
            return payload;
        }

        public long length() {
            return length;
        }

        public @Nullable String comment() {
            return comment;
        }

        public long dropped() {
            return dropped;
        }

        public int pduType() {
            return payload.length == 0 ? -1 : payload[0] & 0xFF;
        }
    }

    private CaptureReader() {}

    /** Waits for what a file says that is being written, and may not be there yet or end in the middle of a block. */
    public static void awaitFile(ThrowingRunnable assertion) {
        await().ignoreExceptions().untilAsserted(assertion);
    }

    /** The blocks of a file; fails unless it is whole. */
    static List<Block> blocks(byte[] bytes) {
        List<Block> blocks = new ArrayList<>();
        ByteBuffer in = little(bytes);
        while (in.hasRemaining()) {
            int start = in.position();
            int type = in.getInt();
            int length = in.getInt();
            assertThat(length).as("length of the block at %d", start).isBetween(12, bytes.length - start);
            assertThat(length % 4).isZero();
            assertThat(in.getInt(start + length - 4)).as("length at its end").isEqualTo(length);
            byte[] body = Arrays.copyOfRange(bytes, start + 8, start + length - 4);
            int fixed = switch (type) {
                case 0x0A0D0D0A -> 16;
                case 1 -> 8;
                case 5 -> 12;
                case 6 -> 20 + (little(body).getInt(12) + 3) / 4 * 4;
                default -> throw new AssertionError("block type " + type);
            };
            blocks.add(new Block(type, Arrays.copyOf(body, fixed), options(body, fixed)));
            in.position(start + length);
        }
        assertThat(blocks).isNotEmpty();
        assertThat(blocks.get(0).type).isEqualTo(0x0A0D0D0A);
        return blocks;
    }

    private static Map<Integer, byte[]> options(byte[] body, int from) {
        Map<Integer, byte[]> options = new HashMap<>();
        ByteBuffer in = little(body);
        in.position(from);
        while (in.hasRemaining()) {
            int code = in.getShort() & 0xFFFF;
            byte[] value = new byte[in.getShort() & 0xFFFF];
            in.get(value);
            in.position((in.position() + 3) / 4 * 4);
            if (code == 0) {
                assertThat(in.hasRemaining())
                        .as("something behind the end of options")
                        .isFalse();
            } else {
                options.put(code, value);
            }
        }
        return options;
    }

    /** The packets of a file. */
    public static List<Packet> packets(Path file) throws IOException {
        return blocks(Files.readAllBytes(file)).stream()
                .filter(block -> block.type == 6)
                .map(CaptureReader::packet)
                .toList();
    }

    static Packet packet(Block block) {
        ByteBuffer fields = little(block.body);
        assertThat(fields.getInt()).as("interface").isZero();
        long nanos = (fields.getInt() & 0xFFFFFFFFL) << 32 | fields.getInt() & 0xFFFFFFFFL;
        int captured = fields.getInt();
        long original = fields.getInt() & 0xFFFFFFFFL;
        ByteBuffer ip = ByteBuffer.wrap(block.body, 20, captured).slice();
        int version = ip.get(0) >> 4 & 0xF;
        int tcp;
        if (version == 4) {
            tcp = 20;
            int total = ip.getShort(2) & 0xFFFF;
            assertThat(total).as("total length").isEqualTo(original > 65535 ? 0 : (int) original);
        } else {
            boolean jumbo = ip.get(6) == 0;
            tcp = jumbo ? 48 : 40;
            long stated = jumbo ? ip.getInt(44) & 0xFFFFFFFFL : ip.getShort(4) & 0xFFFF;
            assertThat(stated).as("payload length").isEqualTo(original - 40);
        }
        int header = (ip.get(tcp + 12) >> 4 & 0xF) * 4;
        byte[] payload = new byte[captured - tcp - header];
        ip.get(tcp + header, payload);
        byte[] dropped = block.options.get(4);
        return new Packet(
                ip.getShort(tcp) & 0xFFFF,
                ip.getShort(tcp + 2) & 0xFFFF,
                ip.getInt(tcp + 4) & 0xFFFFFFFFL,
                ip.getInt(tcp + 8) & 0xFFFFFFFFL,
                ip.get(tcp + 13) & 0xFF,
                (little(block.options.get(2)).getInt() & 3) == 1,
                nanos,
                payload,
                original - tcp - header,
                block.text(1),
                dropped == null ? 0 : little(dropped).getLong());
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
