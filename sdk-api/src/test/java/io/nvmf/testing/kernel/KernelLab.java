package io.nvmf.testing.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Properties;
import org.junit.jupiter.api.Assumptions;

/**
 * The running kernel lab: where its targets listen, and commands for its guest.
 *
 * <p>The lab is found by the system property {@code nvmf.lab}, the path of its {@code lab.properties}; a wrong path fails the test.
 * Without the property a lab in its default place is used if it runs.
 */
public final class KernelLab {

    /** Subsystem with namespaces 1 (512 B blocks), 2 (4 KiB blocks), 3 (write cache) and 4 (half a second per command). */
    public static final String MAIN = "nqn.2024-01.io.nvmf:lab.main";

    /** Subsystem with namespaces 5 (512 B blocks) and 9 (4 KiB blocks), and at most two I/O queues per controller. */
    public static final String SMALL = "nqn.2024-01.io.nvmf:lab.small";

    /** Subsystem that admits only {@link #FRIEND}. */
    public static final String CLOSED = "nqn.2024-01.io.nvmf:lab.closed";

    /** The host NQN that {@link #CLOSED} admits. */
    public static final String FRIEND = "nqn.2024-01.io.nvmf:lab.friend";

    /** Subsystem with one namespace that admits hosts that authenticate; {@link #host} names them, {@link #secret} has theirs. */
    public static final String AUTH = "nqn.2024-01.io.nvmf:lab.auth";

    /** The subsystem, of a controller of ours, for which the guest's keyring has keys. */
    public static final String TEST_TLS = "nqn.2024-01.io.nvmf:test.tls";

    private static final String PROPERTY = "nvmf.lab";

    /** On top of a command's own time limit, which the guest enforces: for the way there and back. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Properties properties;

    private KernelLab(Properties properties) {
        this.properties = properties;
    }

    /** What a command in the guest left: its exit status (137: killed at its time limit), standard output and error together. */
    public record Result(int status, String output) {}

    /** Returns the running lab, or skips the calling test with a line that says how to get it. */
    public static KernelLab require() {
        String configured = System.getProperty(PROPERTY);
        Path file = configured != null ? Path.of(configured) : defaultFile();
        if (configured == null && !Files.isReadable(file)) {
            Assumptions.abort(Hint.printed());
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException("kernel lab: cannot read " + file + " (-D" + PROPERTY + ")", e);
        }
        return new KernelLab(properties);
    }

    /** As {@link #require}, and skips the calling test where the lab has nothing that makes the handshakes of TLS. */
    public static KernelLab requireTls() {
        KernelLab lab = require();
        Assumptions.assumeTrue(
                lab.guest("test -d /tls", GRACE).status() == 0, "the kernel lab was built without TLS: no tlshd");
        return lab;
    }

    private static Path defaultFile() {
        String run = System.getenv("NVMF_LAB_RUN");
        String cache = System.getenv("NVMF_LAB");
        if (run != null) {
            return Path.of(run, "lab.properties");
        }
        return cache != null
                ? Path.of(cache, "run", "lab.properties")
                : Path.of(System.getProperty("user.home"), ".cache", "nvmf-kernel-lab", "run", "lab.properties");
    }

    /** The address of the port with 16 KiB of in-capsule data and 1024 queue entries; serves every subsystem. */
    public InetSocketAddress tcp() {
        return address("tcp.port");
    }

    /** The address of the port that serves {@link #MAIN} with the ANA states swapped; {@link #tcp()}'s discovery refers to it. */
    public InetSocketAddress tcp2() {
        return address("tcp2.port");
    }

    /** The address of the port with 1 KiB of in-capsule data and 16 queue entries; serves {@link #MAIN} and {@link #SMALL}. */
    public InetSocketAddress r2t() {
        return address("r2t.port");
    }

    /** The address of the port that serves {@link #MAIN} over TLS 1.3 only. */
    public InetSocketAddress tls() {
        return address("tls.port");
    }

    /** The address of the RDMA port with 16 KiB of in-capsule data; serves every subsystem. */
    public InetSocketAddress rdma() {
        return address("rdma.port");
    }

    /** The address of the RDMA port without in-capsule data, with 16 queue entries; serves {@link #MAIN} and {@link #SMALL}. */
    public InetSocketAddress rdmaKeyed() {
        return address("rdma.keyed.port");
    }

    /** The NQN of a host that the lab knows, such as {@code host1} or {@code tls256}. */
    public static String host(String name) {
        return "nqn.2024-01.io.nvmf:lab." + name;
    }

    /** A secret or key of the lab's, such as {@code auth.host1.secret} or {@code tls.sha256.key}. */
    public String secret(String name) {
        return property(name);
    }

    /** The address at which the guest reaches what listens on this machine's 127.0.0.1. */
    public String hostFromGuest() {
        return property("host.from.guest");
    }

    /** Runs a shell command as root in the guest and returns when it has ended, by itself or at the limit (whole seconds, rounded up). */
    public Result guest(String command, Duration limit) {
        long seconds = limit.plusNanos(999_999_999).toSeconds();
        try (Socket socket = new Socket()) {
            int patience =
                    Math.toIntExact(Duration.ofSeconds(seconds).plus(GRACE).toMillis());
            socket.connect(address("shell.port"), patience);
            socket.setSoTimeout(patience);
            String request = seconds + " " + Base64.getEncoder().encodeToString(command.getBytes(UTF_8)) + "\n";
            socket.getOutputStream().write(request.getBytes(UTF_8));
            DataInputStream in = new DataInputStream(socket.getInputStream());
            String[] header = line(in).split(" ", 2);
            byte[] output = new byte[Integer.parseInt(header[1])];
            in.readFully(output);
            return new Result(Integer.parseInt(header[0]), new String(output, UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("kernel lab: no answer to: " + command, e);
        }
    }

    /** Runs a command in the guest as {@link #guest} does, fails the test unless its status is 0, and returns its output. */
    public String succeed(String command, Duration limit) {
        Result result = guest(command, limit);
        assertThat(result.status())
                .as("status in the guest of: %s%n%s", command, result.output())
                .isZero();
        return result.output();
    }

    /** Aborts the guest's end of every connection from or to the TCP port, and returns how many there were. */
    public long abortConnections(int port) {
        String filter = "'( sport = :%d or dport = :%d )'".formatted(port, port);
        return succeed("ss -HtnK " + filter, Duration.ofSeconds(10)).lines().count();
    }

    /** Pulls the guest's network cable ({@code false}: silence both ways, nothing is closed) or puts it back. */
    public void link(boolean up) {
        try (SocketChannel monitor = SocketChannel.open(UnixDomainSocketAddress.of(property("monitor")))) {
            awaitPrompt(monitor);
            monitor.write(ByteBuffer.wrap(("set_link n0 " + (up ? "on" : "off") + "\n").getBytes(UTF_8)));
            awaitPrompt(monitor);
        } catch (IOException e) {
            throw new UncheckedIOException("kernel lab: no answer from QEMU's monitor", e);
        }
    }

    private static void awaitPrompt(SocketChannel monitor) throws IOException {
        StringBuilder text = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        while (text.indexOf("(qemu) ") < 0) {
            if (monitor.read(buffer.clear()) < 0) {
                throw new EOFException(text.toString());
            }
            text.append(UTF_8.decode(buffer.flip()));
        }
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (byte b = in.readByte(); b != '\n'; b = in.readByte()) {
            line.append((char) b);
        }
        return line.toString();
    }

    private InetSocketAddress address(String portKey) {
        return new InetSocketAddress(property("address"), Integer.parseInt(property(portKey)));
    }

    private String property(String key) {
        String value = properties.getProperty(key);
        if (value == null) {
            throw new IllegalStateException("kernel lab: lab.properties has no " + key);
        }
        return value;
    }

    /** Printed once per JVM, because Maven shows no reason for a skipped test. */
    private static final class Hint {
        private static final String TEXT =
                "kernel tests skipped: no lab runs; get it with .ci/kernel/build && .ci/kernel/start (.ci/kernel/README.md)";

        static {
            System.err.println(TEXT);
        }

        static String printed() {
            return TEXT;
        }
    }
}
