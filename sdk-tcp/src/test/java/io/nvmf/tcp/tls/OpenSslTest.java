package io.nvmf.tcp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.nvmf.security.TlsPsk;
import io.nvmf.testing.Covers;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.tls.AlertDescription;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenSSL as the other side. Its command line knows keys for SHA-256 only. Skipped where it is not installed. */
class OpenSslTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @TempDir
    private Path directory;

    /** This side: writes down what comes, and echoes it as a server. */
    private static final class Side extends ChannelInboundHandlerAdapter implements TlsListener {

        final ByteArrayOutputStream received = new ByteArrayOutputStream();
        final AtomicReference<@Nullable String> identity = new AtomicReference<>();
        final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        final AtomicBoolean inactive = new AtomicBoolean();
        private final boolean echoes;

        Side(boolean echoes) {
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
                            TlsException.class,
                            failed -> assertThat(failed.alert()).isEqualTo(alert));
            assertThat(identity.get()).isNull();
        }
    }

    @BeforeEach
    void openSsl() {
        OpenSsl.assumeInstalled();
    }

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private Channel connect(Side side, int port, TlsPsk... offered) {
        return new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(initializer(side, TlsHandler.client(List.of(offered), PATIENCE, side)))
                .connect("127.0.0.1", port)
                .syncUninterruptibly()
                .channel();
    }

    private int listen(Side side, TlsPsk... known) {
        Channel listening = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(initializer(side, TlsHandler.server(Keys.finder(known), PATIENCE, side)))
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    private static ChannelInitializer<Channel> initializer(Side side, TlsHandler tls) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(tls).addLast(side);
            }
        };
    }

    private static void send(Channel channel, String text) {
        channel.writeAndFlush(channel.alloc().directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void ourClientTalksToItsServer() {
        Side side = new Side(false);
        try (OpenSsl server = OpenSsl.server(Keys.SHA_256, "-rev")) {
            Channel channel = connect(side, server.port(), Keys.SHA_384, Keys.SHA_256);
            side.awaitSecured();
            assertThat(side.identity.get()).isEqualTo(Keys.SHA_256.identity());
            send(channel, "stressed\n");
            side.awaitReceived("desserts");
            String large = "ab".repeat(50_000);
            send(channel, large + '\n');
            side.awaitReceived("ba".repeat(50));
            channel.close().syncUninterruptibly();
            assertThat(side.failure.get()).isNull();
        }
    }

    @Test
    void itsClientTalksToOurServer() throws InterruptedException {
        Side side = new Side(true);
        int port = listen(side, Keys.SHA_384, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.client(port, Keys.SHA_256, "-msg")) {
            side.awaitSecured();
            client.type("first line");
            client.await("first line");
            client.type("K"); // new keys for both
            client.await(">>> TLS 1.3, Handshake [length 0005], KeyUpdate");
            client.type("second line");
            client.await("<<< TLS 1.3, Handshake [length 0005], KeyUpdate");
            client.await("second line");
            client.type("Q");
            client.awaitExit();
            await().atMost(PATIENCE).untilTrue(side.inactive);
            assertThat(side.failure.get()).as("it sends a close_notify").isNull();
        }
    }

    @Test
    void itsServerMayAskForNewKeys() {
        Side side = new Side(true);
        try (OpenSsl server = OpenSsl.server(Keys.SHA_256, "-msg")) {
            connect(side, server.port(), Keys.SHA_256);
            side.awaitSecured();
            server.type("one");
            server.await("one");
            server.type("K");
            server.await(">>> TLS 1.3, Handshake [length 0005], KeyUpdate");
            server.type("two");
            server.await("<<< TLS 1.3, Handshake [length 0005], KeyUpdate");
            server.await("two");
            assertThat(side.failure.get()).isNull();
        }
    }

    @Test
    void ourCloseIsACloseNotifyToIt() {
        Side side = new Side(true);
        int port = listen(side, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.client(port, Keys.SHA_256, "-msg")) {
            side.awaitSecured();
            client.type("Q");
            client.await("close_notify");
        }
        try (OpenSsl server = OpenSsl.server(Keys.SHA_256, "-msg")) {
            Side other = new Side(false);
            Channel channel = connect(other, server.port(), Keys.SHA_256);
            other.awaitSecured();
            channel.close();
            server.await("<<< TLS 1.3, Alert [length 0002], warning close_notify");
        }
    }

    /** Groups that it offers before ours make one of both sides ask for another ClientHello. */
    @Test
    void aSecondClientHelloIsAsNeeded() {
        Side side = new Side(true);
        int port = listen(side, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.client(port, Keys.SHA_256, "-groups", "X448:P-384")) {
            side.awaitSecured();
            client.type("again");
            client.await("again");
        }
        try (OpenSsl server = OpenSsl.server(Keys.SHA_256, "-groups", "P-384")) {
            Side other = new Side(true);
            connect(other, server.port(), Keys.SHA_384, Keys.SHA_256);
            other.awaitSecured();
            server.type("other group");
            server.await("other group");
        }
    }

    @Test
    void wrongKeyIsRefusedByBoth() {
        TlsPsk wrong = Keys.psk(Keys.SHA_256.identity(), 77);
        Side side = new Side(true);
        int port = listen(side, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.client(port, wrong)) {
            side.awaitAlert(AlertDescription.decrypt_error);
            client.await("decrypt error");
        }
        Side other = new Side(false);
        try (OpenSsl server = OpenSsl.server(Keys.SHA_256)) {
            connect(other, server.port(), wrong);
            other.awaitAlert(AlertDescription.illegal_parameter);
        }
    }

    @Test
    void wrongIdentityIsRefusedByBoth() {
        TlsPsk unknown = Keys.psk("NVMe1R01 nqn.a nqn.b digest", 1);
        Side side = new Side(true);
        int port = listen(side, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.client(port, unknown)) {
            side.awaitAlert(AlertDescription.decrypt_error);
            client.await("decrypt error");
        }
        Side other = new Side(false);
        try (OpenSsl server = OpenSsl.server(Keys.SHA_256)) {
            connect(other, server.port(), unknown);
            await().atMost(PATIENCE).until(() -> other.failure.get() != null);
            assertThat(other.identity.get()).isNull();
        }
    }

    @Test
    @Covers("TLS 1.3 with a PSK and an exchange, both cipher suites, no certificates and nothing older")
    void certificatesAreRefusedByBoth() throws InterruptedException {
        String key = directory.resolve("key.pem").toString();
        String certificate = directory.resolve("certificate.pem").toString();
        try (OpenSsl made = OpenSsl.run(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=localhost",
                "-keyout",
                key,
                "-out",
                certificate)) {
            made.awaitExit();
        }
        Side side = new Side(false);
        try (OpenSsl server =
                OpenSsl.run("s_server", "-accept", "127.0.0.1:0", "-tls1_3", "-key", key, "-cert", certificate)) {
            connect(side, server.port(), Keys.SHA_256);
            await().atMost(PATIENCE).until(() -> side.failure.get() != null);
            assertThat(side.identity.get()).isNull();
        }
        Side other = new Side(true);
        int port = listen(other, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.run(
                "s_client", "-connect", "127.0.0.1:" + port, "-tls1_3", "-key", key, "-cert", certificate)) {
            other.awaitAlert(AlertDescription.handshake_failure);
            client.await("handshake failure");
        }
    }

    @Test
    @Covers("TLS 1.3 with a PSK and an exchange, both cipher suites, no certificates and nothing older")
    void olderVersionsAndPlainKeyExchangeAreRefused() {
        Side side = new Side(true);
        int port = listen(side, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.run("s_client", "-connect", "127.0.0.1:" + port, "-tls1_2")) {
            side.awaitAlert(AlertDescription.protocol_version);
            client.await("protocol version");
        }
        Side other = new Side(false);
        try (OpenSsl server = OpenSsl.run("s_server", "-accept", "127.0.0.1:0", "-tls1_2", "-nocert", "-psk", "00")) {
            connect(other, server.port(), Keys.SHA_256);
            await().atMost(PATIENCE).until(() -> other.failure.get() != null);
            assertThat(other.identity.get()).isNull();
        }
    }
}
