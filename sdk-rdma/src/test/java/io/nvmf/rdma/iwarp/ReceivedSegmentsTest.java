package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.testing.Covers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes in: every kind of FPDU, whole and in pieces. */
class ReceivedSegmentsTest {

    private static final byte[] DATA = TestFpdu.pattern(37, 5);

    /** A connection with windows, to which every kind of segment can be sent. */
    private static final class Scene implements AutoCloseable {

        final EmbeddedIwarp iwarp;
        final ByteBuf written = Unpooled.buffer(64);
        final ByteBuf source = EmbeddedIwarp.buffer(64, 1);
        final ByteBuf sink = Unpooled.buffer(64);
        final RdmaWindow writable;
        final RdmaWindow readable;
        final List<byte[]> fpdus = new ArrayList<>();

        Scene(boolean checked) {
            iwarp = new EmbeddedIwarp(EmbeddedIwarp.terms(checked, 1442, EmbeddedIwarp.LIMITS));
            writable = iwarp.connection.expose(written, 0, 64, RdmaAccess.REMOTE_WRITE);
            readable = iwarp.connection.expose(source, 0, 64, RdmaAccess.REMOTE_READ);
            iwarp.connection.read(sink, 2, 37, 0x1000, 77, iwarp.noted("read"));
            byte[] request = iwarp.sent();
            int sinkKey = Unpooled.wrappedBuffer(request).getInt(20);
            long sinkOffset = Unpooled.wrappedBuffer(request).getLong(24);
            fpdus.add(TestFpdu.write(1, 0, new byte[0])); // a nudge
            fpdus.add(TestFpdu.tagged(0, false, writable.key(), writable.address() + 3, DATA));
            fpdus.add(TestFpdu.write(writable.key(), writable.address() + 40, Arrays.copyOf(DATA, 6)));
            fpdus.add(TestFpdu.untagged(3, false, 0, 0, 1, 0, DATA));
            fpdus.add(TestFpdu.readResponse(false, sinkKey, sinkOffset, Arrays.copyOf(DATA, 20)));
            fpdus.add(TestFpdu.untagged(3, true, 0, 0, 1, DATA.length, DATA)); // between those of a read
            fpdus.add(TestFpdu.readResponse(true, sinkKey, sinkOffset + 20, Arrays.copyOfRange(DATA, 20, 37)));
            fpdus.add(TestFpdu.readRequest(1, 9, 0xFFFF_FFFF_0000_0000L, 60, readable.key(), readable.address() + 4));
            fpdus.add(TestFpdu.readRequest(2, 10, 5, 0, 0, 0));
            fpdus.add(TestFpdu.untagged(5, true, 0, 0, 2, 0, Arrays.copyOf(DATA, 1)));
            fpdus.add(TestFpdu.sendInvalidate(3, writable.key(), Arrays.copyOf(DATA, 2)));
            fpdus.add(TestFpdu.untagged(6, true, readable.key(), 0, 4, 0, Arrays.copyOf(DATA, 3)));
            fpdus.add(TestFpdu.terminate(0x11, 0x01, 0));
            if (!checked) {
                fpdus.replaceAll(TestFpdu::unchecked);
            }
        }

        void assertEverythingHappened(byte[] answers) {
            assertThat(written.getByte(2)).isZero();
            byte[] seen = new byte[43];
            written.getBytes(3, seen);
            assertThat(Arrays.copyOf(seen, 37)).isEqualTo(DATA);
            assertThat(Arrays.copyOfRange(seen, 37, 43)).isEqualTo(Arrays.copyOf(DATA, 6));
            byte[] read = new byte[37];
            sink.getBytes(2, read);
            assertThat(read).isEqualTo(DATA);
            assertThat(iwarp.completions).containsExactly("read done");
            assertThat(iwarp.messages)
                    .containsExactly(
                            TestFpdu.join(List.of(DATA, DATA)),
                            Arrays.copyOf(DATA, 1),
                            Arrays.copyOf(DATA, 2),
                            Arrays.copyOf(DATA, 3));
            assertThat(iwarp.invalidated).containsExactly(0, 0, writable.key(), readable.key());
            assertThat(writable.isOpen()).isFalse();
            assertThat(readable.isOpen()).isFalse();
            assertThat(iwarp.end).isInstanceOfSatisfying(RdmaEnd.ProtocolError.class, error -> {
                assertThat(error.detectedBy()).isEqualTo(RdmaEnd.Side.REMOTE);
                assertThat(error.code()).isEqualTo(0x010101);
            });
            assertThat(answers.length).isLessThanOrEqualTo(2 * 20 + 60);
        }

        @Override
        public void close() {
            iwarp.close();
            assertThat(written.refCnt()).isOne();
            assertThat(source.refCnt()).isOne();
            assertThat(sink.refCnt()).isOne();
            written.release();
            source.release();
            sink.release();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyKindIsUnderstoodInWholeFpdus(boolean checked) {
        try (Scene scene = new Scene(checked)) {
            byte[] all = TestFpdu.join(scene.fpdus.subList(0, 9));
            scene.iwarp.deliver(all);
            List<byte[]> answers = List.of(
                    TestFpdu.readResponse(
                            true, 9, 0xFFFF_FFFF_0000_0000L, Arrays.copyOfRange(TestFpdu.pattern(64, 1), 4, 64)),
                    TestFpdu.readResponse(true, 10, 5, new byte[0]));
            assertThat(scene.iwarp.sent())
                    .isEqualTo(TestFpdu.join(
                            checked
                                    ? answers
                                    : answers.stream().map(TestFpdu::unchecked).toList()));
            scene.iwarp.deliver(scene.fpdus.subList(9, scene.fpdus.size()).toArray(byte[][]::new));
            scene.assertEverythingHappened(scene.iwarp.sent());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Covers("An FPDU may arrive in any pieces")
    void everySplitOfEveryFpduIsTheSame(boolean checked) {
        int kinds = kinds();
        for (int fpdu = 0; fpdu < kinds; fpdu++) {
            int length = 1;
            for (int split = 1; split < length || split == 1; split++) {
                try (Scene scene = new Scene(checked)) {
                    byte[] bytes = scene.fpdus.get(fpdu);
                    length = bytes.length;
                    for (int i = 0; i < kinds; i++) {
                        if (i == fpdu) {
                            scene.iwarp.deliver(
                                    Arrays.copyOf(bytes, split), Arrays.copyOfRange(bytes, split, bytes.length));
                        } else {
                            scene.iwarp.deliver(scene.fpdus.get(i));
                        }
                    }
                    scene.assertEverythingHappened(new byte[0]);
                }
            }
        }
    }

    private static int kinds() {
        try (Scene scene = new Scene(true)) {
            return scene.fpdus.size();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 64})
    @Covers("An FPDU may arrive in any pieces")
    void piecesOfAnySizeAreTheSame(int size) {
        try (Scene scene = new Scene(true)) {
            byte[] all = TestFpdu.join(scene.fpdus);
            for (int at = 0; at < all.length; at += size) {
                scene.iwarp.deliver(Arrays.copyOfRange(all, at, Math.min(all.length, at + size)));
            }
            scene.assertEverythingHappened(new byte[0]);
        }
    }

    @Test
    @Covers("A message takes its place until it is released, and sequence numbers go on")
    void aMessageHasItsPlaceUntilItIsReleased() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
            iwarp.keeps = true;
            for (int i = 1; i <= 4; i++) {
                iwarp.deliver(TestFpdu.send(i, DATA));
            }
            iwarp.kept.remove(0).release();
            iwarp.deliver(TestFpdu.send(5, DATA));
            assertThat(iwarp.messages).hasSize(5);
            assertThat(iwarp.end).isNull();

            byte[] tooMuch = TestFpdu.send(6, DATA);
            iwarp.deliver(tooMuch);

            assertThat(iwarp.sent())
                    .isEqualTo(TestFpdu.terminateFor(TerminateError.UNTAGGED_NO_BUFFER, tooMuch, false));
            assertThat(iwarp.messages).hasSize(5);
        }
    }

    @Test
    @Covers("A message takes its place until it is released, and sequence numbers go on")
    void sequenceNumbersOfMessagesGoOn() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
            for (int i = 1; i <= 300; i++) {
                iwarp.deliver(TestFpdu.send(i, DATA));
            }
            assertThat(iwarp.messages).hasSize(300);
            assertThat(iwarp.end).isNull();
        }
    }
}
