package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.samples.webflux.transfer.TransferView;
import io.nvmf.subsystem.BlockStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slow clients behind TLS, whose ciphertext is no buffer of a download any more. */
class TlsTest {

    private static final String PASSWORD = "changeit";
    private static final int SIZE = 16 << 20; // more than sockets take
    private static final int CLIENTS = 8;
    private static final int BOUND = 512 * 1024;
    /**
     * Ciphertext up to the water mark, and a chunk that was let through just below it, in the sizes that the pool has for
     * records. Without a bound it would be many megabytes.
     */
    private static final int CIPHERTEXT = 640 * 1024;

    private static final Duration REST = Duration.ofMillis(300);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private static Path directory;

    private static GatewayUnderTest gateway;
    private static SSLSocketFactory tls;

    @BeforeAll
    static void start() throws Exception {
        Path keys = directory.resolve("keys.p12");
        createKeys(keys);
        tls = trusting(keys);
        gateway = GatewayUnderTest.start(
                Map.of(1, BlockStore.memory(SIZE, 4096), 3, BlockStore.nullBlocks(10L << 30, 4096)),
                "--gateway.download-buffer=" + BOUND + "B",
                "--server.ssl.key-store=" + keys,
                "--server.ssl.key-store-password=" + PASSWORD);
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void clientsThatDoNotReadHoldTheirBound() throws Exception {
        readFromTheThirdNamespace(1 << 20).close();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> gateway.transfers().active().isEmpty());
        long before = PooledMemory.heldAtRest();
        List<HttpSocket> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(readFromTheThirdNamespace(1));
            }
            awaitRest();
            long held = PooledMemory.heldAtRest() - before;
            System.out.printf("%d TLS clients hold %d KiB each%n", CLIENTS, (held >> 10) / CLIENTS);

            assertThat(held).isPositive().isLessThan(CLIENTS * (long) (BOUND + CIPHERTEXT));
        } finally {
            for (HttpSocket client : clients) {
                client.close();
            }
        }
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> gateway.transfers().active().isEmpty());
        Awaitility.await().atMost(PATIENCE).until(() -> PooledMemory.held() <= before);
    }

    @Test
    void aClientThatReadsOnGetsEverythingAndAtOnce() throws Exception {
        byte[] content = new byte[SIZE];
        new Random(11).nextBytes(content);
        try (HttpSocket client = HttpSocket.connect(gateway.address(), tls)) {
            client.send("PUT /api/namespaces/1/data HTTP/1.1", "Content-Length: " + SIZE)
                    .send(content);
            assertThat(client.head()).startsWith("http/1.1 200");
        }
        try (HttpSocket client = HttpSocket.connect(gateway.address(), tls)) {
            client.send("GET /api/namespaces/1/data HTTP/1.1");
            assertThat(client.head()).startsWith("http/1.1 200");
            awaitRest();
            long begun = System.nanoTime();
            assertThat(client.read(SIZE)).isEqualTo(content);
            // a pause at each time the gate was shut would be many seconds
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(PATIENCE);
            client.send("GET /api/namespaces/1/data HTTP/1.1", "Range: bytes=5-9");
            assertThat(client.head()).startsWith("http/1.1 206"); // the connection is as good as new
            assertThat(client.read(5)).containsExactly(content[5], content[6], content[7], content[8], content[9]);
        }
    }

    private static HttpSocket readFromTheThirdNamespace(int bytes) throws IOException {
        HttpSocket client = HttpSocket.connect(gateway.address(), tls);
        client.send("GET /api/namespaces/3/data HTTP/1.1");
        assertThat(client.head()).startsWith("http/1.1 200");
        assertThat(client.read(bytes)).hasSize(bytes);
        return client;
    }

    /** Until what the sockets of the system take is full. */
    private static void awaitRest() {
        AtomicLong before = new AtomicLong(-1);
        Awaitility.await().atMost(PATIENCE).pollInterval(REST).until(() -> {
            long bytes = gateway.transfers().active().stream()
                    .mapToLong(TransferView::bytes)
                    .sum();
            return bytes > 0 && before.getAndSet(bytes) == bytes;
        });
    }

    private static void createKeys(Path file) throws Exception {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).isZero();
    }

    private static SSLSocketFactory trusting(Path keys) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        try (InputStream input = Files.newInputStream(keys)) {
            trusted.load(input, PASSWORD.toCharArray());
        }
        KeyStore certificates = KeyStore.getInstance("PKCS12");
        certificates.load(null, null);
        certificates.setCertificateEntry("gateway", trusted.getCertificate("mykey"));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(certificates);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context.getSocketFactory();
    }
}
