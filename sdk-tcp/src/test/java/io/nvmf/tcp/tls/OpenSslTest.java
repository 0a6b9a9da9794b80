package io.nvmf.tcp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.nvmf.security.TlsPsk;
import io.nvmf.testing.Covers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.bouncycastle.tls.AlertDescription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenSSL as the other side. Its command line knows keys for SHA-256 only. Skipped where it is not installed. */
class OpenSslTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final TlsSockets sockets = new TlsSockets();

    @TempDir
    private Path directory;

    @BeforeEach
    void openSsl() {
        OpenSsl.assumeInstalled();
    }

    @AfterEach
    void stop() {
        sockets.close();
    }

    @Test
    void ourClientTalksToItsServer() {
        TlsSide side = new TlsSide(false);
        try (OpenSsl server = OpenSsl.server(Keys.SHA_256, "-rev")) {
            Channel channel = sockets.connect(side, server.port(), Keys.SHA_384, Keys.SHA_256);
            side.awaitSecured();
            assertThat(side.identity.get()).isEqualTo(Keys.SHA_256.identity());
            TlsSockets.send(channel, "stressed\n");
            side.awaitReceived("desserts");
            String large = "ab".repeat(50_000);
            TlsSockets.send(channel, large + '\n');
            side.awaitReceived("ba".repeat(50));
            channel.close().syncUninterruptibly();
            assertThat(side.failure.get()).isNull();
        }
    }

    @Test
    void itsClientTalksToOurServer() throws InterruptedException {
        TlsSide side = new TlsSide(true);
        int port = sockets.listen(side, Keys.SHA_384, Keys.SHA_256);
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
        TlsSide side = new TlsSide(true);
        try (OpenSsl server = OpenSsl.server(Keys.SHA_256, "-msg")) {
            sockets.connect(side, server.port(), Keys.SHA_256);
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

    /** Its records are filled up with zeros, which are no data. */
    @Test
    void itsRecordsMayBePadded() {
        TlsSide side = new TlsSide(true);
        int port = sockets.listen(side, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.client(port, Keys.SHA_256, "-record_padding", "512")) {
            side.awaitSecured();
            client.type("padded line");
            client.await("padded line");
            assertThat(side.received.toString(StandardCharsets.US_ASCII)).isEqualTo("padded line\n");
            assertThat(side.failure.get()).isNull();
        }
    }

    @Test
    void ourCloseIsACloseNotifyToIt() {
        TlsSide side = new TlsSide(true);
        int port = sockets.listen(side, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.client(port, Keys.SHA_256, "-msg")) {
            side.awaitSecured();
            client.type("Q");
            client.await("close_notify");
        }
        try (OpenSsl server = OpenSsl.server(Keys.SHA_256, "-msg")) {
            TlsSide other = new TlsSide(false);
            Channel channel = sockets.connect(other, server.port(), Keys.SHA_256);
            other.awaitSecured();
            channel.close();
            server.await("<<< TLS 1.3, Alert [length 0002], warning close_notify");
        }
    }

    /** Groups that it offers before ours make one of both sides ask for another ClientHello. */
    @Test
    void aSecondClientHelloIsAsNeeded() {
        TlsSide side = new TlsSide(true);
        int port = sockets.listen(side, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.client(port, Keys.SHA_256, "-groups", "X448:P-384")) {
            side.awaitSecured();
            client.type("again");
            client.await("again");
        }
        try (OpenSsl server = OpenSsl.server(Keys.SHA_256, "-groups", "P-384")) {
            TlsSide other = new TlsSide(true);
            sockets.connect(other, server.port(), Keys.SHA_384, Keys.SHA_256);
            other.awaitSecured();
            server.type("other group");
            server.await("other group");
        }
    }

    @Test
    void wrongKeyIsRefusedByBoth() {
        TlsPsk wrong = Keys.psk(Keys.SHA_256.identity(), 77);
        TlsSide side = new TlsSide(true);
        int port = sockets.listen(side, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.client(port, wrong)) {
            side.awaitAlert(AlertDescription.decrypt_error);
            client.await("decrypt error");
        }
        TlsSide other = new TlsSide(false);
        try (OpenSsl server = OpenSsl.server(Keys.SHA_256)) {
            sockets.connect(other, server.port(), wrong);
            other.awaitAlert(AlertDescription.illegal_parameter);
        }
    }

    @Test
    void wrongIdentityIsRefusedByBoth() {
        TlsPsk unknown = Keys.psk("NVMe1R01 nqn.a nqn.b digest", 1);
        TlsSide side = new TlsSide(true);
        int port = sockets.listen(side, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.client(port, unknown)) {
            side.awaitAlert(AlertDescription.decrypt_error);
            client.await("decrypt error");
        }
        TlsSide other = new TlsSide(false);
        try (OpenSsl server = OpenSsl.server(Keys.SHA_256)) {
            sockets.connect(other, server.port(), unknown);
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
        TlsSide side = new TlsSide(false);
        try (OpenSsl server =
                OpenSsl.run("s_server", "-accept", "127.0.0.1:0", "-tls1_3", "-key", key, "-cert", certificate)) {
            sockets.connect(side, server.port(), Keys.SHA_256);
            await().atMost(PATIENCE).until(() -> side.failure.get() != null);
            assertThat(side.identity.get()).isNull();
        }
        TlsSide other = new TlsSide(true);
        int port = sockets.listen(other, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.run(
                "s_client", "-connect", "127.0.0.1:" + port, "-tls1_3", "-key", key, "-cert", certificate)) {
            other.awaitAlert(AlertDescription.handshake_failure);
            client.await("handshake failure");
        }
    }

    @Test
    @Covers("TLS 1.3 with a PSK and an exchange, both cipher suites, no certificates and nothing older")
    void olderVersionsAndPlainKeyExchangeAreRefused() {
        TlsSide side = new TlsSide(true);
        int port = sockets.listen(side, Keys.SHA_256);
        try (OpenSsl client = OpenSsl.run("s_client", "-connect", "127.0.0.1:" + port, "-tls1_2")) {
            side.awaitAlert(AlertDescription.protocol_version);
            client.await("protocol version");
        }
        TlsSide other = new TlsSide(false);
        try (OpenSsl server = OpenSsl.run("s_server", "-accept", "127.0.0.1:0", "-tls1_2", "-nocert", "-psk", "00")) {
            sockets.connect(other, server.port(), Keys.SHA_256);
            await().atMost(PATIENCE).until(() -> other.failure.get() != null);
            assertThat(other.identity.get()).isNull();
        }
    }
}
