package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.Covers;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransferException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A socket that has taken a part of what it was given when the end comes, whichever way it comes. */
class HalfWrittenTest {

    /** How a connection ends. */
    enum End {
        CLOSE,
        PEER_CLOSES,
        RESET,
        TERM_REQ_RECEIVED;

        void of(EmbeddedHost host) {
            switch (this) {
                case CLOSE -> host.run(() -> host.queuePair.close().subscribe());
                case PEER_CLOSES -> host.channel.disconnect();
                case RESET -> host.channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
                case TERM_REQ_RECEIVED -> host.deliver(TestPdu.termReq(0x03, 1, 0, new byte[0]));
            }
            host.channel.runPendingTasks();
        }
    }

    /**
     * A write with all its data on the way, of which the socket has taken some bytes, and a read and a write that wait.
     */
    private static final class HalfWritten implements AutoCloseable {

        final EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.COALESCED);
        final Capsule write = host.writing(1, 10_000);
        final Capsule read = host.reading(2, 100);
        final Capsule waiting = host.writing(3, 10_000);
        final ByteBuf memory = write.data();

        HalfWritten(int taken) {
            host.channel.stallAfter(taken);
            host.receive(TestPdu.r2t(1, 1, 0, 10_000));
            assertThat(write.isDone()).isFalse();
        }

        /** The bytes of the PDUs that are on their way when the end comes. */
        static TestPdu[] pdus() {
            byte[] data = EmbeddedPair.pattern(10_000);
            return new TestPdu[] {
                TestPdu.h2cData(1, 1, 0, Arrays.copyOf(data, 4096), 0),
                TestPdu.h2cData(1, 1, 4096, Arrays.copyOfRange(data, 4096, 8192), 0),
                TestPdu.h2cData(1, 1, 8192, Arrays.copyOfRange(data, 8192, 10_000), TestPdu.LAST)
            };
        }

        @Override
        public void close() {
            host.close();
        }
    }

    static Stream<Arguments> endsAndBytes() {
        return Stream.of(End.values())
                .flatMap(end -> Stream.of(0, 1, 24, 25, 2000, 24 + 4096, 24 + 4096 + 7, 3 * 24 + 10_000 - 1)
                        .map(taken -> Arguments.of(end, taken)));
    }

    @ParameterizedTest
    @MethodSource("endsAndBytes")
    void everythingCompletesOnceAndIsGivenBack(End end, int taken) {
        try (HalfWritten half = new HalfWritten(taken)) {
            end.of(half.host);

            assertThat(half.host.end()).isNotNull();
            for (Capsule capsule : List.of(half.write, half.read, half.waiting)) {
                assertThat(capsule.events).containsExactly("transmitted", "transferComplete");
                assertThat(capsule.error.kind()).isEqualTo(TransferException.Kind.ABORTED);
            }
            half.host.sent();
            assertThat(half.memory.refCnt()).isZero();
            assertThat(half.host.channel.isOpen()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 24, 2000, 24 + 4096 + 7})
    @Covers("No data is sent any more but what was on its way, and its memory is held until it has left")
    void afterATermReqMemoryIsHeldUntilTheSocketHasTakenIt(int taken) {
        try (HalfWritten half = new HalfWritten(taken)) {
            TestPdu bad = TestPdu.r2t(9, 1, 0, 10);
            half.host.receive(bad);

            // The rest of these PDUs is still to leave, so that the peer can read the termination request behind them.
            assertThat(half.write.isDone()).isFalse();
            assertThat(half.memory.refCnt()).isPositive();
            assertThat(half.host.end()).isInstanceOf(Termination.ProtocolError.class);
            assertThat(half.read.error).isNotNull();
            assertThat(half.waiting.error).isNotNull();

            half.host.channel.stall(false);
            half.host.channel.runPendingTasks();

            TestPdu[] pdus = HalfWritten.pdus();
            half.host.expectSent(pdus[0], pdus[1], pdus[2], TestPdu.termReq(0x02, 1, 8, bad.header()));
            assertThat(half.write.events).containsExactly("transmitted", "transferComplete");
            assertThat(half.memory.refCnt()).isZero();
            assertThat(half.host.end()).isInstanceOf(Termination.ProtocolError.class);
            assertThat(half.host.channel.isOpen()).isTrue();
        }
    }

    @Test
    void afterATermReqMemoryIsHeldNoLongerThanThePeerMayTake() {
        try (HalfWritten half = new HalfWritten(2000)) {
            half.host.receive(TestPdu.r2t(9, 1, 0, 10));
            half.host.channel.advanceTimeBy(29, TimeUnit.SECONDS);
            half.host.channel.runScheduledPendingTasks();
            assertThat(half.write.isDone()).isFalse();
            assertThat(half.host.end()).isInstanceOf(Termination.ProtocolError.class);

            half.host.channel.advanceTimeBy(1001, TimeUnit.MILLISECONDS);
            half.host.channel.runScheduledPendingTasks();

            assertThat(half.write.events).containsExactly("transmitted", "transferComplete");
            assertThat(half.write.error.kind()).isEqualTo(TransferException.Kind.ABORTED);
            half.host.sent();
            assertThat(half.memory.refCnt()).isZero();
            assertThat(half.host.end()).isInstanceOf(Termination.ProtocolError.class);
            assertThat(half.host.channel.isOpen()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PEER_CLOSES", "RESET"})
    void whatComesAfterATermReqEndsTheWait(End end) {
        try (HalfWritten half = new HalfWritten(2000)) {
            half.host.receive(TestPdu.r2t(9, 1, 0, 10));
            assertThat(half.write.isDone()).isFalse();

            end.of(half.host);

            assertThat(half.write.events).containsExactly("transmitted", "transferComplete");
            half.host.sent();
            assertThat(half.memory.refCnt()).isZero();
            assertThat(half.host.end()).isInstanceOf(Termination.ProtocolError.class);
            assertThat(half.host.channel.isOpen()).isFalse();
        }
    }

    @Test
    @Covers("No data is sent any more but what was on its way, and its memory is held until it has left")
    void noFurtherDataLeavesAfterATermReq() {
        try (HalfWritten half = new HalfWritten(2000)) {
            half.host.receive(TestPdu.r2t(3, 2, 0, 10_000).plen(20), TestPdu.r2t(3, 2, 0, 10_000));
            Capsule late = Capsule.send(4, new byte[100]);
            half.host.submit(late);
            assertThat(late.events).containsExactly("transferComplete");

            half.host.channel.stall(false);

            TestPdu[] pdus = HalfWritten.pdus();
            half.host.expectSent(
                    pdus[0],
                    pdus[1],
                    pdus[2],
                    TestPdu.termReq(
                            0x02,
                            1,
                            4,
                            Arrays.copyOf(TestPdu.r2t(3, 2, 0, 10_000).plen(20).bytes(), 8)));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Covers("`close` completes when the connection is closed and no buffer is held")
    void closeCompletesWhenNoMemoryIsHeldAndTheSocketIsClosed(boolean peerReads) {
        try (HalfWritten half = new HalfWritten(2000)) {
            EmbeddedHost host = half.host;
            host.receive(TestPdu.r2t(9, 1, 0, 10));
            boolean[] closed = new boolean[1];
            host.run(() ->
                    host.queuePair.close().doOnTerminate(() -> closed[0] = true).subscribe());
            host.channel.stall(!peerReads);
            assertThat(closed[0]).isFalse();
            assertThat(half.write.isDone()).isEqualTo(peerReads);

            host.channel.advanceTimeBy(30_001, TimeUnit.MILLISECONDS);
            host.channel.runScheduledPendingTasks();

            assertThat(closed[0]).isTrue();
            assertThat(half.write.events).containsExactly("transmitted", "transferComplete");
            assertThat(host.channel.isOpen()).isFalse();
        }
    }

    @Test
    void closeCompletesWhenTheSocketIsClosed() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.COALESCED)) {
            host.deliver(TestPdu.of(0x08, 24));
            assertThat(host.end()).isInstanceOf(Termination.ProtocolError.class);
            boolean[] closed = new boolean[1];
            host.run(() ->
                    host.queuePair.close().doOnTerminate(() -> closed[0] = true).subscribe());
            assertThat(closed[0]).isFalse();
            assertThat(host.channel.isOpen()).isTrue();

            host.channel.advanceTimeBy(30_001, TimeUnit.MILLISECONDS);
            host.channel.runScheduledPendingTasks();

            assertThat(host.channel.isOpen()).isFalse();
            assertThat(closed[0]).isTrue();
            host.sent();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theEndIsToldOnceThoughReadingAndWritingFail(boolean readingFirst) {
        try (HalfWritten half = new HalfWritten(2000)) {
            EmbeddedHost host = half.host;
            ChannelHandlerContext context = host.channel.pipeline().context(host.queuePair.connection());
            Runnable reading = () ->
                    host.queuePair.connection().exceptionCaught(context, new IOException("Connection reset by peer"));
            Runnable writing = () -> {
                host.channel.failWrites(new IOException("Broken pipe"));
                host.channel.flush();
            };

            host.run(() -> {
                (readingFirst ? reading : writing).run();
                (readingFirst ? writing : reading).run();
                host.queuePair.connection().channelInactive(context);
            });

            assertThat(host.end()).isInstanceOf(Termination.PeerReset.class);
            assertThat(host.ends).hasSize(1);
            for (Capsule capsule : List.of(half.write, half.read, half.waiting)) {
                assertThat(capsule.events).containsExactly("transmitted", "transferComplete");
            }
            host.sent();
            assertThat(half.memory.refCnt()).isZero();
            assertThat(host.channel.isOpen()).isFalse();
        }
    }
}
