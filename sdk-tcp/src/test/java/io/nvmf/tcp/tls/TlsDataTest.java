package io.nvmf.tcp.tls;

import static io.nvmf.tcp.tls.TlsPair.joined;
import static io.nvmf.tcp.tls.TlsPair.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.nvmf.testing.Covers;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bouncycastle.tls.AlertDescription;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes after the handshake, and how it ends. */
class TlsDataTest {

    private static final int RECORD = 1 << 14;
    private static final int OVERHEAD = 22;

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 22, 1000, RECORD, Integer.MAX_VALUE})
    void dataArrivesInAnyFragmentation(int piece) {
        int length = (int) Math.min(300_000, piece * 2000L);
        try (TlsPair pair = TlsPair.open()) {
            ChannelFuture up = pair.client.send(pattern(length));
            ChannelFuture down = pair.server.send(pattern(length + 1));
            pair.pass(piece);
            assertThat(pair.server.received()).isEqualTo(pattern(length));
            assertThat(pair.client.received()).isEqualTo(pattern(length + 1));
            assertThat(up.isSuccess()).isTrue();
            assertThat(down.isSuccess()).isTrue();
        }
    }

    @Test
    void manySmallWritesShareARecordAndABuffer() {
        try (TlsPair pair = TlsPair.open()) {
            for (int i = 0; i < 100; i++) {
                pair.client.write(pattern(72));
            }
            assertThat(pair.client.sent()).isEmpty();
            pair.client.channel.flush();
            assertThat(pair.client.channel.outboundMessages()).hasSize(1);
            byte[] records = pair.client.sent();
            assertThat(records).hasSize(7200 + OVERHEAD);
            pair.server.deliver(records);
            assertThat(pair.server.buffers).isEqualTo(1);
            assertThat(pair.server.received()).hasSize(7200);
        }
    }

    @Test
    void recordsAreFullWhateverTheWrites() {
        try (TlsPair pair = TlsPair.open()) {
            pair.client.write(pattern(100));
            pair.client.write(pattern(2 * RECORD));
            pair.client.write(pattern(RECORD - 100));
            pair.client.channel.flush();
            byte[] records = pair.client.sent();
            assertThat(records).hasSize(3 * (RECORD + OVERHEAD));
            pair.server.deliver(records);
            assertThat(pair.server.buffers).isEqualTo(1);
            assertThat(pair.server.received())
                    .isEqualTo(joined(pattern(100), pattern(2 * RECORD), pattern(RECORD - 100)));
        }
    }

    @Test
    void randomWritesArriveInOrderAndAreDone() {
        Random random = new Random(12);
        try (TlsPair pair = TlsPair.open()) {
            for (int round = 0; round < 30; round++) {
                List<byte[]> parts = new ArrayList<>();
                List<ChannelFuture> written = new ArrayList<>();
                for (int i = random.nextInt(12); i >= 0; i--) {
                    byte[] part = pattern(random.nextInt(4) == 0 ? 0 : random.nextInt(60_000));
                    parts.add(part);
                    written.add(pair.client.write(part));
                }
                pair.client.channel.flush();
                pair.pass(1 + random.nextInt(40_000));
                assertThat(pair.server.received()).isEqualTo(joined(parts.toArray(byte[][]::new)));
                assertThat(written).allMatch(ChannelFuture::isSuccess);
            }
        }
    }

    @Test
    void writesAreDoneWhenTheSocketHasThem() {
        try (TlsPair pair = TlsPair.open()) {
            pair.client.full(true);
            List<ChannelFuture> written = new ArrayList<>();
            for (int length : new int[] {10, 200_000, 0, 72, 30_000}) {
                written.add(pair.client.write(pattern(length)));
            }
            pair.client.channel.flush();
            ChannelFuture mark = pair.client.channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
            assertThat(written).noneMatch(ChannelFuture::isDone);
            assertThat(mark.isDone()).isFalse();
            pair.client.full(false);
            assertThat(written).allMatch(ChannelFuture::isSuccess);
            assertThat(mark.isSuccess()).isTrue();
        }
    }

    @Test
    void theChannelKnowsHowMuchWaitsBeforeAFlush() {
        try (TlsPair pair = TlsPair.open()) {
            long before = pair.client.channel.bytesBeforeUnwritable();
            pair.client.write(pattern(200_000));
            assertThat(pair.client.channel.bytesBeforeUnwritable()).isLessThan(before);
            pair.client.channel.flush();
            pair.pass();
            assertThat(pair.server.received()).hasSize(200_000);
        }
    }

    @Test
    void nothingIsReadThatNobodyAskedFor() {
        try (TlsPair pair = new TlsPair(TlsEnd.client(Keys.SHA_256), TlsEnd.serverThatAsks(Keys.SHA_256))) {
            pair.pass();
            assertThat(pair.server.identity).isNotNull();
            assertThat(pair.server.reads()).as("the handshake reads by itself").isPositive();
            pair.client.send(pattern(100));
            byte[] records = pair.client.sent();

            pair.server.channel.read();
            assertThat(pair.server.reads()).isEqualTo(1);
            pair.server.deliver(records, 0, 60);
            assertThat(pair.server.reads()).as("half a record is nothing yet").isEqualTo(1);
            pair.server.deliver(records, 60, records.length);
            assertThat(pair.server.received()).hasSize(100);
            assertThat(pair.server.reads()).as("there was something").isZero();
        }
    }

    @Test
    @Covers("A close is told, and an end without it is a truncation")
    void closeTellsThePeer() {
        try (TlsPair pair = TlsPair.open()) {
            pair.client.send(pattern(100));
            pair.client.channel.close();
            pair.server.deliver(pair.client.sent());
            assertThat(pair.server.received()).hasSize(100);
            assertThat(pair.server.caught).isNull();
            assertThat(pair.server.inactive).isTrue();
            assertThat(pair.server.sent()).as("a close_notify").hasSize(2 + OVERHEAD);
            assertThat(pair.client.inactive).isTrue();
            assertThat(pair.client.caught).isNull();
        }
    }

    @Test
    void whatFollowsACloseIsRefused() {
        try (TlsPair pair = TlsPair.open()) {
            ChannelFuture unflushed = pair.client.write(pattern(10));
            pair.client.channel.close();
            ChannelFuture late = pair.client.send(pattern(10));
            assertThat(unflushed.cause()).isInstanceOf(ClosedChannelException.class);
            assertThat(late.cause()).isInstanceOf(ClosedChannelException.class);
        }
    }

    @Test
    @Covers("A close is told, and an end without it is a truncation")
    void aConnectionWithoutCloseNotifyIsTruncated() {
        try (TlsPair pair = TlsPair.open()) {
            pair.client.send(pattern(100));
            byte[] records = pair.client.sent();
            pair.server.deliver(records);
            pair.server.fin();
            assertThat(pair.server.received()).hasSize(100);
            assertThat(pair.server.caught)
                    .isInstanceOfSatisfying(
                            TlsException.class,
                            ended -> assertThat(ended.isTruncation()).isTrue())
                    .hasMessageContaining("without a close_notify");
            assertThat(pair.server.inactive).isTrue();
        }
    }

    @Test
    @Covers("A close is told, and an end without it is a truncation")
    void aConnectionThatEndsWithinARecordIsTruncated() {
        try (TlsPair pair = TlsPair.open()) {
            pair.client.send(pattern(100));
            byte[] records = pair.client.sent();
            pair.server.deliver(records, 0, records.length - 1);
            pair.server.fin();
            assertThat(pair.server.received()).isEmpty();
            assertThat(pair.server.caught).isInstanceOf(TlsException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Covers("Keys change in both directions")
    void keysChangeInBothDirections(boolean both) {
        try (TlsPair pair = TlsPair.open()) {
            for (int i = 0; i < 5; i++) {
                pair.client.send(pattern(100));
                pair.client.handler.updateKeys(pair.client.context(), both);
                pair.client.send(pattern(20_000));
                pair.server.send(pattern(300));
                pair.server.handler.updateKeys(pair.server.context(), both);
                pair.server.send(pattern(50));
                pair.pass(1000);
                assertThat(pair.server.received()).isEqualTo(joined(pattern(100), pattern(20_000)));
                assertThat(pair.client.received()).isEqualTo(joined(pattern(300), pattern(50)));
            }
            assertThat(pair.client.caught).isNull();
            assertThat(pair.server.caught).isNull();
        }
    }

    @Test
    @Covers("A record that was changed or repeated ends the connection")
    void aChangedByteEndsTheConnectionBehindWhatCameBefore() {
        try (TlsPair pair = TlsPair.open()) {
            pair.client.send(pattern(100));
            byte[] good = pair.client.sent();
            pair.client.send(pattern(100));
            byte[] bad = pair.client.sent();
            bad[50] ^= 1;
            ChannelFuture waiting = pair.server.write(pattern(5));
            pair.server.deliver(joined(good, bad));
            assertThat(pair.server.received()).hasSize(100);
            assertThat(pair.server.caught)
                    .isInstanceOfSatisfying(
                            TlsException.class,
                            failure -> assertThat(failure.alert()).isEqualTo(AlertDescription.bad_record_mac));
            assertThat(pair.server.channel.isOpen()).isFalse();
            assertThat(waiting.isDone()).isTrue();
            assertThat(waiting.isSuccess()).isFalse();

            pair.client.deliver(pair.server.sent());
            assertThat(pair.client.caught)
                    .isInstanceOfSatisfying(
                            TlsException.class,
                            failure -> assertThat(failure.alert()).isEqualTo(AlertDescription.bad_record_mac))
                    .hasMessageContaining("bad_record_mac");
        }
    }

    @Test
    @Covers("A record that was changed or repeated ends the connection")
    void aRecordTwiceEndsTheConnection() {
        try (TlsPair pair = TlsPair.open()) {
            pair.client.send(pattern(100));
            byte[] record = pair.client.sent();
            pair.server.deliver(joined(record, record));
            assertThat(pair.server.received()).hasSize(100);
            assertThat(pair.server.caught).isInstanceOf(TlsException.class);
        }
    }

    /** Type, version, and a length of one more than there may be; and what else cannot be a header. */
    @Test
    void whatIsNoRecordEndsTheConnectionAtItsHeader() {
        for (byte[] header : new byte[][] {
            {23, 3, 3, 0x41, 0x01},
            {23, 3, 3, (byte) 0xFF, (byte) 0xFF},
            {0, 3, 3, 0, 100},
            {24, 3, 3, 0, 100},
            {23, 2, 0, 0, 100},
            {23, 3, 3, 0, 0},
            {'G', 'E', 'T', ' ', '/'}
        }) {
            try (TlsPair pair = TlsPair.open()) {
                pair.server.deliver(header);
                assertThat(pair.server.caught).as(Arrays.toString(header)).isInstanceOf(TlsException.class);
                assertThat(pair.server.channel.isOpen()).isFalse();
            }
        }
    }

    /** What is written behind it would be in clear. */
    @Test
    void nothingLeavesWhereTlsIsTakenAway() {
        try (TlsPair pair = TlsPair.open()) {
            pair.client.write(pattern(10));

            pair.client.channel.pipeline().remove(pair.client.handler);
            ChannelFuture late = pair.client.send(pattern(100));

            assertThat(late.isSuccess()).isFalse();
            assertThat(pair.client.sent()).isEmpty();
            assertThat(pair.client.caught).isInstanceOf(TlsException.class);
            assertThat(pair.client.channel.isOpen()).isFalse();
        }
    }

    @Test
    void nothingIsTakenAfterTheEnd() {
        try (TlsPair pair = TlsPair.open()) {
            pair.client.channel.close();
            pair.server.deliver(joined(pair.client.sent(), pattern(1000)));
            assertThat(pair.server.received()).isEmpty();
            assertThat(pair.server.caught).isNull();
            assertThat(pair.server.inactive).isTrue();
        }
    }
}
