package io.nvmf.tcp.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** PDUs are found in the stream of bytes however it is cut, and what is kept of them is what may be kept. */
class PduStreamTest {

    private static final byte SECRET = 0x5E;
    private static final int FABRICS = 0x7F;

    /** What was handed on. */
    private static final class Seen {

        private final byte[] kept;
        private final int zeros;
        private final byte[] tail;
        private final long length;
        private final String comment;

        Seen(byte[] kept, int zeros, byte[] tail, long length, String comment) {
            this.kept = kept;
            this.zeros = zeros;
            this.tail = tail;
            this.length = length;
            this.comment = comment;
        }

        int zeros() {
            return zeros;
        }

        long length() {
            return length;
        }
    }

    private final List<Seen> seen = new ArrayList<>();

    private PduStream stream(PayloadRule rule) {
        return new PduStream(
                rule,
                (payload, payloadLength, zeros, tail, length, comment) -> seen.add(
                        new Seen(Arrays.copyOf(payload, payloadLength), zeros, tail.clone(), length, comment)));
    }

    private PduStream stream(int dataBytes) {
        return stream(new PayloadRule(dataBytes));
    }

    private static byte[] data(int length) {
        byte[] data = new byte[length];
        Arrays.fill(data, SECRET);
        return data;
    }

    private static TestPdu fabrics(int type, int commandId, byte[] data) {
        return TestPdu.capsuleCmd(FABRICS, commandId, 0).u8(12, type).inCapsule(data);
    }

    private void feed(PduStream stream, Fragmentation cut, byte[]... messages) {
        for (byte[] piece : cut.cut(List.of(messages))) {
            ByteBuf buffer = Unpooled.wrappedBuffer(new byte[3], piece).skipBytes(3);
            stream.bytes(buffer);
            assertThat(buffer.readerIndex()).isEqualTo(3);
            assertThat(buffer.refCnt()).isEqualTo(1);
            buffer.release();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyPduIsOnePacketWithItsHeaderAndWithoutItsData(Fragmentation cut) {
        byte[][] pdus = {
            TestPdu.icReq(0, 3, 3).bytes(),
            TestPdu.capsuleCmd(2, 5, 8192).agreed(true, true, 4).bytes(),
            TestPdu.capsuleCmd(1, 6, 0)
                    .inCapsule(data(512))
                    .agreed(true, false, 64)
                    .bytes(),
            TestPdu.h2cData(7, 9, 4096, data(70_000), TestPdu.LAST)
                    .agreed(true, false, 4)
                    .bytes(),
            TestPdu.r2t(7, 9, 0, 4096).agreed(true, true, 4).bytes(),
            TestPdu.c2hData(5, 0, data(8192), TestPdu.LAST).bytes(),
            TestPdu.capsuleResp(5, 0).bytes(),
            TestPdu.termReq(2, 1, 4, new byte[72]).bytes()
        };

        PduStream stream = stream(0);
        feed(stream, cut, pdus);
        stream.end();

        int[] kept = {128, 76, 128, 28, 28, 24, 24, 96};
        assertThat(seen).hasSameSizeAs(pdus);
        for (int i = 0; i < pdus.length; i++) {
            assertThat(seen.get(i).kept).isEqualTo(Arrays.copyOf(pdus[i], kept[i]));
            assertThat(seen.get(i).length).isEqualTo(pdus[i].length);
            assertThat(seen.get(i).zeros).isZero();
            assertThat(seen.get(i).comment).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void zerosStandForDataThatHasADigest(Fragmentation cut) {
        byte[] capsule = TestPdu.capsuleCmd(1, 6, 0)
                .inCapsule(data(20_000))
                .agreed(true, true, 4)
                .bytes();
        byte[] small = TestPdu.c2hData(6, 0, data(PduStream.MOST_FILLED), 0)
                .agreed(false, true, 4)
                .bytes();
        byte[] large = TestPdu.c2hData(6, 16384, data(PduStream.MOST_FILLED + 4), TestPdu.LAST | TestPdu.SUCCESS)
                .agreed(false, true, 4)
                .bytes();

        feed(stream(0), cut, capsule, small, large);

        assertThat(seen).extracting(Seen::zeros).containsExactly(20_000, PduStream.MOST_FILLED, 0);
        assertThat(seen).extracting(Seen::length).containsExactly(20_080L, small.length + 0L, large.length + 0L);
        assertThat(seen.get(0).tail).isEqualTo(Arrays.copyOfRange(capsule, capsule.length - 4, capsule.length));
        assertThat(seen.get(1).tail).isEqualTo(Arrays.copyOfRange(small, small.length - 4, small.length));
        assertThat(seen.get(1).comment).isEqualTo("zeros stand for data that is not captured");
        assertThat(seen.get(2).kept).hasSize(24);
        assertThat(seen.get(2).comment)
                .isEqualTo("C2HData for command 0x0006, offset 16384, length 16388, last, success;"
                        + " its data is not captured");
    }

    @ParameterizedTest
    @EnumSource
    void asMuchDataIsKeptAsWasAskedFor(Fragmentation cut) {
        byte[] command = TestPdu.capsuleCmd(1, 6, 0).inCapsule(data(300)).bytes();
        byte[] whole =
                TestPdu.h2cData(6, 1, 0, data(100), 0).agreed(true, true, 4).bytes();
        byte[] cutOff =
                TestPdu.c2hData(6, 0, data(101), 0).agreed(true, true, 4).bytes();

        feed(stream(100), cut, command, whole, cutOff);

        assertThat(seen.get(0).kept).isEqualTo(Arrays.copyOf(command, 172));
        assertThat(seen.get(1).kept).isEqualTo(whole);
        assertThat(seen.get(2).kept).isEqualTo(Arrays.copyOf(cutOff, 128));
        assertThat(seen.get(2).zeros).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void theDataOfConnectIsKept(Fragmentation cut) {
        byte[] connect = fabrics(1, 0, data(1024)).agreed(false, true, 4).bytes();

        feed(stream(0), cut, connect);

        assertThat(seen.get(0).kept).isEqualTo(connect);
    }

    @ParameterizedTest
    @EnumSource
    void secretsAreLeftOutWhereverTheyAre(Fragmentation cut) {
        PayloadRule rule = new PayloadRule(CaptureSettings.MAX_DATA);
        PduStream host = stream(rule);
        PduStream controller = stream(rule);
        for (boolean digest : new boolean[] {false, true}) {
            feed(
                    host,
                    cut,
                    // Once harmless: the identifier is used again.
                    TestPdu.capsuleCmd(1, 7, 0).inCapsule(new byte[8]).bytes(),
                    fabrics(5, 6, data(200)).agreed(true, digest, 4).bytes(),
                    fabrics(5, 7, new byte[0]).agreed(true, digest, 4).bytes(),
                    TestPdu.h2cData(7, 1, 0, data(40_000), 0)
                            .agreed(true, digest, 4)
                            .bytes(),
                    fabrics(6, 8, new byte[0]).agreed(true, digest, 4).bytes(),
                    TestPdu.capsuleCmd(0x81, 9, 0)
                            .inCapsule(data(64))
                            .agreed(true, digest, 4)
                            .bytes(),
                    TestPdu.capsuleCmd(0x82, 10, 64).agreed(true, digest, 4).bytes());
            feed(
                    controller,
                    cut,
                    TestPdu.c2hData(8, 0, data(300), 0).agreed(true, digest, 4).bytes(),
                    TestPdu.c2hData(10, 0, data(64), 0).agreed(true, digest, 4).bytes(),
                    // Of a command that nobody has sent.
                    TestPdu.c2hData(77, 0, data(64), 0).agreed(true, digest, 4).bytes());
        }

        assertThat(seen).hasSize(20);
        for (Seen packet : seen) {
            assertThat(packet.kept).doesNotContain(SECRET);
            assertThat(packet.tail).as("the digest would tell of what it is of").isEmpty();
        }
    }

    @Test
    void whatFollowsTheHeaderOfNoPduIsOnlyCounted() {
        PduStream stream = stream(1000);
        byte[] broken = TestPdu.of(0x08, 24).bytes();

        feed(stream, Fragmentation.MESSAGES, TestPdu.capsuleResp(1, 0).bytes(), broken, data(50));
        stream.end();

        assertThat(seen.stream().mapToLong(Seen::length).sum()).isEqualTo(24 + 24 + 50);
        assertThat(seen.get(1).kept).isEqualTo(Arrays.copyOf(broken, 8));
        assertThat(seen.subList(2, seen.size()))
                .allSatisfy(packet -> assertThat(packet.kept).isEmpty());
    }

    @Test
    void whatThereWasOfAPduIsThereAtTheEnd() {
        for (int length : new int[] {3, 8, 40, 72, 73, 100}) {
            seen.clear();
            PduStream stream = stream(1000);
            byte[] pdu = TestPdu.capsuleCmd(1, 6, 0).inCapsule(data(100)).bytes();

            stream.bytes(Unpooled.wrappedBuffer(pdu, 0, length));
            assertThat(seen).isEmpty();
            stream.end();

            assertThat(seen).hasSize(1);
            assertThat(seen.get(0).kept).isEqualTo(Arrays.copyOf(pdu, length));
            assertThat(seen.get(0).length).isEqualTo(length);
        }
    }

    @Test
    void aHeaderIsThereBeforeItsData() {
        PduStream stream = stream(0);
        byte[] pdu = TestPdu.c2hData(6, 0, data(100), 0).bytes();

        stream.bytes(Unpooled.wrappedBuffer(pdu, 0, 24));
        assertThat(seen).hasSize(1);
        stream.bytes(Unpooled.wrappedBuffer(pdu, 24, 50));
        stream.end();

        assertThat(seen).hasSize(1);
        assertThat(seen.get(0).length).isEqualTo(124);
    }

    @Test
    void whateverComesNothingFailsAndEveryByteIsCounted() {
        Random random = new Random(4);
        Fragmentation[] cuts = Fragmentation.values();
        for (int run = 0; run < 3000; run++) {
            seen.clear();
            PduStream stream = stream(random.nextInt(200));
            byte[] bytes = TestPdu.capsuleCmd(random.nextInt(256), 6, 0)
                    .inCapsule(data(random.nextInt(400)))
                    .agreed(random.nextBoolean(), random.nextBoolean(), 4)
                    .bytes();
            for (int change = random.nextInt(4); change > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            feed(stream, cuts[random.nextInt(cuts.length)], bytes, bytes, bytes);
            stream.end();

            assertThat(seen.stream().mapToLong(Seen::length).sum()).isGreaterThanOrEqualTo(3L * bytes.length);
            for (Seen packet : seen) {
                assertThat(packet.kept.length + packet.zeros + packet.tail.length)
                        .isLessThanOrEqualTo((int) Math.min(Integer.MAX_VALUE, packet.length));
            }
        }
    }
}
