package io.nvmf.samples.webflux;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.samples.webflux.transfer.Transfers;
import io.nvmf.subsystem.BlockStore;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.test.web.reactive.server.WebTestClient;

/** A gateway on a free port, and the target that it is for. */
final class GatewayUnderTest implements AutoCloseable {

    static final String NQN = "nqn.2026-01.io.nvmf:gateway-test";

    private final NvmeTarget definition;
    private final ConfigurableApplicationContext context;
    private BoundTarget target;

    private GatewayUnderTest(Map<Integer, BlockStore> stores, List<Class<?>> sources, List<String> properties) {
        NvmeTarget unbound = NvmeTarget.create().bindAddress("127.0.0.1", 0).subsystem(NQN, subsystem -> {
            var changed = subsystem;
            for (Map.Entry<Integer, BlockStore> store : stores.entrySet()) {
                changed = changed.namespace(store.getKey(), store.getValue());
            }
            return changed;
        });
        target = unbound.bind().block();
        definition = unbound.bindAddress("127.0.0.1", target.port());
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("--server.port", "0");
        // Clients that vanish, and gateways that do not start, are what many tests want.
        settings.put("--logging.level.root", "error");
        settings.put("--logging.level.io.nvmf.samples", "error");
        settings.put("--logging.level.org.springframework", "off");
        settings.put("--gateway.insecure", "true");
        settings.put("--gateway.exclusive", "true");
        settings.put("--nvmf.client.startup", "eager");
        settings.put("--nvmf.client.startup-timeout", "1m");
        settings.put("--nvmf.client.keep-alive", "1s"); // writes in doubt are repeated after this time
        settings.put("--nvmf.client.uri", target.uri(NQN).toString());
        for (String property : properties) {
            settings.put(property.substring(0, property.indexOf('=')), property.substring(property.indexOf('=') + 1));
        }
        String[] args = settings.entrySet().stream().map(Object::toString).toArray(String[]::new);
        context = run(sources, args);
    }

    private ConfigurableApplicationContext run(List<Class<?>> sources, String... args) {
        try {
            return new SpringApplicationBuilder(Gateway.class)
                    .sources(sources.toArray(Class<?>[]::new))
                    .run(args);
        } catch (RuntimeException e) {
            stopTarget();
            throw e;
        }
    }

    /** With properties in the form of a command line. */
    static GatewayUnderTest start(Map<Integer, BlockStore> stores, String... properties) {
        return new GatewayUnderTest(new LinkedHashMap<>(stores), List.of(), List.of(properties));
    }

    /** With a bean of the test's own. */
    static GatewayUnderTest startWith(Class<?> bean, Map<Integer, BlockStore> stores, String... properties) {
        return new GatewayUnderTest(new LinkedHashMap<>(stores), List.of(bean), List.of(properties));
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port());
    }

    WebTestClient client() {
        // of the JDK, so that every buffer of Netty is one of the gateway
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        return WebTestClient.bindToServer(new JdkClientHttpConnector(http))
                .baseUrl("http://localhost:" + port())
                .responseTimeout(Duration.ofSeconds(60))
                .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(64 << 20))
                .build();
    }

    Transfers transfers() {
        return context.getBean(Transfers.class);
    }

    /** Ends the associations that there are; the target goes on. */
    void cutConnections() {
        target.disconnectAll().block();
    }

    void stopTarget() {
        target.close().block();
    }

    void restartTarget() {
        target = definition.bind().block();
    }

    @Override
    public void close() {
        context.close();
        target.close().block();
    }
}
