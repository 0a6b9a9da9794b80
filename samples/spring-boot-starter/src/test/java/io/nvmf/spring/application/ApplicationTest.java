package io.nvmf.spring.application;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.observation.ObservationRegistry;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.spring.NvmeConnection;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** A whole application: what it reads and writes, what it tells of itself, and how it stops. */
class ApplicationTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int BLOCK = 4096;

    private static ConfigurableApplicationContext start(String... properties) {
        SpringApplication application = new SpringApplicationBuilder(StorageApplication.class)
                .properties(
                        "server.port=0",
                        "spring.main.banner-mode=off",
                        "logging.level.root=ERROR",
                        "nvmf.target.enabled=true",
                        "management.endpoints.web.exposure.include=*",
                        "management.endpoint.health.show-details=always",
                        "management.endpoint.health.probes.enabled=true")
                .properties(properties)
                .build();
        application.setRegisterShutdownHook(false);
        return application.run();
    }

    private static HttpClient client(ConfigurableApplicationContext application) {
        return HttpClient.create(ConnectionProvider.newConnection())
                .baseUrl("http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port"));
    }

    private static String get(HttpClient client, String path) {
        return client.get()
                .uri(path)
                .responseSingle((response, body) -> body.asString(UTF_8)
                        .defaultIfEmpty("")
                        .map(text -> response.status().code() + " " + text))
                .block(LIMIT);
    }

    @Test
    void itReadsWhatItHasWrittenAndTellsOfItself() {
        byte[] bytes = new byte[512 * BLOCK];
        new Random(1).nextBytes(bytes);
        try (ConfigurableApplicationContext application = start()) {
            HttpClient client = client(application);

            Integer status = client.put()
                    .uri("/data")
                    .send(Flux.just(Unpooled.wrappedBuffer(bytes)))
                    .responseSingle((response, body) ->
                            body.then(Mono.just(response.status().code())))
                    .block(LIMIT);
            assertThat(status).isEqualTo(204);

            byte[] read = client.get()
                    .uri("/data?length=" + bytes.length)
                    .responseContent()
                    .aggregate()
                    .asByteArray()
                    .block(LIMIT);
            assertThat(read).isEqualTo(bytes);

            assertThat(get(client, "/actuator/health")).startsWith("200 ").contains("\"nvmf\":{", "\"state\":\"live\"");
            assertThat(get(client, "/actuator/nvmf"))
                    .startsWith("200 {\"connections\":{\"default\":{")
                    .contains("\"state\":\"live\"", "\"namespaces\":[{\"nsid\":1,\"size\":67108864,\"blockSize\":4096");
            assertThat(get(client, "/actuator/info"))
                    .contains(
                            "\"nvmf\":{\"default\":{\"subsystem\":\"nqn.2026-01.io.nvmf:embedded\",\"state\":\"live\"}}");
            assertThat(application.getBean(ObservationRegistry.class).isNoop()).isFalse();
            await().untilAsserted(() ->
                    assertThat(get(client, "/actuator/metrics")).contains("\"nvmf.connect\"", "\"nvmf.transfer\""));
        }
    }

    @Test
    void aLostConnectionIsInHealthButNotInLiveness() {
        try (ConfigurableApplicationContext application = start(
                "nvmf.client.recovery.first-delay=1h",
                "nvmf.client.recovery.max-delay=1h",
                "nvmf.client.recovery.loss-timeout=2h")) {
            HttpClient client = client(application);
            application.getBean(BoundTarget.class).close().block(LIMIT);

            await().untilAsserted(() -> assertThat(get(client, "/actuator/health"))
                    .startsWith("503 ")
                    .contains("reconnecting"));
            assertThat(get(client, "/actuator/health/liveness")).startsWith("200 ");
        }
    }

    @Test
    void itStopsWhenTheRequestThatIsUnderWayHasBeenAnswered() {
        ConfigurableApplicationContext application = start("spring.lifecycle.timeout-per-shutdown-phase=30s");
        AtomicLong received = new AtomicLong();
        NvmeConnection connection = application.getBean(NvmeConnection.class);
        CompletableFuture<Void> answered = client(application)
                .get()
                .uri("/slow")
                .responseContent()
                .doOnNext(part -> received.addAndGet(part.readableBytes()))
                .then()
                .toFuture();
        await().until(() -> received.get() > 0);

        application.close();

        assertThat(answered).succeedsWithin(LIMIT);
        assertThat(received).hasValue(StorageApplication.SLOW_BLOCKS * BLOCK);
        assertThat(connection.controller().onErrorComplete().blockOptional(LIMIT))
                .isEmpty();
    }
}
