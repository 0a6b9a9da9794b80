package io.nvmf.tcp.tls;

import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nvmf.security.TlsPsk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;

/** GnuTLS's {@code gnutls-serv} and {@code gnutls-cli} as processes. */
final class GnuTls extends PeerProgram {

    private static final String SERVER = "nvmf.gnutls-serv";
    private static final String PRIORITY = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+DHE-PSK";

    private static final Path TCP_SOCKETS = Path.of("/proc/net/tcp");
    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;
    private static final String LISTENING = "0A";

    private GnuTls(String... command) {
        super(List.of(command));
    }

    /** Skips the test where there is no GnuTLS, or no place to learn the port of its server from. */
    static void assumeInstalled() {
        assumeFalse(version("gnutls-cli", "--version").isEmpty(), "needs gnutls-cli and gnutls-serv");
        assumeFalse(Files.notExists(TCP_SOCKETS), "needs " + TCP_SOCKETS);
    }

    /** Echoes. Skips the test unless it may be seen by others for a moment, as this program listens at all addresses. */
    static GnuTls server(Path directory, TlsPsk psk) throws IOException {
        assumeTrue(Boolean.getBoolean(SERVER), "gnutls-serv listens at all addresses: needs -D" + SERVER + "=true");
        String identity = HexFormat.of().formatHex(psk.identity().getBytes(StandardCharsets.UTF_8));
        Path keys = Files.writeString(directory.resolve("psk"), '#' + identity + ':' + hex(psk) + '\n');
        return new GnuTls(
                "gnutls-serv", "--pskpasswd", keys.toString(), "--echo", "--priority", PRIORITY, "--port", "0");
    }

    static GnuTls client(int port, TlsPsk psk) {
        return new GnuTls(
                "gnutls-cli",
                "--pskusername",
                psk.identity(),
                "--pskkey",
                hex(psk),
                "--priority",
                PRIORITY,
                "--no-ca-verification",
                "--port",
                Integer.toString(port),
                "127.0.0.1");
    }

    /** The port of a server, which chooses one and does not say which. */
    int port() {
        await("Echo Server listening on IPv4");
        return Awaitility.await().atMost(Duration.ofSeconds(30)).until(this::listeningPort, found -> found != 0);
    }

    private int listeningPort() {
        try {
            Set<String> own = sockets();
            for (String line : Files.readAllLines(TCP_SOCKETS)) {
                String[] fields = line.strip().split(" +", -1);
                if (fields[STATE].equals(LISTENING) && own.contains("socket:[" + fields[INODE] + ']')) {
                    String address = fields[LOCAL_ADDRESS];
                    return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
                }
            }
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Set<String> sockets() throws IOException {
        Set<String> found = new HashSet<>();
        try (DirectoryStream<Path> open =
                Files.newDirectoryStream(Path.of("/proc", Long.toString(processId()), "fd"))) {
            for (Path descriptor : open) {
                found.add(Files.readSymbolicLink(descriptor).toString());
            }
        }
        return found;
    }
}
