package io.nvmf.tcp.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.security.TlsPsk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A program on the other side of a connection, as a process. */
class PeerProgram implements AutoCloseable {

    private final Process process;
    private final OutputStream input;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();

    PeerProgram(List<String> command) {
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        input = process.getOutputStream();
        Thread reader = new Thread(this::read, command.get(0) + "-output");
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

    /** The first lines that a program says when it is asked for its version; empty where there is no such program. */
    static String version(String... command) {
        try {
            Process asked = new ProcessBuilder(command).start();
            return new String(asked.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException missing) {
            return "";
        }
    }

    static String hex(TlsPsk psk) {
        return HexFormat.of().formatHex(psk.key());
    }

    long processId() {
        return process.pid();
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

    void endInput() throws IOException {
        input.close();
    }

    void awaitExit() throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
