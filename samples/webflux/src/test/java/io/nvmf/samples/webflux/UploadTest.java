package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.subsystem.BlockStore;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What clients do with their bodies. */
class UploadTest {

    private static final int SIZE = 8 << 20;
    private static final String PUT = "PUT /api/namespaces/1/data HTTP/1.1";

    private static GatewayUnderTest gateway;

    @BeforeAll
    static void start() {
        gateway = GatewayUnderTest.start(Map.of(1, BlockStore.memory(SIZE, 4096)), "--gateway.max-uploads=2");
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void aBodyThatMayNotComeIsRefusedBeforeItDoes() throws Exception {
        try (HttpSocket client = HttpSocket.connect(gateway.address())) {
            client.send(PUT, "Content-Length: " + (SIZE + 1), "Expect: 100-continue");
            assertThat(client.head()).startsWith("http/1.1 413");
        }
        try (HttpSocket client = HttpSocket.connect(gateway.address())) {
            client.send(PUT, "Transfer-Encoding: chunked", "Expect: 100-continue");
            assertThat(client.head()).startsWith("http/1.1 411");
        }
    }

    @Test
    void aBodyThatIsWaitedForIsAskedFor() throws Exception {
        try (HttpSocket client = HttpSocket.connect(gateway.address())) {
            client.send(PUT, "Content-Length: 5000", "Expect: 100-continue");
            assertThat(client.head()).startsWith("http/1.1 100");
            client.send(new byte[5000]);
            assertThat(client.head()).startsWith("http/1.1 200");
        }
    }

    @Test
    void twoUploadsAtATimeHaveBlocksOfTheirOwn() throws Exception {
        try (HttpSocket first = HttpSocket.connect(gateway.address());
                HttpSocket same = HttpSocket.connect(gateway.address());
                HttpSocket other = HttpSocket.connect(gateway.address());
                HttpSocket third = HttpSocket.connect(gateway.address())) {
            first.send(PUT, "Content-Length: 5000").send(new byte[4999]);
            Awaitility.await().until(() -> gateway.transfers().active().size() == 1);
            same.send("PUT /api/namespaces/1/data?offset=8191 HTTP/1.1", "Content-Length: 1")
                    .send(new byte[1]);
            assertThat(same.head()).startsWith("http/1.1 409");
            other.send("PUT /api/namespaces/1/data?offset=8192 HTTP/1.1", "Content-Length: 2")
                    .send(new byte[1]);
            Awaitility.await().until(() -> gateway.transfers().active().size() == 2);
            third.send("PUT /api/namespaces/1/data?offset=16384 HTTP/1.1", "Content-Length: 1")
                    .send(new byte[1]);
            assertThat(third.head()).startsWith("http/1.1 503").contains("retry-after:");
            first.send(new byte[1]);
            assertThat(first.head()).startsWith("http/1.1 200");
            other.send(new byte[1]);
            assertThat(other.head()).startsWith("http/1.1 200");
        }
    }
}
