package io.nvmf.spring.boot3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.spring.NvmeConnection;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** The same classes as under Spring Boot 4, in an application of Spring Boot 3. */
class Boot3ApplicationTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static ConfigurableApplicationContext start() {
        SpringApplication application = new SpringApplicationBuilder(StorageApplication.class)
                .properties(
                        "server.port=0",
                        "spring.main.banner-mode=off",
                        "nvmf.target.enabled=true",
                        "nvmf.client.recovery.first-delay=1h",
                        "nvmf.client.recovery.max-delay=1h",
                        "nvmf.client.recovery.loss-timeout=2h",
                        "management.endpoints.web.exposure.include=*",
                        "management.endpoint.health.show-details=always",
                        "management.endpoint.health.probes.enabled=true")
                .build();
        application.setRegisterShutdownHook(false);
        return application.run();
    }

    private static String get(HttpClient client, String path) {
        return client.get()
                .uri(path)
                .responseSingle((response, body) ->
                        body.asString(UTF_8).map(text -> response.status().code() + " " + text))
                .block(LIMIT);
    }

    @Test
    void itWorksUnderSpringBoot3() {
        assertThat(SpringBootVersion.getVersion()).startsWith("3.5.");
        byte[] bytes = new byte[1 << 20];
        new Random(1).nextBytes(bytes);
        NvmeConnection connection;
        try (ConfigurableApplicationContext application = start()) {
            connection = application.getBean(NvmeConnection.class);
            HttpClient client = HttpClient.create(ConnectionProvider.newConnection())
                    .baseUrl("http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port"));
            Integer status = client.put()
                    .uri("/data")
                    .send(Flux.just(Unpooled.wrappedBuffer(bytes)))
                    .responseSingle((response, body) ->
                            body.then(Mono.just(response.status().code())))
                    .block(LIMIT);
            assertThat(status).isEqualTo(204);
            assertThat(client.get()
                            .uri("/data")
                            .responseContent()
                            .aggregate()
                            .asByteArray()
                            .block(LIMIT))
                    .isEqualTo(bytes);
            assertThat(get(client, "/actuator/health")).startsWith("200 ").contains("\"nvmf\":{", "\"state\":\"live\"");

            application.getBean(BoundTarget.class).close().block(LIMIT);
            await().untilAsserted(() -> assertThat(get(client, "/actuator/health"))
                    .startsWith("503 ")
                    .contains("reconnecting"));
            assertThat(get(client, "/actuator/health/liveness")).startsWith("200 ");
        }
        assertThat(connection.controller().onErrorComplete().blockOptional(LIMIT))
                .isEmpty();
    }
}
