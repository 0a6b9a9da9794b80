package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.subsystem.BlockStore;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What a gateway without a password does not do. Each gateway is the only one of its time: when one ends, so do the event
 * loops of the HTTP server, which all applications of a JVM share.
 */
class UnprotectedGatewayTest {

    private static final Map<Integer, BlockStore> STORES = Map.of(1, BlockStore.memory(1 << 20, 4096));

    @Test
    void withoutAPasswordTheGatewayDoesNotStart() {
        assertThatThrownBy(() -> GatewayUnderTest.start(STORES, "--gateway.insecure=false"))
                .rootCause()
                .hasMessageContaining("gateway.password is not set");
    }

    @Test
    void withoutAPasswordItListensToThisMachineOnly() throws Exception {
        assertThatThrownBy(() -> GatewayUnderTest.start(STORES, "--server.address=0.0.0.0"))
                .rootCause()
                .hasMessageContaining("gateway.insecure=true")
                .hasMessageContaining("0.0.0.0");
        try (GatewayUnderTest open = GatewayUnderTest.start(STORES);
                HttpSocket rebound = HttpSocket.connect(open.address());
                HttpSocket local = HttpSocket.connect(open.address())) {
            rebound.send("GET /api/state HTTP/1.1\r\nHost: evil.example\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(rebound.head()).startsWith("http/1.1 403");
            local.send("GET /api/state HTTP/1.1");
            assertThat(local.head()).startsWith("http/1.1 200");
        }
    }
}
