package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a target knows of, and asks for, the sockets that it accepts. */
class AcceptedSocketTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What Linux tells of its sockets; a timer of 2 is that of SO_KEEPALIVE. */
    private static final List<Path> SOCKETS = List.of(Path.of("/proc/net/tcp6"), Path.of("/proc/net/tcp"));

    private static final String KEEP_ALIVE_TIMER = "02";

    private final CompletableFuture<ControllerQueuePair> accepted = new CompletableFuture<>();
    private TransportListener listener;
    private Socket host;

    @BeforeEach
    void connect() throws IOException {
        listener = new TcpTransportProvider()
                .listen(TransportAddress.of("127.0.0.1", 0), TransportOptions.none(), accepted::complete)
                .block(PATIENCE);
        host = new Socket(InetAddress.getLoopbackAddress(), listener.address().port());
        host.getOutputStream().write(TestPdu.icReq(0, 0, 0).bytes());
        assertThat(host.getInputStream().readNBytes(128)).hasSize(128);
    }

    @AfterEach
    void close() throws IOException {
        host.close();
        accepted.join().close().block(PATIENCE);
        listener.close().block(PATIENCE);
    }

    /** The timer that runs on the socket of one end of the connection. */
    private static Optional<String> timer(int port, int peerPort) throws IOException {
        Pattern line = Pattern.compile(
                String.format(".*:%04X [0-9A-F]+:%04X 01 [0-9A-F]+:[0-9A-F]+ ([0-9A-F]+):.*", port, peerPort));
        for (Path sockets : SOCKETS) {
            if (Files.isReadable(sockets)) {
                Optional<String> timer = Files.readAllLines(sockets).stream()
                        .map(line::matcher)
                        .filter(Matcher::matches)
                        .map(matcher -> matcher.group(1))
                        .findFirst();
                if (timer.isPresent()) {
                    return timer;
                }
            }
        }
        return Optional.empty();
    }

    @Test
    void peersThatVanishedAreNoticedByTheSystem() throws IOException {
        int port = listener.address().port();
        Optional<String> control = timer(host.getLocalPort(), port);
        assumeTrue(control.isPresent(), "no Linux");
        assertThat(control.get()).as("without it").isNotEqualTo(KEEP_ALIVE_TIMER);
        host.setKeepAlive(true);
        assumeTrue(
                timer(host.getLocalPort(), port)
                        .filter(KEEP_ALIVE_TIMER::equals)
                        .isPresent(),
                "the system does not tell its timers");

        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(timer(port, host.getLocalPort())).contains(KEEP_ALIVE_TIMER));
    }

    @Test
    void bothEndsOfTheConnectionAreKnownAlsoAfterwards() throws Exception {
        ControllerQueuePair queuePair = accepted.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        TransportAddress from = TransportAddress.of("127.0.0.1", host.getLocalPort());

        assertThat(queuePair.remoteAddress()).isEqualTo(from);
        assertThat(queuePair.localAddress()).isEqualTo(listener.address());
        host.close();
        queuePair.commands().subscribe();
        queuePair.termination().block(PATIENCE);
        assertThat(queuePair.remoteAddress()).isEqualTo(from);
    }
}
