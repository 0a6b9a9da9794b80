package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.samples.webflux.event.EventFlood;
import io.nvmf.subsystem.BlockStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Server-sent events, as a browser gets them. */
class EventsTest {

    private static GatewayUnderTest gateway;

    @BeforeAll
    static void start() {
        gateway = GatewayUnderTest.start(Map.of(1, BlockStore.memory(8 << 20, 4096)), "--gateway.max-listeners=1");
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void aListenerGetsTheStateAtOnceAndThenWhatHappens() throws Exception {
        try (HttpSocket client = listen()) {
            BufferedReader lines = lines(client);
            assertThat(dataOf(lines, "state")).contains("\"state\":\"live\"");
            assertThat(dataOf(lines, "rates")).contains("\"readBytes\":", "\"writeP99\":", "\"inFlight\":");
            gateway.client()
                    .put()
                    .uri("/api/namespaces/1/data")
                    .bodyValue(new byte[8 << 20])
                    .exchange();
            assertThat(dataOf(lines, "transfer")).contains("\"direction\":\"upload\"", "\"total\":8388608");
            gateway.cutConnections();
            assertThat(dataOf(lines, "state")).contains("\"state\":\"");
        }
    }

    @Test
    void aSlowListenerLosesTheOldestAndIsTold() throws Exception {
        try (HttpSocket client = listen()) {
            BufferedReader lines = lines(client);
            dataOf(lines, "state");
            // more than the sockets of the system take, while nobody reads
            EventFlood.emit(gateway.context(), 200_000);
            assertThat(dataOf(lines, "missed")).matches("\\{\"count\":[1-9][0-9]*}");
            assertThat(dataOf(lines, "rates")).isNotEmpty(); // and it goes on
        }
    }

    @Test
    void listenersBeyondTheLimitAreToldToComeAgain() throws Exception {
        try (HttpSocket first = listen();
                HttpSocket second = HttpSocket.connect(gateway.address())) {
            assertThat(dataOf(lines(first), "state")).isNotEmpty();
            second.send("GET /api/events HTTP/1.1", "Accept: text/event-stream");
            assertThat(second.head()).startsWith("http/1.1 503").contains("retry-after:", "problem+json");
        }
    }

    /** The one before may not have been noticed to have gone. */
    private static HttpSocket listen() throws IOException {
        for (int i = 0; ; i++) {
            HttpSocket client = HttpSocket.connect(gateway.address());
            client.send("GET /api/events HTTP/1.1", "Accept: text/event-stream");
            String head = client.head();
            if (head.startsWith("http/1.1 200")) {
                assertThat(head).contains("content-type: text/event-stream");
                return client;
            }
            client.close();
            assertThat(i).isLessThan(1_000);
        }
    }

    private static BufferedReader lines(HttpSocket client) throws IOException {
        return new BufferedReader(new InputStreamReader(client.input(), StandardCharsets.UTF_8));
    }

    /** The data of the next event of a name. */
    private static String dataOf(BufferedReader lines, String name) throws IOException {
        String line;
        do {
            line = lines.readLine();
            assertThat(line).isNotNull();
        } while (!line.equals("event:" + name));
        StringBuilder data = new StringBuilder();
        for (line = lines.readLine(); !line.isEmpty(); line = lines.readLine()) {
            data.append(line);
        }
        return data.substring(data.indexOf("{"), data.lastIndexOf("}") + 1); // without the sizes of HTTP's chunks
    }
}
