package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.testing.Covers;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Peers that break the protocol: each gets the Terminate that the RFCs name, and nothing happens to memory. */
class BrokenProtocolTest {

    private static final byte[] DATA = TestFpdu.pattern(16, 3);

    /** What the peer knows. */
    record Known(RdmaWindow writable, RdmaWindow readable, RdmaWindow closed, int sinkKey, long sinkOffset) {}

    /** What a peer does, and what it gets. */
    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    enum Breach {
        KEY(TerminateError.TAGGED_INVALID_STAG, k -> write(k.writable.key() ^ 1, k.writable.address())),
        KEY_ZERO(TerminateError.TAGGED_INVALID_STAG, k -> write(0, k.writable.address())),
        INVALIDATED_KEY(TerminateError.TAGGED_INVALID_STAG, k -> write(k.closed.key(), k.closed.address())),
        BELOW(TerminateError.TAGGED_BOUNDS, k -> write(k.writable.key(), k.writable.address() - 1)),
        ABOVE(TerminateError.TAGGED_BOUNDS, k -> write(k.writable.key(), k.writable.address() + 64 - 15)),
        FAR_ABOVE(TerminateError.TAGGED_BOUNDS, k -> write(k.writable.key(), k.writable.address() + (1L << 32))),
        WRAP(TerminateError.TAGGED_WRAP, k -> write(k.writable.key(), -8)),
        NOT_WRITABLE(TerminateError.RDMAP_ACCESS, k -> write(k.readable.key(), k.readable.address())),
        TAGGED_VERSION(
                TerminateError.TAGGED_VERSION, k -> TestFpdu.changed(write(k.writable.key(), 0), 2, 0x80 | 0x42)),
        UNTAGGED_VERSION(TerminateError.UNTAGGED_VERSION, k -> TestFpdu.changed(TestFpdu.send(1, DATA), 2, 0x40)),
        RDMAP_VERSION(TerminateError.RDMAP_VERSION, k -> TestFpdu.changed(TestFpdu.send(1, DATA), 3, 0x03)),
        OPCODE(TerminateError.RDMAP_OPCODE, k -> TestFpdu.untagged(8, true, 0, 0, 1, 0, DATA)),
        TAGGED_SEND(TerminateError.RDMAP_OPCODE, k -> TestFpdu.tagged(3, true, k.writable.key(), 0, DATA)),
        UNTAGGED_WRITE(TerminateError.RDMAP_OPCODE, k -> TestFpdu.untagged(0, true, 0, 0, 1, 0, DATA)),
        QUEUE(TerminateError.UNTAGGED_QN, k -> TestFpdu.untagged(3, true, 0, 3, 1, 0, DATA)),
        QUEUE_OF_READS(TerminateError.UNTAGGED_QN, k -> TestFpdu.untagged(3, true, 0, 1, 1, 0, DATA)),
        READ_ON_QUEUE_OF_SENDS(TerminateError.UNTAGGED_QN, k -> TestFpdu.untagged(1, true, 0, 0, 1, 0, new byte[28])),
        SEQUENCE(TerminateError.UNTAGGED_MSN, k -> TestFpdu.send(2, DATA)),
        SEQUENCE_ZERO(TerminateError.UNTAGGED_MSN, k -> TestFpdu.send(0, DATA)),
        OFFSET(TerminateError.UNTAGGED_MO, k -> TestFpdu.untagged(3, true, 0, 0, 1, 16, DATA)),
        TOO_LONG(TerminateError.UNTAGGED_TOO_LONG, k -> TestFpdu.send(1, new byte[257])),
        CANNOT_INVALIDATE(
                TerminateError.RDMAP_CANNOT_INVALIDATE, k -> TestFpdu.sendInvalidate(1, k.closed.key(), DATA)),
        INVALIDATES_NOTHING(TerminateError.RDMAP_CANNOT_INVALIDATE, k -> TestFpdu.sendInvalidate(1, 0, DATA)),
        ANSWER_WITH_OTHER_KEY(
                TerminateError.TAGGED_INVALID_STAG,
                k -> TestFpdu.readResponse(true, k.writable.key(), k.writable.address(), DATA)),
        ANSWER_ELSEWHERE(
                TerminateError.TAGGED_BOUNDS, k -> TestFpdu.readResponse(true, k.sinkKey, k.sinkOffset + 1, DATA)),
        ANSWER_TOO_LONG(
                TerminateError.TAGGED_BOUNDS, k -> TestFpdu.readResponse(true, k.sinkKey, k.sinkOffset, new byte[17])),
        ANSWER_TOO_SHORT(
                TerminateError.RDMAP_STREAM, k -> TestFpdu.readResponse(true, k.sinkKey, k.sinkOffset, new byte[15])),
        WRITE_TO_MEMORY_OF_A_READ(TerminateError.TAGGED_INVALID_STAG, k -> write(k.sinkKey, k.sinkOffset)),
        READ_SHORT(TerminateError.RDMAP_STREAM, k -> TestFpdu.untagged(1, true, 0, 1, 1, 0, new byte[27])),
        READ_KEY(TerminateError.RDMAP_INVALID_STAG, k -> read(k.readable.key() + 1, k.readable.address(), 16), true),
        READ_BOUNDS(TerminateError.RDMAP_BOUNDS, k -> read(k.readable.key(), k.readable.address(), 65), true),
        READ_EVERYTHING(TerminateError.RDMAP_BOUNDS, k -> read(k.readable.key(), k.readable.address(), -1), true),
        READ_WRAP(TerminateError.RDMAP_WRAP, k -> read(k.readable.key(), -8, 9), true),
        READ_ACCESS(TerminateError.RDMAP_ACCESS, k -> read(k.writable.key(), k.writable.address(), 16), true),
        READ_INVALIDATED(TerminateError.RDMAP_INVALID_STAG, k -> read(k.closed.key(), k.closed.address(), 16), true),
        READ_SEQUENCE(TerminateError.UNTAGGED_MSN, k -> TestFpdu.readRequest(2, 1, 0, 1, k.readable.key(), 0)),
        TERMINATE_SHORT(TerminateError.RDMAP_STREAM, k -> TestFpdu.untagged(7, true, 0, 2, 1, 0, new byte[3])),
        TERMINATE_LONG(TerminateError.UNTAGGED_TOO_LONG, k -> TestFpdu.untagged(7, true, 0, 2, 1, 0, new byte[80])),
        TERMINATE_QUEUE(TerminateError.UNTAGGED_QN, k -> TestFpdu.untagged(7, true, 0, 0, 1, 0, new byte[4])),
        CRC_OF_PAYLOAD(TerminateError.MPA_CRC, k -> damaged(TestFpdu.send(1, DATA), 25)),
        CRC_OF_HEADER(TerminateError.MPA_CRC, k -> damaged(TestFpdu.send(1, DATA), 15)),
        CRC_ITSELF(TerminateError.MPA_CRC, k -> damaged(TestFpdu.send(1, DATA), 39)),
        SHORTER_THAN_ITS_HEADER(TerminateError.DDP_LOCAL, k -> TestFpdu.of(new byte[] {0x41, 0x43, 0, 0, 0, 0})),
        SHORTER_THAN_A_TAGGED_HEADER(
                TerminateError.DDP_LOCAL, k -> TestFpdu.of(new byte[] {(byte) 0xC1, 0x40, 0, 0, 0, 0}));

        final TerminateError error;
        final Function<Known, byte[]> fpdu;
        final boolean quotesRead;

        Breach(TerminateError error, Function<Known, byte[]> fpdu) {
            this(error, fpdu, false);
        }

        Breach(TerminateError error, Function<Known, byte[]> fpdu, boolean quotesRead) {
            this.error = error;
            this.fpdu = fpdu;
            this.quotesRead = quotesRead;
        }

        private static byte[] write(int key, long offset) {
            return TestFpdu.write(key, offset, DATA);
        }

        private static byte[] read(int key, long offset, int length) {
            return TestFpdu.readRequest(1, 5, 6, length, key, offset);
        }

        private static byte[] damaged(byte[] fpdu, int at) {
            fpdu[at] ^= 0x20;
            return fpdu;
        }

        byte[] answer(byte[] sent) {
            boolean ofASegment = error.layer() < 2 && error != TerminateError.DDP_LOCAL;
            return ofASegment ? TestFpdu.terminateFor(error, sent, quotesRead) : TestFpdu.terminateAlone(error);
        }
    }

    @ParameterizedTest
    @EnumSource(Breach.class)
    @Covers("Queue, sequence, offset, key, bounds and wrap-around are checked, each with its own error")
    void aBreachIsAnsweredWithItsTerminate(Breach breach) {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
            ByteBuf memory = Unpooled.buffer(64);
            ByteBuf sink = Unpooled.buffer(16);
            Known known = known(iwarp, memory, sink);
            byte[] fpdu = breach.fpdu.apply(known);

            iwarp.deliver(fpdu, TestFpdu.send(1, DATA));

            assertThat(iwarp.sent()).isEqualTo(breach.answer(fpdu));
            assertThat(iwarp.channel.isOpen()).isFalse();
            assertThat(iwarp.end).isInstanceOfSatisfying(RdmaEnd.ProtocolError.class, end -> {
                assertThat(end.detectedBy()).isEqualTo(RdmaEnd.Side.LOCAL);
                assertThat(end.code()).isEqualTo(breach.error.code());
                assertThat(end.detail()).startsWith(breach.error.toString());
            });
            assertThat(iwarp.messages).isEmpty();
            assertThat(iwarp.completions).containsExactly("read FLUSHED");
            assertThat(known.writable.isOpen()).isFalse();
            assertThat(isZero(memory)).isTrue();
            assertThat(memory.release()).isTrue();
            assertThat(sink.release()).isTrue();
        }
    }

    /** Windows on one memory, and a read that is out. */
    private static Known known(EmbeddedIwarp iwarp, ByteBuf memory, ByteBuf sink) {
        RdmaWindow closed = iwarp.connection.expose(memory, 0, 64, RdmaAccess.REMOTE_WRITE);
        closed.close();
        RdmaWindow writable = iwarp.connection.expose(memory, 0, 64, RdmaAccess.REMOTE_WRITE);
        RdmaWindow readable = iwarp.connection.expose(memory, 0, 64, RdmaAccess.REMOTE_READ);
        iwarp.connection.read(sink, 0, 16, 0x1000, 77, iwarp.noted("read"));
        ByteBuf request = Unpooled.wrappedBuffer(iwarp.sent());
        return new Known(writable, readable, closed, request.getInt(20), request.getLong(24));
    }

    private static boolean isZero(ByteBuf memory) {
        for (int i = 0; i < memory.capacity(); i++) {
            if (memory.getByte(i) != 0) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest
    @EnumSource(TwoSteps.class)
    @Covers("Queue, sequence, offset, key, bounds and wrap-around are checked, each with its own error")
    void aBreachWithinAMessageIsAnsweredWithItsTerminate(TwoSteps breach) {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
            iwarp.deliver(TestFpdu.untagged(3, false, 0, 0, 1, 0, new byte[200]));
            iwarp.deliver(breach.second);
            assertThat(iwarp.sent()).isEqualTo(TestFpdu.terminateFor(breach.error, breach.second, false));
            assertThat(iwarp.messages).isEmpty();
        }
    }

    /** What may not follow the first segment of a message. */
    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    enum TwoSteps {
        GAP(TerminateError.UNTAGGED_MO, TestFpdu.untagged(3, true, 0, 0, 1, 201, DATA)),
        AGAIN(TerminateError.UNTAGGED_MO, TestFpdu.untagged(3, true, 0, 0, 1, 0, DATA)),
        NEXT_MESSAGE(TerminateError.UNTAGGED_MSN, TestFpdu.untagged(3, true, 0, 0, 2, 0, DATA)),
        TOO_LONG(TerminateError.UNTAGGED_TOO_LONG, TestFpdu.untagged(3, true, 0, 0, 1, 200, new byte[57])),
        OTHER_KIND(TerminateError.RDMAP_OPCODE, TestFpdu.untagged(4, true, 0, 0, 1, 200, DATA));

        final TerminateError error;
        final byte[] second;

        TwoSteps(TerminateError error, byte[] second) {
            this.error = error;
            this.second = second;
        }
    }

    @ParameterizedTest
    @EnumSource(ReadsBeyond.class)
    @Covers("Not more reads than agreed on, in order; answers never hold up what comes in")
    void moreReadsThanAgreedAreRefused(ReadsBeyond reads) {
        try (EmbeddedIwarp iwarp =
                new EmbeddedIwarp(EmbeddedIwarp.terms(true, 1442, new RdmaLimits(4, 4, 256, reads.agreed, 0)))) {
            ByteBuf memory = Unpooled.buffer(64);
            RdmaWindow window = iwarp.connection.expose(memory, 0, 64, RdmaAccess.REMOTE_READ);
            byte[] all = new byte[0];
            byte[] last = all;
            for (int i = 1; i <= reads.agreed + 1; i++) {
                last = TestFpdu.readRequest(i, 1, 0, 64, window.key(), window.address());
                all = TestFpdu.join(List.of(all, last));
            }
            iwarp.deliver(all); // in one piece, so that none of them is answered before the last has come
            assertThat(iwarp.sent()).isEqualTo(TestFpdu.terminateFor(TerminateError.UNTAGGED_NO_BUFFER, last, false));
            memory.release();
        }
    }

    /** How many were agreed on. */
    enum ReadsBeyond {
        NONE(0),
        ONE(1),
        TWO(2);

        final int agreed;

        ReadsBeyond(int agreed) {
            this.agreed = agreed;
        }
    }

    @ParameterizedTest
    @EnumSource(TerminateError.class)
    @Covers("A received one ends the connection and is not answered; that of Linux is understood")
    void whatThePeerSaysIsToldAndNotAnswered(TerminateError error) {
        try (EmbeddedIwarp iwarp = new EmbeddedIwarp()) {
            iwarp.deliver(TestFpdu.terminateAlone(error), TestFpdu.send(1, DATA));
            assertThat(iwarp.sent()).isEmpty();
            assertThat(iwarp.channel.isOpen()).isFalse();
            @Nullable RdmaEnd end = iwarp.end;
            assertThat(end).isInstanceOfSatisfying(RdmaEnd.ProtocolError.class, told -> {
                assertThat(told.detectedBy()).isEqualTo(RdmaEnd.Side.REMOTE);
                assertThat(told.code()).isEqualTo(error.code());
            });
            assertThat(iwarp.messages).isEmpty();
        }
    }
}
