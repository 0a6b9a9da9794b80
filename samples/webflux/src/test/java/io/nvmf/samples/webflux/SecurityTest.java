package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.subsystem.BlockStore;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

/** Who gets in, and what a page of another site can make a browser do. */
class SecurityTest {

    private static final Map<Integer, BlockStore> STORES = Map.of(1, BlockStore.memory(1 << 20, 4096));
    private static final String DATA = "/api/namespaces/1/data";

    private static GatewayUnderTest gateway;
    private static WebTestClient client;

    @BeforeAll
    static void start() {
        gateway = GatewayUnderTest.start(
                STORES, "--gateway.insecure=false", "--gateway.username=somebody", "--gateway.password=a secret");
        client = gateway.client();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/",
        "/api/namespaces",
        "/api/namespaces/1/data",
        "/api/state",
        "/api/events",
        "/openapi.yaml",
        "/nothing",
        "/actuator/metrics",
        "/actuator"
    })
    void withoutAPasswordThereIsNothing(String path) {
        client.get()
                .uri(path)
                .exchange()
                .expectStatus()
                .isUnauthorized()
                .expectHeader()
                .valueMatches(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=.*")
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.status")
                .isEqualTo(401);
    }

    @Test
    void healthIsForEverybodyAndItsDetailsAreNot() {
        client.get()
                .uri("/actuator/health")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.status")
                .isEqualTo("UP")
                .jsonPath("$.components")
                .doesNotExist();
        client.get()
                .uri("/actuator/health")
                .headers(headers -> headers.setBasicAuth("somebody", "a secret"))
                .exchange()
                .expectBody()
                .jsonPath("$.components")
                .exists();
    }

    @ParameterizedTest
    @CsvSource({"somebody, a secret, 200", "somebody, wrong, 401", "nobody, a secret, 401", "somebodya, ' secret', 401"
    })
    void thePasswordHasToBeRight(String name, String password, int status) {
        client.get()
                .uri("/api/namespaces")
                .headers(headers -> headers.setBasicAuth(name, password))
                .exchange()
                .expectStatus()
                .isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        "Sec-Fetch-Site, same-origin, 200",
        "Sec-Fetch-Site, none, 200",
        "Sec-Fetch-Site, same-site, 403",
        "Sec-Fetch-Site, cross-site, 403",
        "Origin, null, 403",
        "Origin, http://example.com, 403",
        "Origin, https://localhost, 403",
        "X-Nothing, x, 200",
    })
    void aPageOfAnotherSiteChangesNothing(String header, String value, int status) {
        client.post()
                .uri(DATA)
                .headers(headers -> headers.setBasicAuth("somebody", "a secret"))
                .header(header, value)
                .contentType(MediaType.TEXT_PLAIN)
                .bodyValue("x")
                .exchange()
                .expectStatus()
                .isEqualTo(status);
    }

    @Test
    void ourOwnPageMay() {
        client.post()
                .uri(DATA)
                .headers(headers -> headers.setBasicAuth("somebody", "a secret"))
                .header("Origin", "http://localhost:" + gateway.port())
                .bodyValue(new byte[1])
                .exchange()
                .expectStatus()
                .isOk();
    }

    @Test
    void answersTellTheBrowserToKeepToWhatIsServedHere() {
        client.get()
                .uri("/api/state")
                .exchange()
                .expectHeader()
                .value(
                        "Content-Security-Policy",
                        policy -> assertThat(policy)
                                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                                .doesNotContain("unsafe"))
                .expectHeader()
                .valueEquals("X-Content-Type-Options", "nosniff")
                .expectHeader()
                .valueEquals("X-Frame-Options", "DENY")
                .expectHeader()
                .valueEquals("Referrer-Policy", "no-referrer");
    }
}
