package io.nvmf.tcp.tls;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nvmf.security.TlsPsk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** OpenSSL's {@code s_server} and {@code s_client} as processes. */
final class OpenSsl extends PeerProgram {

    private OpenSsl(String... arguments) {
        super(command(arguments));
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Skips the test where there is no OpenSSL 3. */
    static void assumeInstalled() {
        assumeTrue(version("openssl", "version").startsWith("OpenSSL 3."), "needs OpenSSL 3");
    }

    static OpenSsl server(TlsPsk psk, String... more) {
        return new OpenSsl(joined(
                new String[] {
                    "s_server",
                    "-accept",
                    "127.0.0.1:0",
                    "-tls1_3",
                    "-nocert",
                    "-psk",
                    hex(psk),
                    "-psk_identity",
                    psk.identity()
                },
                more));
    }

    static OpenSsl client(int port, TlsPsk psk, String... more) {
        return new OpenSsl(joined(
                new String[] {
                    "s_client",
                    "-connect",
                    "127.0.0.1:" + port,
                    "-tls1_3",
                    "-psk",
                    hex(psk),
                    "-psk_identity",
                    psk.identity()
                },
                more));
    }

    static OpenSsl run(String... arguments) {
        return new OpenSsl(arguments);
    }

    private static String[] joined(String[] first, String[] more) {
        String[] all = Arrays.copyOf(first, first.length + more.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        return all;
    }

    /** The port that a server tells. */
    int port() {
        String line = await("ACCEPT");
        return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
    }
}
