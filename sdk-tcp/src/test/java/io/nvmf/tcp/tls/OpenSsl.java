package io.nvmf.tcp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nvmf.security.TlsPsk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** OpenSSL's {@code s_server} and {@code s_client} as processes. */
final class OpenSsl implements AutoCloseable {

    private final Process process;
    private final OutputStream input;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();

    private OpenSsl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        input = process.getOutputStream();
        Thread reader = new Thread(this::read, "openssl-output");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1))) {
            String line;
            while ((line = output.readLine()) != null) {
                lines.add(line);
            }
        } catch (IOException e) {
            lines.add("cannot be read any more: " + e);
        }
    }

    /** Skips the test where there is no OpenSSL 3. */
    static void assumeInstalled() {
        String version;
        try {
            Process asked = new ProcessBuilder("openssl", "version").start();
            version = new String(asked.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException missing) {
            version = "";
        }
        assumeTrue(version.startsWith("OpenSSL 3."), "needs OpenSSL 3");
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

    private static String hex(TlsPsk psk) {
        return HexFormat.of().formatHex(psk.key());
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

    /** Waits for a line that has a text in it. */
    String await(String text) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        try {
            String line;
            while ((line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS)) != null) {
                seen.add(line);
                if (line.contains(text)) {
                    return line;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new AssertionError("no \"" + text + "\" in " + seen);
    }

    /** Types a line. */
    void type(String line) {
        try {
            input.write((line + '\n').getBytes(StandardCharsets.US_ASCII));
            input.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitExit() throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
