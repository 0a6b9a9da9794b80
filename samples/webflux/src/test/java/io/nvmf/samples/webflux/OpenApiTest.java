package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.subsystem.BlockStore;
import java.io.StringReader;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;

/** The description of the API and the API are the same. */
class OpenApiTest {

    private static GatewayUnderTest gateway;
    private static String text;
    private static Map<String, Object> description;

    @BeforeAll
    static void start() {
        gateway = GatewayUnderTest.start(Map.of(1, BlockStore.memory(1 << 20, 4096)), "--gateway.demo=true");
        text = gateway.client()
                .get()
                .uri("/openapi.yaml")
                .exchange()
                .expectStatus()
                .isOk()
                .expectHeader()
                .contentType(MediaType.parseMediaType("application/yaml"))
                .expectBody(String.class)
                .returnResult()
                .getResponseBody();
        description = new Yaml().load(text);
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void everyRouteIsDescribedAndEveryDescriptionHasARoute() {
        Set<String> routes = new TreeSet<>();
        gateway.context()
                .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .forEach((mapping, method) -> mapping.getPatternsCondition()
                        .getPatterns()
                        .forEach(path -> {
                            for (RequestMethod verb :
                                    mapping.getMethodsCondition().getMethods()) {
                                routes.add(verb + " " + path.getPatternString());
                            }
                        }));
        Set<String> described = new TreeSet<>();
        map(description, "paths")
                .forEach((path, item) -> asMap(item).keySet().stream()
                        .filter(verb -> !verb.equals("parameters") && !verb.equals("head")) // HEAD comes with GET
                        .forEach(verb -> described.add(verb.toUpperCase(Locale.ROOT) + " " + path)));

        assertThat(described).isEqualTo(routes);
    }

    /** Anchors, aliases and merge keys are YAML, but not the part of it that tools for OpenAPI have to know. */
    @Test
    void theDescriptionIsYamlThatEveryToolReads() {
        for (Event event : new Yaml().parse(new StringReader(text))) {
            assertThat(event).isNotInstanceOf(AliasEvent.class);
            if (event instanceof NodeEvent node) {
                assertThat(node.getAnchor()).isNull();
            }
            if (event instanceof ScalarEvent scalar) {
                assertThat(scalar.getValue()).isNotEqualTo("<<");
            }
        }
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        Matcher references = Pattern.compile("\\$ref: '#/([^']+)'").matcher(text);
        assertThat(references.results().map(reference -> reference.group(1)).distinct())
                .isNotEmpty()
                .allSatisfy(path -> {
                    Object target = description;
                    for (String name : path.split("/", -1)) {
                        target = asMap(target).get(name);
                        assertThat(target).isNotNull();
                    }
                });
    }

    @Test
    void whatTheAnswersContainIsWhatIsDescribed() {
        Map<String, Object> schemas = map(map(description, "components"), "schemas");
        assertThat(answer("/api/namespaces/1", HttpMethod.GET))
                .containsOnlyKeys(
                        map(asMap(schemas.get("Namespace")), "properties").keySet());
        assertThat(answer("/api/state", HttpMethod.GET))
                .containsOnlyKeys(map(asMap(schemas.get("State")), "properties").keySet());
        assertThat(answer("/api/namespaces/1/data", HttpMethod.PUT))
                .containsOnlyKeys(
                        map(asMap(schemas.get("Upload")), "properties").keySet());
        assertThat(map(asMap(schemas.get("Problem")), "properties").keySet())
                .containsAll(answer("/api/namespaces/9", HttpMethod.GET).keySet());
    }

    @SuppressWarnings("unchecked") // JSON objects are such maps
    private static Map<String, Object> answer(String path, HttpMethod method) {
        return gateway.client()
                .method(method)
                .uri(path)
                .bodyValue(HttpMethod.PUT.equals(method) ? new byte[4096] : new byte[0])
                .exchange()
                .expectBody(Map.class)
                .returnResult()
                .getResponseBody();
    }

    private static Map<String, Object> map(Map<String, Object> parent, String name) {
        return asMap(parent.get(name));
    }

    @SuppressWarnings("unchecked") // as the documents are
    private static Map<String, Object> asMap(Object value) {
        return (Map<String, Object>) value;
    }
}
