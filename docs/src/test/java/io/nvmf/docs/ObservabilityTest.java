package io.nvmf.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.context.ContextRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.metrics.micrometer.NvmeMeters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;

/** Holds the page about observability and the dashboard to what the SDK really tells. */
class ObservabilityTest {

    private static final Path PAGE = Repository.ROOT.resolve("docs/observability.md");
    private static final Path DASHBOARD = Repository.ROOT.resolve("docs/grafana/nvmf.json");

    private static final String WRITE = "nvmf.docs.write";

    private static final Pattern METRIC = Pattern.compile("\\bnvmf_\\w+");
    private static final Pattern SELECTOR = Pattern.compile("\\b(nvmf_\\w+)\\{([^}]*)}");
    private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)\\s*\"");
    private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without) \\(([^)]*)\\)");

    /** An expression on the page stands in a table, where a bar has to be escaped. */
    private static final Pattern EXPRESSION = Pattern.compile("`([^`]*\\bnvmf_\\w+[^`]*[({>][^`]*)`");

    private static final ThreadLocal<@Nullable String> USER = new ThreadLocal<>();

    private final Map<String, Set<String>> known = PrometheusNames.labels();

    @Test
    void thePageSaysWhatTheEnumsSay() throws IOException {
        String page = Files.readString(PAGE);
        String generated = ObservabilityPage.generate(page);
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(PAGE, generated);
            page = generated;
        }

        assertThat(page)
                .as("docs/observability.md is out of date. To make its tables anew: mvn -q verify -pl docs -am"
                        + " -Dtest=ObservabilityTest -Dsurefire.failIfNoSpecifiedTests=false -D" + WRITE + "=true")
                .isEqualTo(generated);
    }

    @Test
    void aPageWithoutPlaceForATableIsRefused() {
        assertThatThrownBy(() -> ObservabilityPage.generate("# Observability\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("meters")
                .hasMessageContaining("observations");
    }

    @Test
    void namesFollowTheRulesOfPrometheus() {
        assertThat(known)
                .containsKeys(
                        "nvmf_client_commands_seconds_bucket",
                        "nvmf_client_commands_seconds_count",
                        "nvmf_client_bytes_total",
                        "nvmf_client_inflight_commands",
                        "nvmf_transfer_seconds_sum",
                        "nvmf_transfer_first_data_total",
                        "nvmf_connect_active_seconds_count");
        assertThat(known.get("nvmf_client_bytes_total"))
                .containsExactlyInAnyOrder("subsystem", "controller", "queue", "direction");
    }

    @Test
    void theDashboardUsesExactlyTheNamesThatThereAre() {
        List<String> expressions = dashboard();
        assertThat(expressions).hasSizeGreaterThan(20);
        assertThat(expressions).allSatisfy(this::assertKnown);
    }

    /** Whoever adds a meter decides where it is shown. */
    @Test
    void theDashboardShowsEveryMeter() {
        Set<String> shown = dashboard().stream()
                .flatMap(expression -> METRIC.matcher(expression).results().map(match -> family(match.group())))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> meters = known.keySet().stream()
                .filter(name -> name.startsWith("nvmf_client_"))
                .map(ObservabilityTest::family)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(shown).containsAll(meters);
    }

    @Test
    void alertsOnThePageUseNamesThatThereAre() {
        List<String> alerts = EXPRESSION
                .matcher(Repository.text(PAGE))
                .results()
                .map(match -> match.group(1).replace("\\|", "|"))
                .toList();
        assertThat(alerts).hasSizeGreaterThan(6).allSatisfy(this::assertKnown);
    }

    @Test
    void unknownNamesAndLabelsAreFound() {
        assertThatThrownBy(() -> assertKnown("rate(nvmf_client_byte_total[1m])"))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> assertKnown("nvmf_client_bytes_total{nsid=\"1\"}"))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> assertKnown("sum by (nsid) (nvmf_client_bytes_total)"))
                .isInstanceOf(AssertionError.class);
    }

    private static String family(String name) {
        return name.replaceFirst("_(bucket|count|sum|max)$", "");
    }

    private void assertKnown(String expression) {
        Set<String> labels = new TreeSet<>();
        Matcher metric = METRIC.matcher(expression);
        while (metric.find()) {
            assertThat(known).as(expression).containsKey(metric.group());
            labels.addAll(known.get(metric.group()));
        }
        Matcher selector = SELECTOR.matcher(expression);
        while (selector.find()) {
            assertThat(known.get(selector.group(1)))
                    .as(expression)
                    .containsAll(LABEL.matcher(selector.group(2))
                            .results()
                            .map(label -> label.group(1))
                            .toList());
        }
        Matcher grouping = GROUPING.matcher(expression);
        while (grouping.find()) {
            assertThat(labels)
                    .as(expression)
                    .containsAll(List.of(grouping.group(1).split("\\s*,\\s*")));
        }
    }

    /** The expressions of all panels, and the queries of variables. */
    private static List<String> dashboard() {
        Object json = Json.parse(Repository.text(DASHBOARD));
        return texts(json, "expr", "query")
                .filter(text -> text.contains("nvmf"))
                .toList();
    }

    private static Stream<String> texts(Object json, String... keys) {
        if (json instanceof List<?> list) {
            return list.stream().flatMap(element -> texts(element, keys));
        }
        if (json instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .flatMap(entry -> entry.getValue() instanceof String text
                                    && List.of(keys).contains(entry.getKey())
                            ? Stream.of(text)
                            : texts(entry.getValue(), keys));
        }
        return Stream.empty();
    }

    @Test
    void theExamplesObserveAndPropagate() {
        Queue<String> observed = new ConcurrentLinkedQueue<>();
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public void onStop(Observation.Context context) {
                observed.add(context.getName() + " " + context.getLowCardinalityKeyValue("team"));
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });
        Queue<String> users = new ConcurrentLinkedQueue<>();
        ObservabilityExamples.propagateMdc("request");
        // the logger of these tests has no MDC
        ContextRegistry.getInstance().registerThreadLocalAccessor("user", USER);
        BoundTarget target = ReadmeExample.target().block();
        NvmeClient client =
                ObservabilityExamples.observed(NvmeClient.from(target.uri("nqn.2026-01.com.example:disk")), registry);
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        NvmeController controller = ObservabilityExamples.measured(client, meters, registry)
                .observation(ObservabilityExamples.named(registry))
                .connect()
                .block();
        NvmeNamespace namespace = controller.namespace(1).block();
        try {
            Flux<ByteBuf> source = Flux.range(0, 4).map(i -> {
                users.add("source " + USER.get());
                return Unpooled.buffer(4096).writeZero(4096);
            });
            namespace
                    .writeStream(0, source)
                    .doOnNext(progress -> users.add("progress " + USER.get()))
                    .contextWrite(context -> context.put("user", "ann").put("request", "42"))
                    .blockLast();
            assertThat(meters.find(NvmeMeters.COMMANDS.getName()).timers()).isNotEmpty();
        } finally {
            Hooks.disableAutomaticContextPropagation();
            ContextRegistry.getInstance().removeThreadLocalAccessor("request");
            ContextRegistry.getInstance().removeThreadLocalAccessor("user");
            controller.close().then(Mono.defer(target::close)).block();
        }

        assertThat(users).contains("source ann", "progress ann").noneMatch(entry -> entry.endsWith("null"));
        assertThat(observed).contains("nvmf.connect null").anyMatch(entry -> entry.contains("team"));
    }
}
