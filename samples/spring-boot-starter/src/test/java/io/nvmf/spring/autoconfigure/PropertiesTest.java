package io.nvmf.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.recovery.Recovery;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.connection.ConnectionSettings;
import io.nvmf.spring.connection.SharedConnection;
import io.nvmf.spring.connection.StartupMode;
import io.nvmf.spring.properties.NvmeProperties;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.ApplicationContext;

/** Every property, set to something else than its default, and what comes of it. */
class PropertiesTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** What one property does. */
    private record Row(String property, String value, Function<ApplicationContext, Object> has, Object expected) {
        @Override
        public String toString() {
            return property + '=' + value;
        }
    }

    private static Row row(String property, String value, Function<ApplicationContext, Object> has, Object expected) {
        return new Row(property, value, has, expected);
    }

    /** The text of a client has all of its settings. */
    private static Row client(String property, String value, String inUri) {
        return row(
                "nvmf.client." + property,
                value,
                context -> context.getBean(NvmeClient.class).uri().toString().contains(inUri),
                true);
    }

    private static Row connection(
            String property, String value, Function<ConnectionSettings, Object> has, Object expected) {
        return row(
                "nvmf.client." + property,
                value,
                context -> has.apply(((SharedConnection) context.getBean(NvmeConnection.class)).settings()),
                expected);
    }

    private static Row read(String property, String value, Function<ReadStreamOptions, Object> has, Object expected) {
        return row(
                "nvmf.stream.read." + property,
                value,
                context -> has.apply(context.getBean(ReadStreamOptions.class)),
                expected);
    }

    private static Row write(String property, String value, Function<WriteStreamOptions, Object> has, Object expected) {
        return row(
                "nvmf.stream.write." + property,
                value,
                context -> has.apply(context.getBean(WriteStreamOptions.class)),
                expected);
    }

    private static Row bound(String property, String value, Function<NvmeProperties, Object> has, Object expected) {
        return row(property, value, context -> has.apply(context.getBean(NvmeProperties.class)), expected);
    }

    static List<Row> clientRows() {
        return List.of(
                client("transport", "loop", "nvme+loop://"),
                client("port", "4421", "192.0.2.1:4421/"),
                client("host", "192.0.2.77", "//192.0.2.77"),
                client("subsystem", "nqn.2026-01.com.example:other", "/nqn.2026-01.com.example:other"),
                client("host-nqn", "nqn.2026-01.com.example:me", "host-nqn=nqn.2026-01.com.example:me"),
                client(
                        "host-id",
                        "0a6dfde1-46d5-4a48-a1b5-46a9f2a0fd32",
                        "host-id=0a6dfde1-46d5-4a48-a1b5-46a9f2a0fd32"),
                client("io-queues", "7", "io-queues=7"),
                client("queue-size", "64", "queue-size=64"),
                client("sq-flow-control", "false", "sq-flow-control=false"),
                client("keep-alive", "7s", "keep-alive=7000ms"),
                client("connect-timeout", "3s", "connect-timeout=3000ms"),
                client("command-timeout", "4s", "command-timeout=4000ms"),
                client("admin-timeout", "5s", "admin-timeout=5000ms"),
                client("pending-commands", "9", "pending-commands=9"),
                client("header-digest", "true", "header-digest=true"),
                client("data-digest", "true", "data-digest=true"),
                client("busy-poll", "40us", "busy-poll=40"),
                client("adaptive-poll", "20us", "adaptive-poll=20"),
                client("capture.file", "/tmp/a.pcapng", "capture=/tmp/a.pcapng"),
                client("capture.size", "2MB", "capture-size=2097152"),
                client("capture.files", "3", "capture-files=3"),
                client("capture.data", "64B", "capture-data=64"),
                client("options.max-r2t", "5", "max-r2t=5"),
                client("recovery.enabled", "false", "recovery=none"),
                client("recovery.first-delay", "200ms", "reconnect-delay=200ms"),
                client("recovery.max-delay", "20s", "max-reconnect-delay=20000ms"),
                client("recovery.loss-timeout", "2m", "loss-timeout=120000ms"),
                client("recovery.fail-fast", "9s", "fail-fast=9000ms"),
                client("recovery.quiesce-time", "8s", "quiesce-time=8000ms"),
                client("recovery.repeat-writes", "false", "repeat-writes=false"),
                client("recovery.status-retries", "3", "status-retries=3"));
    }

    static List<Row> connectionRows() {
        return List.of(
                connection("startup", "lazy", ConnectionSettings::startup, StartupMode.LAZY),
                connection("startup-timeout", "3s", ConnectionSettings::startupTimeout, Duration.ofSeconds(3)),
                connection("shutdown-timeout", "4s", ConnectionSettings::shutdownTimeout, Duration.ofSeconds(4)),
                connection("recovery.first-delay", "200ms", ConnectionSettings::firstDelay, Duration.ofMillis(200)),
                connection("recovery.max-delay", "20s", ConnectionSettings::maxDelay, Duration.ofSeconds(20)),
                row("nvmf.client.enabled", "false", context -> count(context, NvmeConnection.class), 0),
                row("nvmf.enabled", "false", context -> count(context, NvmeProperties.class), 0),
                row(
                        "nvmf.clients.archive.uri",
                        "nvme+tcp://192.0.2.9/nqn.2026-01.com.example:archive?io-queues=3",
                        context -> context.getBean("archiveNvmeClient", NvmeClient.class)
                                .uri()
                                .toString(),
                        "nvme+tcp://192.0.2.9/nqn.2026-01.com.example:archive?io-queues=3"));
    }

    static List<Row> otherRows() {
        return List.of(
                bound("nvmf.loops.threads", "3", all -> all.loops().threads(), 3),
                bound(
                        "nvmf.loops.shutdown-quiet-period",
                        "5ms",
                        all -> all.loops().shutdownQuietPeriod(),
                        Duration.ofMillis(5)),
                bound("nvmf.loops.shutdown-timeout", "3s", all -> all.loops().shutdownTimeout(), Duration.ofSeconds(3)),
                bound("nvmf.health.timeout", "1s", all -> all.health().timeout(), Duration.ofSeconds(1)),
                bound("nvmf.health.time-to-live", "1m", all -> all.health().timeToLive(), Duration.ofMinutes(1)),
                bound(
                        "nvmf.health.fail-on-critical-warning",
                        "true",
                        all -> all.health().failOnCriticalWarning(),
                        true),
                bound(
                        "nvmf.observations.enabled",
                        "false",
                        all -> all.observations().enabled(),
                        false),
                bound(
                        "nvmf.observations.commands",
                        "true",
                        all -> all.observations().commands(),
                        true),
                bound("nvmf.metrics.enabled", "false", all -> all.metrics().enabled(), false),
                read("chunk-size", "64KB", ReadStreamOptions::chunkSize, 64 << 10),
                read("window", "4", ReadStreamOptions::window, 4),
                read("queues", "3", ReadStreamOptions::queues, 3),
                read("max-buffered", "4MB", ReadStreamOptions::maxBuffered, 4L << 20),
                read("timeout", "5m", ReadStreamOptions::timeout, Duration.ofMinutes(5)),
                write("chunk-size", "1MB", WriteStreamOptions::chunkSize, 1 << 20),
                write("window", "5", WriteStreamOptions::window, 5),
                write("queues", "2", WriteStreamOptions::queues, 2),
                write("timeout", "6m", WriteStreamOptions::timeout, Duration.ofMinutes(6)));
    }

    static Stream<Row> rows() {
        return Stream.of(clientRows(), connectionRows(), otherRows()).flatMap(List::stream);
    }

    private static int count(ApplicationContext context, Class<?> type) {
        return context.getBeanNamesForType(type).length;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aPropertyIsWhatTheBeansHave(Row row) {
        String extra = row.property().startsWith("nvmf.clients.") ? "nvmf.clients.archive.startup=lazy" : "some=thing";
        Contexts.lazyClient()
                .withPropertyValues(extra, row.property() + '=' + row.value())
                .run(context -> assertThat(row.has().apply(context)).isEqualTo(row.expected()));
    }

    @Test
    void withoutPropertiesAClientIsWhatTheSdkMakesOfIt() {
        Contexts.lazyClient().run(context -> {
            assertThat(context.getBean(NvmeClient.class).uri()).hasToString("nvme+tcp://192.0.2.1/" + Contexts.NQN);
            ConnectionSettings settings = ((SharedConnection) context.getBean(NvmeConnection.class)).settings();
            assertThat(settings.firstDelay()).isEqualTo(Recovery.DEFAULT_FIRST_DELAY);
            assertThat(settings.maxDelay()).isEqualTo(Recovery.DEFAULT_MAX_DELAY);
        });
    }

    @Test
    void oneUriSaysAllThatAClientNeeds() {
        String uri = "nvme+tcp://192.0.2.1:4444/nqn.2026-01.com.example:disks?io-queues=4&loss-timeout=1m";
        Contexts.empty()
                .withPropertyValues("nvmf.client.startup=lazy", "nvmf.client.uri=" + uri, "nvmf.client.queue-size=64")
                .run(context -> assertThat(
                                context.getBean(NvmeClient.class).uri().toString())
                        .startsWith("nvme+tcp://192.0.2.1:4444/nqn.2026-01.com.example:disks")
                        .contains("io-queues=4", "loss-timeout=60000ms", "queue-size=64"));
    }

    @Test
    void theEmbeddedControllerHasTheNamespacesOfTheProperties(@TempDir Path directory) {
        Path file = directory.resolve("two.img");
        Contexts.embedded()
                .withPropertyValues(
                        "nvmf.target.host=localhost",
                        "nvmf.target.port=0",
                        "nvmf.target.subsystem=nqn.2026-01.com.example:embedded",
                        "nvmf.target.allowed-hosts=nqn.2026-01.com.example:me",
                        "nvmf.client.host-nqn=nqn.2026-01.com.example:me",
                        "nvmf.target.namespaces[0].size=1MB",
                        "nvmf.target.namespaces[1].id=7",
                        "nvmf.target.namespaces[1].size=2MB",
                        "nvmf.target.namespaces[1].block-size=512B",
                        "nvmf.target.namespaces[1].file=" + file)
                .run(context -> {
                    Map<Integer, Long> sizes = context.getBean(NvmeConnection.class)
                            .controller()
                            .block(LIMIT)
                            .namespaces()
                            .collectMap(namespace -> namespace.id(), namespace -> namespace.size())
                            .block(LIMIT);
                    assertThat(sizes).isEqualTo(Map.of(1, 1L << 20, 7, 2L << 20));
                    assertThat(Files.size(file)).isEqualTo(2 << 20);
                    assertThat(context.getBean(BoundTarget.class).controllers()).isEqualTo(1);
                });
    }

    @Test
    void noPropertyIsLeftOutHere() {
        Set<String> known = new TreeSet<>(Metadata.names());
        known.removeIf(name -> name.startsWith("nvmf.target.")
                || name.startsWith("nvmf.security.") // SecurityPropertiesTest
                || name.startsWith("management."));
        known.removeAll(Set.of("nvmf.client.uri", "nvmf.clients", "nvmf.client.options"));
        List<String> tested = new ArrayList<>(rows().map(Row::property).toList());
        assertThat(tested.stream().collect(Collectors.toSet())).containsAll(known);
    }
}
