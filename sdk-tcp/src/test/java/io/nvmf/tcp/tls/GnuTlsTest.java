package io.nvmf.tcp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.nvmf.security.TlsPsk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.bouncycastle.tls.AlertDescription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * GnuTLS as the other side, which is what does the handshakes of Linux. Its command line knows keys for SHA-256 only.
 * Skipped where it is not installed.
 */
class GnuTlsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final TlsPsk WRONG = Keys.psk(Keys.SHA_256.identity(), 77);

    private final TlsSockets sockets = new TlsSockets();

    @TempDir
    private Path directory;

    @BeforeEach
    void gnuTls() {
        GnuTls.assumeInstalled();
    }

    @AfterEach
    void stop() {
        sockets.close();
    }

    /** Its server makes up keys for identities that are not in its file, so there is no second choice. */
    @Test
    void ourClientTalksToItsServer() throws IOException {
        TlsSide side = new TlsSide(false);
        try (GnuTls server = GnuTls.server(directory, Keys.SHA_256)) {
            Channel channel = sockets.connect(side, server.port(), Keys.SHA_256);
            side.awaitSecured();
            assertThat(side.identity.get()).isEqualTo(Keys.SHA_256.identity());
            TlsSockets.send(channel, "to and fro\n");
            side.awaitReceived("to and fro");
            channel.close().syncUninterruptibly();
            assertThat(side.failure.get()).isNull();
        }
    }

    @Test
    void itsClientTalksToOurServer() throws IOException, InterruptedException {
        TlsSide side = new TlsSide(true);
        int port = sockets.listen(side, Keys.SHA_384, Keys.SHA_256);
        try (GnuTls client = GnuTls.client(port, Keys.SHA_256)) {
            side.awaitSecured();
            assertThat(side.identity.get()).isEqualTo(Keys.SHA_256.identity());
            client.await("Simple Client Mode");
            client.type("to and fro");
            client.await("to and fro");
            client.endInput();
            client.awaitExit();
            await().atMost(PATIENCE).untilTrue(side.inactive);
            assertThat(side.failure.get()).as("it sends a close_notify").isNull();
        }
    }

    @Test
    void itsClientWithAWrongKeyIsRefused() {
        TlsSide side = new TlsSide(true);
        int port = sockets.listen(side, Keys.SHA_256);
        try (GnuTls client = GnuTls.client(port, WRONG)) {
            side.awaitAlert(AlertDescription.decrypt_error);
            client.await("Fatal error");
        }
    }

    @Test
    void itsServerRefusesAWrongKey() throws IOException {
        TlsSide side = new TlsSide(false);
        try (GnuTls server = GnuTls.server(directory, Keys.SHA_256)) {
            sockets.connect(side, server.port(), WRONG);
            side.awaitAlert(AlertDescription.illegal_parameter);
            server.await("Error in handshake");
        }
    }
}
