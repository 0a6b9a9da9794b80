package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.testing.Covers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes out, byte for byte. */
class SentSegmentsTest {

    private static final byte[] DATA = TestFpdu.pattern(300, 5);

    @Test
    @Covers("Length, padding to four bytes and the CRC32C of the RFC")
    void aMessageOfZeroesIsTheFpduOfTheRfc() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
            iwarp.connection.send(Unpooled.wrappedBuffer(new byte[24]), null, 0, iwarp.noted("send"));
            assertThat(iwarp.completions).isEmpty();
            assertThat(HexFormat.of().formatHex(iwarp.sent()))
                    .isEqualTo("002a4143" + "00".repeat(8) + "00000001" + "00".repeat(28) + "b7243ec3");
            assertThat(iwarp.completions).containsExactly("send done");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 129, 130, 131, 200, 1442, 64_768})
    @Covers("Tagged and untagged messages are cut to the size of a segment")
    void messagesAndWritesAreCutToTheirSize(int ulpdu) {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp(EmbeddedIwarp.terms(true, ulpdu, EmbeddedIwarp.LIMITS))) {
            ByteBuf header = Unpooled.wrappedBuffer(Arrays.copyOf(DATA, 70));
            ByteBuf data = Unpooled.wrappedBuffer(Arrays.copyOfRange(DATA, 70, 300));
            iwarp.connection.send(header, data, 0x55, iwarp.noted("send"));
            iwarp.connection.write(Unpooled.wrappedBuffer(DATA), -1L << 32, 7, iwarp.noted("write"));

            byte[] all = iwarp.sent();

            byte[] expected = new byte[0];
            for (int at = 0; at < 300; at += ulpdu - 18) {
                int to = Math.min(300, at + ulpdu - 18);
                expected = TestFpdu.join(List.of(
                        expected, TestFpdu.untagged(4, to == 300, 0x55, 0, 1, at, Arrays.copyOfRange(DATA, at, to))));
            }
            for (int at = 0; at < 300; at += ulpdu - 14) {
                int to = Math.min(300, at + ulpdu - 14);
                expected = TestFpdu.join(List.of(
                        expected,
                        TestFpdu.tagged(0, to == 300, 7, (-1L << 32) + at, Arrays.copyOfRange(DATA, at, to))));
            }
            assertThat(all).isEqualTo(expected);
            assertThat(iwarp.completions).containsExactly("send done", "write done");
            assertThat(header.refCnt()).isZero();
            assertThat(data.refCnt()).isZero();
        }
    }

    @Test
    @Covers("Used if either side wants it, otherwise its place is zero")
    void withoutCheckSumsTheirPlaceIsZero() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp(EmbeddedIwarp.terms(false, 1442, EmbeddedIwarp.LIMITS))) {
            iwarp.connection.send(Unpooled.wrappedBuffer(DATA), null, 0, iwarp.noted("send"));
            assertThat(iwarp.sent()).isEqualTo(TestFpdu.unchecked(TestFpdu.send(1, DATA)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1442, 64_768})
    void muchDataIsNotCopied(int ulpdu) {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp(EmbeddedIwarp.terms(true, ulpdu, EmbeddedIwarp.LIMITS))) {
            int length = 8193;
            ByteBuf data = Unpooled.directBuffer(length).writeZero(length);
            iwarp.connection.write(data, 0, 7, iwarp.noted("write"));
            iwarp.connection.flush();
            for (int at = 0; at < length; ) {
                ReferenceCountUtil.release(iwarp.channel.readOutbound()); // the header
                ByteBuf piece = iwarp.channel.readOutbound();
                assertThat(piece.readableBytes()).isEqualTo(Math.min(length - at, ulpdu - 14));
                assertThat(piece.memoryAddress()).isEqualTo(data.memoryAddress() + at);
                at += piece.readableBytes();
                piece.release();
            }
            iwarp.sent();
            assertThat(data.refCnt()).isZero();
        }
    }

    @Test
    void littleDataLeavesTogetherWithItsHeaders() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
            byte[] written = TestFpdu.pattern(1000, 1);
            iwarp.connection.write(Unpooled.wrappedBuffer(written), 5, 7, iwarp.noted("write"));
            iwarp.connection.send(Unpooled.wrappedBuffer(DATA), null, 0, iwarp.noted("send"));
            iwarp.connection.flush();
            ByteBuf piece = iwarp.channel.readOutbound();
            assertThat(piece).isEqualTo(Unpooled.wrappedBuffer(TestFpdu.write(7, 5, written), TestFpdu.send(1, DATA)));
            piece.release();
            assertThat(iwarp.sent()).isEmpty();
            assertThat(iwarp.completions).containsExactly("write done", "send done");
        }
    }

    @Test
    void whatTheSocketHasTakenIsOverwrittenOnly() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
            List<ByteBuf> kept = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                iwarp.connection.write(Unpooled.wrappedBuffer(TestFpdu.pattern(1400, i)), i, 7, iwarp.noted("write"));
                iwarp.connection.flush();
                iwarp.channel.runPendingTasks();
                kept.add(iwarp.channel.readOutbound());
            }
            for (int i = 0; i < 40; i++) {
                assertThat(kept.get(i))
                        .isEqualTo(Unpooled.wrappedBuffer(TestFpdu.write(7, i, TestFpdu.pattern(1400, i))));
                kept.get(i).release();
            }
        }
    }

    @Test
    @Covers("Not more reads than agreed on, in order; answers never hold up what comes in")
    void readsAreAskedForInOrderAndAsManyAsThePeerServes() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
            ByteBuf sink = Unpooled.buffer(30);
            for (int i = 0; i < 3; i++) {
                iwarp.connection.read(sink, i * 10, 10, 100 + i, 50 + i, iwarp.noted("read " + i));
            }
            iwarp.connection.send(Unpooled.wrappedBuffer(DATA), null, 0, iwarp.noted("send"));
            ByteBuf requests = Unpooled.wrappedBuffer(iwarp.sent());
            assertThat(requests.readableBytes()).isEqualTo(2 * 52);
            int firstKey = requests.getInt(20);
            long firstOffset = requests.getLong(24);
            byte[] first = new byte[52];
            requests.getBytes(0, first);
            assertThat(first).isEqualTo(TestFpdu.readRequest(1, firstKey, firstOffset, 10, 50, 100));
            assertThat(firstKey).isNotZero().isNotEqualTo(requests.getInt(72));

            iwarp.deliver(TestFpdu.readResponse(true, firstKey, firstOffset, Arrays.copyOf(DATA, 10)));

            assertThat(iwarp.sent()).hasSize(52 + TestFpdu.send(1, DATA).length);
            assertThat(iwarp.completions).containsExactly("read 0 done", "send done");
            iwarp.connection.close().subscribe();
            iwarp.channel.runPendingTasks();
            assertThat(iwarp.completions)
                    .containsExactly("read 0 done", "send done", "read 1 FLUSHED", "read 2 FLUSHED");
            assertThat(sink.release()).isTrue();
        }
    }

    @Test
    void moreOperationsThanAgreedAreRefusedLater() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp(EmbeddedIwarp.terms(true, 1442, new RdmaLimits(2, 1, 1, 0, 0)))) {
            ByteBuf refused = Unpooled.wrappedBuffer(DATA);
            iwarp.connection.send(Unpooled.wrappedBuffer(DATA), null, 0, iwarp.noted("1"));
            iwarp.connection.send(Unpooled.wrappedBuffer(DATA), null, 0, iwarp.noted("2"));
            iwarp.connection.send(refused, null, 0, iwarp.noted("3"));
            iwarp.connection.read(Unpooled.buffer(8), 0, 8, 0, 1, iwarp.noted("read"));
            assertThat(iwarp.completions).isEmpty();
            iwarp.sent();
            assertThat(iwarp.completions)
                    .containsExactlyInAnyOrder("1 done", "2 done", "3 EXHAUSTED", "read EXHAUSTED");
            assertThat(refused.refCnt()).isZero();
            iwarp.connection.send(Unpooled.wrappedBuffer(DATA), null, 0, iwarp.noted("4"));
            iwarp.sent();
            assertThat(iwarp.completions).contains("4 done");
        }
    }

    @Test
    void aReadOfAWindowThatWasClosedMeanwhileEndsTheConnection() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
            ByteBuf memory = EmbeddedIwarp.buffer(64, 1);
            RdmaWindow window = iwarp.connection.expose(memory, 0, 64, RdmaAccess.REMOTE_READ);
            iwarp.deliver(TestFpdu.join(List.of(
                    TestFpdu.readRequest(1, 1, 0, 64, window.key(), window.address()),
                    TestFpdu.sendInvalidate(1, window.key(), new byte[1]))));
            assertThat(iwarp.sent()).isEqualTo(TestFpdu.terminateAlone(TerminateError.RDMAP_INVALID_STAG));
            assertThat(iwarp.end).isInstanceOf(RdmaEnd.ProtocolError.class);
            assertThat(memory.release()).isTrue();
        }
    }

    @Test
    void aWriteIntoAWindowThatIsClosedWithinAnFpduEndsTheConnection() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
            ByteBuf memory = Unpooled.buffer(64);
            RdmaWindow window = iwarp.connection.expose(memory, 0, 64, RdmaAccess.REMOTE_WRITE);
            byte[] write = TestFpdu.write(window.key(), window.address(), TestFpdu.pattern(64, 9));
            iwarp.deliver(Arrays.copyOf(write, 40));
            assertThat(window.close()).isTrue();
            assertThat(memory.refCnt()).isOne();
            byte[] before = memory.array().clone();

            iwarp.deliver(Arrays.copyOfRange(write, 40, write.length));

            assertThat(memory.array()).isEqualTo(before);
            assertThat(iwarp.sent()).isEqualTo(TestFpdu.terminateFor(TerminateError.TAGGED_INVALID_STAG, write, false));
            memory.release();
        }
    }

    @Test
    @Covers("The responder sends nothing before the first FPDU of the initiator")
    void aResponderSaysNothingBeforeTheFirstFpdu() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp(EmbeddedIwarp.terms(
                false, true, 1442, EmbeddedIwarp.LIMITS, ConnectionTerms.Ready.NONE, Duration.ofMillis(1)))) {
            iwarp.connection.send(Unpooled.wrappedBuffer(DATA), null, 0, iwarp.noted("send"));
            iwarp.connection.flush();
            assertThat(iwarp.sent()).isEmpty();

            iwarp.deliver(TestFpdu.write(1, 0, new byte[0]));

            assertThat(iwarp.sent()).isEqualTo(TestFpdu.send(1, DATA));
        }
    }

    @Test
    @Covers("Peer-to-peer mode as responder, and as an option of the initiator")
    void anInitiatorInPeerToPeerModeSaysFirstThatItIsReady() {
        try (EmbeddedIwarp write = new EmbeddedIwarp(EmbeddedIwarp.terms(
                        true, true, 1442, EmbeddedIwarp.LIMITS, ConnectionTerms.Ready.WRITE, Duration.ZERO));
                EmbeddedIwarp read = new EmbeddedIwarp(EmbeddedIwarp.terms(
                        true,
                        true,
                        1442,
                        new RdmaLimits(1, 1, 100, 0, 0),
                        ConnectionTerms.Ready.READ,
                        Duration.ZERO))) {
            assertThat(write.sent()).isEqualTo(TestFpdu.write(1, 0, new byte[0]));
            ByteBuf request = Unpooled.wrappedBuffer(read.sent());
            int key = request.getInt(20);
            long offset = request.getLong(24);
            assertThat(request).isEqualTo(Unpooled.wrappedBuffer(TestFpdu.readRequest(1, key, offset, 0, 1, 0)));
            read.deliver(TestFpdu.readResponse(true, key, offset, new byte[0]), TestFpdu.send(1, new byte[1]));
            assertThat(read.messages).hasSize(1);
            assertThat(read.end).isNull();
        }
    }

    @Test
    void aSilentPeerIsNudgedEverMoreSlowly() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp(EmbeddedIwarp.terms(
                true, true, 1442, EmbeddedIwarp.LIMITS, ConnectionTerms.Ready.NONE, Duration.ofMillis(50)))) {
            byte[] nudge = TestFpdu.write(1, 0, new byte[0]);
            assertThat(after(iwarp, 1000)).isEmpty();
            iwarp.connection.send(Unpooled.wrappedBuffer(DATA), null, 0, iwarp.noted("send"));
            assertThat(iwarp.sent()).isEqualTo(TestFpdu.send(1, DATA));
            assertThat(after(iwarp, 49)).isEmpty();
            assertThat(after(iwarp, 1)).isEqualTo(nudge);
            assertThat(after(iwarp, 99)).isEmpty();
            assertThat(after(iwarp, 1)).isEqualTo(nudge);
            iwarp.deliver(TestFpdu.send(1, new byte[1]));
            assertThat(after(iwarp, 10_000)).isEmpty();
        }
    }

    private static byte[] after(EmbeddedIwarp iwarp, int millis) {
        iwarp.channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        iwarp.channel.runScheduledPendingTasks();
        return iwarp.sent();
    }

    @Test
    @Covers("Not more reads than agreed on, in order; answers never hold up what comes in")
    void answersToReadsWaitWhileTheChannelTakesNothingAndReadingGoesOn() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp(EmbeddedIwarp.terms(true, 128, EmbeddedIwarp.LIMITS))) {
            ByteBuf memory = EmbeddedIwarp.buffer(200, 1);
            RdmaWindow window = iwarp.connection.expose(memory, 0, 200, RdmaAccess.REMOTE_READ);
            setWritable(iwarp, false);
            iwarp.deliver(
                    TestFpdu.readRequest(1, 1, 0, 200, window.key(), window.address()), TestFpdu.send(1, new byte[1]));
            iwarp.connection.send(Unpooled.wrappedBuffer(DATA, 0, 4), null, 0, iwarp.noted("send"));
            assertThat(iwarp.sent()).isEmpty();
            assertThat(iwarp.messages).hasSize(1);

            setWritable(iwarp, true);

            byte[] data = TestFpdu.pattern(200, 1);
            assertThat(iwarp.sent())
                    .isEqualTo(TestFpdu.join(List.of(
                            TestFpdu.send(1, Arrays.copyOf(DATA, 4)),
                            TestFpdu.readResponse(false, 1, 0, Arrays.copyOf(data, 114)),
                            TestFpdu.readResponse(true, 1, 114, Arrays.copyOfRange(data, 114, 200)))));
            assertThat(iwarp.completions).containsExactly("writable false", "writable true", "send done");
            assertThat(window.close()).isTrue();
            memory.release();
        }
    }

    @Test
    void aWriteWaitsUntilAnAnswerThatHasBegunIsWhole() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp(EmbeddedIwarp.terms(true, 64_768, EmbeddedIwarp.LIMITS))) {
            ByteBuf memory = EmbeddedIwarp.buffer(300_000, 1);
            RdmaWindow window = iwarp.connection.expose(memory, 0, 300_000, RdmaAccess.REMOTE_READ);
            // With the message leaves the beginning of the answer, so the write comes when that is under way.
            iwarp.connection.send(
                    Unpooled.wrappedBuffer(DATA, 0, 4),
                    null,
                    0,
                    failure -> iwarp.connection.write(Unpooled.wrappedBuffer(DATA), 0, 7, iwarp.noted("write")));
            iwarp.channel
                    .pipeline()
                    .fireChannelRead(Unpooled.wrappedBuffer(
                            TestFpdu.readRequest(1, 1, 0, 300_000, window.key(), window.address())));
            iwarp.channel.pipeline().fireChannelReadComplete();

            assertThat(opcodes(iwarp.sent())).containsExactly(3, 2, 2, 2, 2, 2, 0);
            assertThat(window.close()).isTrue();
            memory.release();
        }
    }

    private static List<Integer> opcodes(byte[] sent) {
        List<Integer> opcodes = new ArrayList<>();
        ByteBuf stream = Unpooled.wrappedBuffer(sent);
        while (stream.isReadable()) {
            opcodes.add(stream.getByte(stream.readerIndex() + 3) & 0x0F);
            int length = stream.readUnsignedShort();
            stream.skipBytes(length + (-(length + 2) & 3) + 4);
        }
        return opcodes;
    }

    private static void setWritable(EmbeddedIwarp iwarp, boolean writable) {
        iwarp.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, writable);
        iwarp.channel.runPendingTasks();
    }

    @Test
    @Covers("Layer, type and code, and the header of the segment; the last that is sent")
    void abortTellsThePeerAndEverybodyElse() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
            ByteBuf memory = Unpooled.buffer(10);
            RdmaWindow window = iwarp.connection.expose(memory, 0, 10, RdmaAccess.REMOTE_READ);
            iwarp.connection.abort("nonsense from above");
            assertThat(window.isOpen()).isFalse();
            assertThat(iwarp.sent()).isEqualTo(TestFpdu.terminateAlone(TerminateError.RDMAP_LOCAL));
            assertThat(iwarp.end).isEqualTo(new RdmaEnd.ProtocolError(RdmaEnd.Side.LOCAL, 0, "nonsense from above"));
            assertThatThrownBy(() -> iwarp.connection.expose(memory, 0, 10, RdmaAccess.REMOTE_READ))
                    .isInstanceOf(RdmaException.class);
            iwarp.connection.send(Unpooled.wrappedBuffer(DATA), null, 0, iwarp.noted("late"));
            iwarp.channel.runPendingTasks();
            assertThat(iwarp.completions).containsExactly("late FLUSHED");
            memory.release();
        }
    }

    @Test
    void whatWasIssuedBeforeCloseLeaves() {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
            iwarp.connection.send(Unpooled.wrappedBuffer(DATA), null, 0, iwarp.noted("send"));
            boolean[] gone = {false};
            iwarp.connection.close().subscribe(nothing -> {}, failure -> {}, () -> gone[0] = true);
            assertThat(iwarp.sent()).isEqualTo(TestFpdu.send(1, DATA));
            assertThat(iwarp.completions).containsExactly("send done");
            assertThat(iwarp.end).isEqualTo(new RdmaEnd.Closed(RdmaEnd.Side.LOCAL));
            assertThat(gone[0]).isTrue();
        }
    }

    @Test
    void aPeerThatClosesBetweenAndWithinMessages() {
        for (int bytes = 0; bytes < 30; bytes++) {
            try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
                iwarp.deliver(TestFpdu.send(1, new byte[2]), Arrays.copyOf(TestFpdu.send(2, new byte[2]), bytes));
                iwarp.channel.close();
                iwarp.channel.runPendingTasks();
                assertThat(iwarp.end).isInstanceOf(bytes % 28 == 0 ? RdmaEnd.Closed.class : RdmaEnd.PeerReset.class);
            }
        }
    }
}
