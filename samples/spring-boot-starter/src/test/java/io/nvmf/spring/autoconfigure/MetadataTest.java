package io.nvmf.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.NvmeClient;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.recovery.Recovery;
import io.nvmf.security.Security;
import io.nvmf.tcp.TcpOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

/** What editors and the page say of properties is what the code does. */
class MetadataTest {

    private static final Path PAGE = Path.of("README.md");

    private static Object defaultOf(String property) {
        Metadata.Property found = Metadata.properties().get("nvmf." + property);
        assertThat(found).as(property).isNotNull();
        return found.defaultValue();
    }

    private static Duration timeOf(String property) {
        return DurationStyle.detectAndParse((String) defaultOf(property));
    }

    private static DataSize sizeOf(String property) {
        return DataSize.parse((String) defaultOf(property));
    }

    @Test
    void everyPropertyHasADescriptionThatIsASentence() {
        assertThat(Metadata.properties().values())
                .allSatisfy(property -> assertThat(property.description())
                        .as(property.name())
                        .endsWith(".")
                        .matches("[A-Z].*"));
    }

    @Test
    void defaultsOfClientsAreThoseOfTheSdk() {
        assertThat(defaultOf("client.transport")).isEqualTo("tcp");
        assertThat(defaultOf("client.port")).isEqualTo(NvmeClient.DEFAULT_PORT);
        assertThat(defaultOf("client.io-queues")).isEqualTo(NvmeClient.DEFAULT_IO_QUEUES);
        assertThat(defaultOf("client.queue-size")).isEqualTo(NvmeClient.DEFAULT_QUEUE_SIZE);
        assertThat(defaultOf("client.sq-flow-control")).isEqualTo(NvmeClient.DEFAULT_SQ_FLOW_CONTROL);
        assertThat(timeOf("client.keep-alive")).isEqualTo(NvmeClient.DEFAULT_KEEP_ALIVE);
        assertThat(timeOf("client.connect-timeout")).isEqualTo(NvmeClient.DEFAULT_CONNECT_TIMEOUT);
        assertThat(timeOf("client.command-timeout")).isEqualTo(NvmeClient.DEFAULT_COMMAND_TIMEOUT);
        assertThat(timeOf("client.admin-timeout")).isEqualTo(NvmeClient.DEFAULT_ADMIN_TIMEOUT);
        assertThat(defaultOf("client.pending-commands")).isEqualTo(NvmeClient.DEFAULT_PENDING_COMMANDS);
        assertThat(defaultOf("client.header-digest")).isEqualTo(TcpOptions.HEADER_DIGEST.defaultValue());
        assertThat(defaultOf("client.data-digest")).isEqualTo(TcpOptions.DATA_DIGEST.defaultValue());
        assertThat(timeOf("client.busy-poll")).isEqualTo(TcpOptions.BUSY_POLL.defaultValue());
        assertThat(timeOf("client.adaptive-poll")).isEqualTo(TcpOptions.DEFAULT_ADAPTIVE_POLL);
    }

    @Test
    void defaultsOfSecurityAreThoseOfTheSdk() {
        assertThat(defaultOf("security.label-form").toString().replace('-', '_').toUpperCase(Locale.ROOT))
                .isEqualTo(Security.none().labelForm().name());
        assertThat(defaultOf("security.concatenation"))
                .isEqualTo(Security.none().isConcatenated());
    }

    @ParameterizedTest
    @ValueSource(strings = {"client.capture", "target.capture"})
    void defaultsOfCapturesAreThoseOfTheSdk(String capture) {
        assertThat(sizeOf(capture + ".size").toBytes()).isEqualTo(TcpOptions.CAPTURE_SIZE.defaultValue());
        assertThat(defaultOf(capture + ".files")).isEqualTo(TcpOptions.CAPTURE_FILES.defaultValue());
        assertThat(sizeOf(capture + ".data").toBytes())
                .isEqualTo(TcpOptions.CAPTURE_DATA.defaultValue().longValue());
    }

    @Test
    void defaultsOfRecoveryAreThoseOfTheSdk() {
        Recovery recovery = Recovery.defaults();
        assertThat(defaultOf("client.recovery.enabled")).isEqualTo(recovery.isEnabled());
        assertThat(timeOf("client.recovery.first-delay")).isEqualTo(recovery.firstDelay());
        assertThat(timeOf("client.recovery.max-delay")).isEqualTo(recovery.maxDelay());
        assertThat(timeOf("client.recovery.loss-timeout")).isEqualTo(recovery.lossTimeout());
        assertThat(timeOf("client.recovery.fail-fast"))
                .isEqualTo(recovery.failFast().orElse(Duration.ZERO));
        assertThat(timeOf("client.recovery.quiesce-time"))
                .isEqualTo(recovery.quiesceTime().orElse(Duration.ZERO));
        assertThat(defaultOf("client.recovery.repeat-writes")).isEqualTo(recovery.repeatWrites());
        assertThat(defaultOf("client.recovery.status-retries")).isEqualTo(recovery.statusRetries());
    }

    @Test
    void defaultsOfStreamsAreThoseOfTheSdk() {
        ReadStreamOptions read = ReadStreamOptions.defaults();
        WriteStreamOptions write = WriteStreamOptions.defaults();
        assertThat(sizeOf("stream.read.chunk-size").toBytes()).isEqualTo(read.chunkSize());
        assertThat(defaultOf("stream.read.window")).isEqualTo(read.window());
        assertThat(sizeOf("stream.write.chunk-size").toBytes()).isEqualTo(write.chunkSize());
        assertThat(defaultOf("stream.write.window")).isEqualTo(write.window());
        assertThat(defaultOf("stream.write.queues")).isEqualTo(write.queues());
    }

    @Test
    void thePageHasAllProperties() throws IOException {
        String table = Metadata.properties().values().stream()
                .map(property -> "| `" + property.name() + "` | " + written(property.defaultValue()) + " | "
                        + property.description() + " |\n")
                .collect(Collectors.joining());

        assertThat(Files.readString(PAGE)).contains(table);
    }

    @Test
    void thereIsNothingInTheAdditionalMetadataThatTheRecordsDoNotHave() {
        Map<String, Metadata.Property> all = Metadata.properties();
        assertThat(all.values())
                .allSatisfy(property ->
                        assertThat(property.type()).as(property.name()).isNotNull());
    }

    private static String written(Object value) {
        return value == null ? "" : "`" + value + "`";
    }
}
