package io.nvmf.tcp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** This side of a connection with a program: writes down what comes, and echoes it if it has to. */
final class TlsSide extends ChannelInboundHandlerAdapter implements TlsListener {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    final AtomicReference<@Nullable String> identity = new AtomicReference<>();
    final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    final AtomicBoolean inactive = new AtomicBoolean();
    private final boolean echoes;

    TlsSide(boolean echoes) {
        this.echoes = echoes;
    }

    @Override
    public void secured(String agreed) {
        identity.set(agreed);
    }

    @Override
    public void failed(Throwable cause) {
        failure.set(cause);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        received.writeBytes(ByteBufUtil.getBytes(bytes));
        if (echoes) {
            context.writeAndFlush(bytes);
        } else {
            bytes.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failure.set(cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        inactive.set(true);
    }

    void awaitSecured() {
        await().atMost(PATIENCE).until(() -> identity.get() != null || failure.get() != null);
        assertThat(failure.get()).isNull();
    }

    void awaitReceived(String text) {
        await().atMost(PATIENCE)
                .until(() -> received.toString(StandardCharsets.US_ASCII).contains(text));
    }

    void awaitAlert(int alert) {
        await().atMost(PATIENCE).until(() -> failure.get() != null);
        assertThat(failure.get())
                .isInstanceOfSatisfying(
                        TlsException.class, failed -> assertThat(failed.alert()).isEqualTo(alert));
        assertThat(identity.get()).isNull();
    }
}
