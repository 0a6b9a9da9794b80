package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.nvmf.rdma.spi.RdmaCompletion;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaReceiver;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A connection in an embedded channel. The test is the peer. */
final class EmbeddedIwarp implements RdmaReceiver, AutoCloseable {

    static final RdmaLimits LIMITS = new RdmaLimits(16, 4, 256, 2, 2);

    final EmbeddedChannel channel = new EmbeddedChannel();
    final IwarpConnection connection;
    final List<byte[]> messages = new ArrayList<>();
    final List<Integer> invalidated = new ArrayList<>();
    final List<String> completions = new ArrayList<>();

    /** Received and kept; released with {@link #close}. */
    final List<ByteBuf> kept = new ArrayList<>();

    boolean keeps;

    @Nullable
    RdmaEnd end;

    EmbeddedIwarp() {
        this(terms(true, 1442, LIMITS));
    }

    EmbeddedIwarp(ConnectionTerms terms) {
        channel.freezeTime();
        channel.config().setAllocator(UnpooledByteBufAllocator.DEFAULT);
        channel.config().setRecvByteBufAllocator(new ReceiveBuffers());
        connection = new IwarpConnection(channel, terms);
        channel.pipeline().addLast(connection);
        connection.receiver(this);
        channel.runPendingTasks();
    }

    static ConnectionTerms terms(boolean checked, int ulpdu, RdmaLimits limits) {
        return terms(true, checked, ulpdu, limits, ConnectionTerms.Ready.NONE, Duration.ZERO);
    }

    static ConnectionTerms terms(
            boolean initiator,
            boolean checked,
            int ulpdu,
            RdmaLimits limits,
            ConnectionTerms.Ready ready,
            Duration nudge) {
        return new ConnectionTerms(
                initiator, limits, checked, ulpdu, ready, Duration.ZERO, nudge, Duration.ofSeconds(1), new byte[0]);
    }

    /** What the peer sends, as it comes from the socket. */
    EmbeddedIwarp deliver(byte[]... pieces) {
        for (byte[] piece : pieces) {
            if (channel.isOpen()) {
                channel.writeInbound(Unpooled.wrappedBuffer(piece));
            }
        }
        channel.runPendingTasks();
        return this;
    }

    /** What this side has sent since the last call. */
    byte[] sent() {
        channel.runPendingTasks();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ByteBuf piece = channel.readOutbound(); piece != null; piece = channel.readOutbound()) {
            byte[] bytes = new byte[piece.readableBytes()];
            piece.readBytes(bytes);
            piece.release();
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    /** Notes how an operation ends, under a name. */
    RdmaCompletion noted(String name) {
        return failure -> completions.add(name + ' ' + text(failure));
    }

    private static String text(@Nullable RdmaException failure) {
        return failure == null ? "done" : failure.kind().toString();
    }

    static ByteBuf buffer(int length, int seed) {
        return Unpooled.wrappedBuffer(TestFpdu.pattern(length, seed));
    }

    @Override
    public void received(ByteBuf message, int key) {
        byte[] bytes = new byte[message.readableBytes()];
        message.getBytes(message.readerIndex(), bytes);
        messages.add(bytes);
        invalidated.add(key);
        if (keeps) {
            kept.add(message);
        } else {
            message.release();
        }
    }

    @Override
    public void writableChanged() {
        completions.add("writable " + connection.isWritable());
    }

    @Override
    public void ended(RdmaEnd how) {
        if (end != null) {
            throw new AssertionError("ended twice: " + end + ", " + how);
        }
        end = how;
    }

    @Override
    public void close() {
        channel.close();
        channel.runPendingTasks();
        channel.finishAndReleaseAll();
        kept.forEach(ByteBuf::release);
    }
}
