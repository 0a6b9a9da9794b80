package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaWindow;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Large payload is read from the socket into the memory it is for; what is placed is the same as with a copy. */
class StraightPlacementTest {

    private static final int GUARD = 64;
    private static final int LENGTH = FpduDecoder.LEAST_LENT + 1001;
    private static final byte[] DATA = TestFpdu.pattern(LENGTH, 3);
    private static final byte GUARDED = (byte) 0xEE;

    private final EmbeddedIwarp iwarp = new EmbeddedIwarp();
    private final EmbeddedSocket socket = new EmbeddedSocket(iwarp);
    private ByteBuf memory = Unpooled.EMPTY_BUFFER;
    private int messages;

    @BeforeEach
    void guardMemory() {
        memory = guarded(Unpooled.directBuffer(LENGTH + 2 * GUARD, LENGTH + 2 * GUARD));
    }

    @AfterEach
    void nothingIsKept() {
        iwarp.close();
        assertThat(memory.refCnt()).isOne();
        memory.release();
    }

    private static ByteBuf guarded(ByteBuf buffer) {
        byte[] guards = new byte[buffer.capacity()];
        Arrays.fill(guards, GUARDED);
        return buffer.setBytes(0, guards);
    }

    private RdmaWindow window(ByteBuf of) {
        return iwarp.connection.expose(of, GUARD, LENGTH, RdmaAccess.REMOTE_WRITE);
    }

    private static byte[] write(RdmaWindow window) {
        return TestFpdu.write(window.key(), window.address(), DATA);
    }

    private byte[] message() {
        return TestFpdu.send(++messages, new byte[] {7, 8, 9});
    }

    private static void assertPlaced(ByteBuf buffer, int length) {
        byte[] expected = new byte[LENGTH + 2 * GUARD];
        Arrays.fill(expected, GUARDED);
        System.arraycopy(DATA, 0, expected, GUARD, length);
        assertThat(buffer).isEqualTo(Unpooled.wrappedBuffer(expected));
    }

    /** Every split where something begins, ends or changes, and some of those between. */
    private static int next(int split, int length) {
        int border = LENGTH + DdpHeader.TAGGED_LENGTH - FpduDecoder.LEAST_LENT;
        boolean near = split < 64 || Math.abs(split - border) < 16 || split > length - 64;
        int step = Math.min(397, split < border ? border - 16 - split : length - 64 - split);
        return split + (near ? 1 : Math.max(1, step));
    }

    private ByteBuf all(ByteBuf buffer) {
        return buffer.setIndex(0, buffer.capacity());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everySplitOfAWriteIsTheSame(boolean checked) {
        try (EmbeddedIwarp other = new EmbeddedIwarp(EmbeddedIwarp.terms(checked, 1442, EmbeddedIwarp.LIMITS))) {
            EmbeddedSocket reads = new EmbeddedSocket(other);
            RdmaWindow window = other.connection.expose(memory, GUARD, LENGTH, RdmaAccess.REMOTE_WRITE);
            byte[] write = write(window);
            for (int split = 1; split < write.length; split = next(split, write.length)) {
                byte[] stream = TestFpdu.join(List.of(write, message()));
                stream = checked
                        ? stream
                        : TestFpdu.join(List.of(
                                TestFpdu.unchecked(write),
                                TestFpdu.unchecked(TestFpdu.send(messages, new byte[] {7, 8, 9}))));
                guarded(memory);
                int before = reads.straight();

                reads.arrive(stream, 0, split);
                // Where the first read has brought the header and little else, the rest is read straight.
                int placed = Math.max(0, Math.min(split - DdpHeader.TAGGED_LENGTH, LENGTH));
                reads.arrive(stream, split, stream.length);

                assertThat(other.end).isNull();
                assertThat(other.messages).hasSize(messages);
                boolean straight = split >= DdpHeader.TAGGED_LENGTH && LENGTH - placed >= FpduDecoder.LEAST_LENT;
                if (straight) {
                    assertThat(reads.straight() - before).isGreaterThanOrEqualTo(LENGTH - placed);
                }
                assertPlaced(all(memory), LENGTH);
            }
            assertThat(reads.straight()).isGreaterThan(40 * FpduDecoder.LEAST_LENT);
        }
    }

    @Test
    void theAnswerToAReadIsReadIntoItsMemory() {
        RdmaLimits limits = EmbeddedIwarp.LIMITS;
        for (int split = 1; split < LENGTH; split += 331) {
            guarded(memory);
            try (EmbeddedIwarp other = new EmbeddedIwarp(EmbeddedIwarp.terms(true, 1442, limits))) {
                EmbeddedSocket reads = new EmbeddedSocket(other);
                other.connection.read(memory, GUARD, LENGTH, 0x1000, 77, other.noted("read"));
                ByteBuf request = Unpooled.wrappedBuffer(other.sent());
                byte[] answer = TestFpdu.readResponse(true, request.getInt(20), request.getLong(24), DATA);

                reads.arrive(answer, 0, split).arrive(answer, split, answer.length - 1);
                assertThat(other.completions).isEmpty();
                reads.arrive(answer, answer.length - 1, answer.length);

                assertThat(other.completions).containsExactly("read done");
                assertThat(reads.straight()).isEqualTo(expectedStraight(split));
                assertPlaced(all(memory), LENGTH);
            }
            assertThat(memory.refCnt()).isOne();
        }
    }

    /** Of one segment that comes in two pieces, the first of which is read in small buffers as long as little is due. */
    private static int expectedStraight(int split) {
        int copied = 0;
        int at = 0;
        for (int end : new int[] {split, LENGTH + 100}) {
            while (at < end) {
                boolean header = at >= DdpHeader.TAGGED_LENGTH;
                if (header && LENGTH - (at - DdpHeader.TAGGED_LENGTH) >= FpduDecoder.LEAST_LENT) {
                    int rest = Math.min(end, LENGTH + DdpHeader.TAGGED_LENGTH) - at;
                    copied += rest;
                    at += rest;
                } else {
                    at = Math.min(end, at + ReceiveBuffers.LEAST);
                }
            }
        }
        return copied;
    }

    @Test
    void aWindowThatClosesBetweenTwoReadsIsLeftAlone() {
        RdmaWindow window = window(memory);
        byte[] write = write(window);
        socket.arrive(write, 0, 100).arrive(write, 100, 200);
        assertThat(socket.straight()).isEqualTo(100);

        window.close();
        assertThat(memory.refCnt()).isOne();
        guarded(memory);
        socket.arrive(write, 200, 300).arrive(write, 300, write.length);

        assertPlaced(all(memory), 0);
        assertThat(socket.straight()).isEqualTo(100);
        assertThat(iwarp.sent()).isEqualTo(TestFpdu.terminateFor(TerminateError.TAGGED_INVALID_STAG, write, false));
    }

    @Test
    void aWrongCheckSumEndsTheConnectionBeforeTheMessageBehindIt() {
        byte[] write = write(window(memory));
        write[write.length - 1] ^= 1;
        socket.arrive(write, 0, 100).arrive(TestFpdu.join(List.of(write, message())), 100, write.length + 20);

        assertThat(socket.straight()).isEqualTo(LENGTH - 100 + DdpHeader.TAGGED_LENGTH);
        assertThat(iwarp.messages).isEmpty();
        assertThat(iwarp.sent()).isEqualTo(TestFpdu.terminateAlone(TerminateError.MPA_CRC));
        assertThat(iwarp.end).isInstanceOf(RdmaEnd.ProtocolError.class);
    }

    @Test
    void aDamagedPayloadEndsTheConnection() {
        byte[] write = write(window(memory));
        write[DdpHeader.TAGGED_LENGTH + 500] ^= 1;
        socket.arrive(write, 0, 100).arrive(write, 100, write.length);

        assertThat(iwarp.sent()).isEqualTo(TestFpdu.terminateAlone(TerminateError.MPA_CRC));
    }

    @Test
    void aPeerThatStopsInTheMiddleLeavesNothingHeld() {
        byte[] write = write(window(memory));
        socket.arrive(write, 0, 100).arrive(write, 100, 5000);
        assertThat(socket.straight()).isEqualTo(4900);

        iwarp.channel.close();
        iwarp.channel.runPendingTasks();

        assertThat(iwarp.end).isInstanceOf(RdmaEnd.PeerReset.class);
        assertThat(memory.refCnt()).isOne();
        assertPlaced(all(memory), 5000 - DdpHeader.TAGGED_LENGTH);
    }

    @Test
    void memoryThatASocketCannotBeReadIntoGetsACopy() {
        ByteBuf heap = guarded(Unpooled.buffer(LENGTH + 2 * GUARD, LENGTH + 2 * GUARD));
        ByteBuf parts = Unpooled.wrappedBuffer(
                Unpooled.directBuffer(1000, 1000).writerIndex(1000),
                Unpooled.directBuffer(LENGTH, LENGTH).writerIndex(LENGTH - 1000 + 2 * GUARD));
        for (ByteBuf target : List.of(heap, guarded(parts))) {
            byte[] write = write(window(target));
            socket.arrive(write, 0, 100).arrive(write, 100, write.length);

            assertThat(socket.straight()).isZero();
            assertPlaced(all(target), LENGTH);
        }
        iwarp.close();
        heap.release();
        parts.release();
    }

    @Test
    void aSmallPayloadIsCopied() {
        RdmaWindow window = window(memory);
        byte[] small = TestFpdu.write(window.key(), window.address(), Arrays.copyOf(DATA, FpduDecoder.LEAST_LENT - 1));
        socket.arrive(small, 0, 100).arrive(small, 100, small.length);

        assertThat(socket.straight()).isZero();
        assertPlaced(all(memory), FpduDecoder.LEAST_LENT - 1);
    }

    @Test
    void nothingIsReadStraightBehindAHandler() {
        iwarp.channel.pipeline().addFirst(new ChannelInboundHandlerAdapter());
        byte[] write = write(window(memory));
        socket.arrive(write, 0, 100).arrive(write, 100, write.length);

        assertThat(socket.straight()).isZero();
        assertPlaced(all(memory), LENGTH);
    }

    @Test
    void aWriteBeyondTheWindowIsNotReadIntoIt() {
        RdmaWindow window = window(memory);
        byte[] write = TestFpdu.write(window.key(), window.address() + 1, DATA);
        socket.arrive(write, 0, 100).arrive(write, 100, write.length);

        assertThat(socket.straight()).isZero();
        assertPlaced(all(memory), 0);
        assertThat(iwarp.sent()).isEqualTo(TestFpdu.terminateFor(TerminateError.TAGGED_BOUNDS, write, false));
    }
}
