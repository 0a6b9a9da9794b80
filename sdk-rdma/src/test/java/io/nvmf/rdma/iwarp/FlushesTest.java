package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaReceiver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one read of the socket brings about leaves with one flush, also what is done in a task that it has left. */
class FlushesTest implements RdmaReceiver {

    private static final byte[] DATA = TestFpdu.pattern(20_002, 1);

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final IwarpConnection connection;
    private final List<String> over = new ArrayList<>();
    private final ArrayDeque<ByteBuf> kept = new ArrayDeque<>();
    private boolean keeps;
    private int received;

    FlushesTest() {
        channel.freezeTime();
        connection = new IwarpConnection(channel, EmbeddedIwarp.terms(true, 64_768, EmbeddedIwarp.LIMITS));
        channel.pipeline().addLast(connection);
        connection.receiver(this);
        channel.runPendingTasks();
    }

    @Override
    public void received(ByteBuf message, int invalidated) {
        received++;
        if (keeps) {
            kept.add(message);
            return;
        }
        message.release();
        connection.write(Unpooled.wrappedBuffer(DATA), 5, 7, failure -> over.add("write"));
        channel.eventLoop().execute(() -> {
            connection.send(Unpooled.wrappedBuffer(new byte[16]), null, 0, failure -> over.add("send"));
            connection.flush();
        });
    }

    @Override
    public void writableChanged() {}

    @Override
    public void ended(RdmaEnd how) {}

    @AfterEach
    void close() {
        channel.close();
        channel.runPendingTasks();
        kept.forEach(ByteBuf::release);
        channel.finishAndReleaseAll();
    }

    private void deliver(byte[] bytes) {
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
        channel.runPendingTasks();
    }

    @Test
    void dataAndTheMessageBehindItLeaveWithOneFlush() {
        deliver(TestFpdu.send(1, new byte[64]));

        List<Integer> pieces = new ArrayList<>();
        for (ByteBuf piece = channel.readOutbound(); piece != null; piece = channel.readOutbound()) {
            pieces.add(piece.readableBytes());
            piece.release();
        }
        // The trailer of the data and the message are one piece, so they were flushed together.
        int padding = 2;
        int trailer = padding + Fpdu.CRC;
        int message = DdpHeader.UNTAGGED_LENGTH + 16 + Fpdu.CRC;
        assertThat(pieces).containsExactly(DdpHeader.TAGGED_LENGTH, DATA.length, trailer + message);
        assertThat(over).containsExactly("write", "send");
    }

    @Test
    void aPlaceIsFreeWhenItsMessageIsReleasedHoweverLate() {
        keeps = true;
        int places = EmbeddedIwarp.LIMITS.receives();
        for (int i = 1; i <= places; i++) {
            deliver(TestFpdu.send(i, new byte[64]));
        }
        assertThat(received).isEqualTo(places);
        for (int i = 1; i <= 20; i++) {
            assertThat(kept.remove().release()).isFalse(); // the connection looks with the next message
            deliver(TestFpdu.send(places + i, new byte[64]));
            assertThat(received).isEqualTo(places + i);
        }
        assertThat(channel.isActive()).isTrue();
    }

    @Test
    void messagesThatWereKeptAreTheReceiversAloneAfterTheEnd() {
        keeps = true;
        deliver(TestFpdu.send(1, new byte[64]));
        channel.close();
        channel.runPendingTasks();

        assertThat(kept.remove().release()).isTrue();
    }
}
