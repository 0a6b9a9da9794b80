package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.Termination;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A queue pair in an embedded channel: no socket, no thread, and a clock that stands still. The test is the peer. */
abstract class EmbeddedPair implements AutoCloseable {

    /** A channel whose socket can be made to take no bytes, or some, or to fail. */
    static final class StallingChannel extends EmbeddedChannel {

        /** Bytes that the socket takes; none any more at 0. */
        private long takes = Long.MAX_VALUE;

        private @Nullable IOException failure;

        private boolean copying;

        /** Where in memory the buffers lay that a copying socket has taken, whole or in part. */
        final List<Long> taken = new ArrayList<>();

        /** As a real socket does it: what it has taken it has copied, and holds no memory of. */
        void copyWhatIsTaken() {
            copying = true;
        }

        void stall(boolean value) {
            stallAfter(value ? 0 : Long.MAX_VALUE);
            if (!value) {
                flush();
            }
        }

        /** The socket takes so many bytes more, in the middle of a buffer if need be. */
        void stallAfter(long bytes) {
            takes = bytes;
        }

        /** Each write fails from now on. */
        void failWrites(IOException cause) {
            failure = cause;
        }

        @Override
        protected void doWrite(ChannelOutboundBuffer in) throws Exception {
            if (failure != null) {
                throw failure;
            }
            if (takes == Long.MAX_VALUE && !copying) {
                super.doWrite(in);
                return;
            }
            while (takes > 0 && in.current() instanceof ByteBuf buffer) {
                int length = (int) Math.min(takes, buffer.readableBytes());
                if (takes < Long.MAX_VALUE) {
                    takes -= length;
                }
                outboundMessages().add(take(buffer, length));
                if (!buffer.isReadable()) {
                    in.remove();
                }
            }
        }

        private ByteBuf take(ByteBuf buffer, int length) {
            if (!copying) {
                return buffer.readRetainedSlice(length);
            }
            if (length > 0) {
                taken.add(buffer.memoryAddress() + buffer.readerIndex());
            }
            byte[] bytes = new byte[length];
            buffer.readBytes(bytes);
            return Unpooled.wrappedBuffer(bytes);
        }
    }

    final Agreed agreed;
    final Fragmentation fragmentation;
    final StallingChannel channel = new StallingChannel();
    final List<Termination> ends = new ArrayList<>();

    EmbeddedPair(Agreed agreed, Fragmentation fragmentation, ByteBufAllocator allocator) {
        this.agreed = agreed;
        this.fragmentation = fragmentation;
        channel.freezeTime();
        // One allocator for everything in such a test, so that what is left of it can be counted.
        channel.config().setAllocator(allocator);
    }

    /** Delivers PDUs as they are. */
    final void deliver(TestPdu... pdus) {
        for (byte[] piece :
                fragmentation.cut(Arrays.stream(pdus).map(TestPdu::bytes).toList())) {
            if (!channel.isOpen()) {
                return;
            }
            ByteBuf buffer = channel.alloc().directBuffer(piece.length).writeBytes(piece);
            channel.writeInbound(buffer);
        }
        channel.runPendingTasks();
    }

    /** Runs a task as an event loop does: an embedded channel runs tasks in the middle of a write otherwise. */
    final void run(Runnable task) {
        channel.eventLoop().execute(task);
        channel.runPendingTasks();
    }

    /** Everything that has left since the last call. */
    final byte[] sent() {
        channel.runPendingTasks();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuf buffer;
        while ((buffer = channel.readOutbound()) != null) {
            byte[] bytes = new byte[buffer.readableBytes()];
            buffer.readBytes(bytes);
            buffer.release();
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    /** Fails unless exactly these PDUs have left since the last call. */
    final void expect(TestPdu... pdus) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (TestPdu pdu : pdus) {
            all.writeBytes(pdu.bytes());
        }
        assertThat(hex(sent())).isEqualTo(hex(all.toByteArray()));
    }

    final void expectNothing() {
        assertThat(hex(sent())).isEmpty();
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** How the queue pair ended, or null. */
    final @Nullable Termination end() {
        channel.runPendingTasks();
        assertThat(ends).hasSizeLessThanOrEqualTo(1);
        return ends.isEmpty() ? null : ends.get(0);
    }

    /** Fails unless this side has found an error and said so. */
    final void expectViolation(int termReqType, int fes, long fei, byte[] header) {
        assertThat(end()).isInstanceOfSatisfying(Termination.ProtocolError.class, error -> {
            assertThat(error.detectedBy()).isEqualTo(Termination.Side.LOCAL);
            assertThat(error.fatalErrorStatus()).describedAs(error.detail()).isEqualTo(fes);
            assertThat(error.fatalErrorInformation())
                    .describedAs(error.detail())
                    .isEqualTo(fei);
            byte[] quoted = new byte[error.header().remaining()];
            error.header().get(quoted);
            assertThat(hex(quoted)).isEqualTo(hex(header));
        });
        expect(TestPdu.termReq(termReqType, fes, fei, header));
        assertThat(channel.isOpen()).describedAs("waits for the peer to close").isTrue();
    }

    static byte[] pattern(int length) {
        return pattern(0, length);
    }

    /** Bytes that tell where they come from. */
    static byte[] pattern(int from, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            int at = from + i;
            bytes[i] = (byte) (at ^ at >> 8 ^ at >> 16);
        }
        return bytes;
    }

    static ByteBuf buffer(byte[] bytes) {
        return Unpooled.directBuffer(Math.max(1, bytes.length)).writeBytes(bytes);
    }

    @Override
    public void close() {
        channel.stall(false);
        channel.finishAndReleaseAll();
        channel.checkException();
    }
}
