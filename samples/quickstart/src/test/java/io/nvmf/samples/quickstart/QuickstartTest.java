package io.nvmf.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** What users see of the quickstart: its lines and its exit code. */
class QuickstartTest {

    private static final String NQN = "nqn.2026-01.io.nvmf:quickstart-test";
    private static final int BLOCK_SIZE = 4096;
    private static final long NAMESPACE_SIZE = 1 << 20;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Properties properties = new Properties();
    private BoundTarget target;

    @AfterEach
    void closeTarget() {
        if (target != null) {
            target.close().block();
        }
    }

    @Test
    void embeddedControllerGetsTheDataAndGivesItBack() {
        properties.setProperty("nvmf.size", "3M");

        assertThat(run()).isEqualTo(Quickstart.OK);
        assertThat(output())
                .containsPattern("embedded controller at nvme\\+tcp://127\\.0\\.0\\.1:\\d+/nqn\\.")
                .containsPattern("write 100%")
                .containsPattern("read  100%")
                .containsPattern(
                        "wrote 3,145,728 bytes in .* MB/s; in flight at most [\\d,]+ bytes, held by the window of 2,097,152")
                .containsPattern(
                        "read  3,145,728 bytes in .* MB/s; in flight at most [\\d,]+ bytes, held by the window of 2,097,152")
                .containsPattern("CRC-32C written (\\p{XDigit}{8}), read \\1: equal");
    }

    @Test
    void embeddedControllerCanBeReachedOverRdma() {
        properties.setProperty("nvmf.size", "3M");
        properties.setProperty("nvmf.transport", "rdma");

        assertThat(run()).isEqualTo(Quickstart.OK);
        assertThat(output())
                .containsPattern("embedded controller at nvme\\+rdma://127\\.0\\.0\\.1:\\d+/nqn\\.")
                .containsPattern("CRC-32C written (\\p{XDigit}{8}), read \\1: equal");
    }

    @Test
    void anyTargetCanBeReachedOverRdma() {
        BlockStore store = BlockStore.memory(NAMESPACE_SIZE, BLOCK_SIZE);
        listen(TransportType.RDMA, store.keepOpen());

        assertThat(run()).as(output()).isEqualTo(Quickstart.OK);
        assertThat(properties.getProperty("nvmf.uri")).startsWith("nvme+rdma://");
        assertThat(output()).containsPattern("CRC-32C written (\\p{XDigit}{8}), read \\1: equal");
    }

    @Test
    void transportAndAddressTogetherAreRefused() {
        properties.setProperty("nvmf.uri", "nvme+tcp://127.0.0.1/" + NQN);
        properties.setProperty("nvmf.transport", "rdma");

        assertThat(run()).isEqualTo(Quickstart.WRONG_SETTINGS);
        assertOneLine("wrong setting: ", "nvmf.transport", "nvmf.uri");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "rdma"})
    void anInterruptedConnectionCostsTimeAndNoData(String transport) {
        properties.setProperty("nvmf.size", "64M");
        properties.setProperty("nvmf.transport", transport);
        properties.setProperty("nvmf.interrupt", "true");

        assertThat(run()).isEqualTo(Quickstart.OK);
        assertThat(output())
                .containsPattern("wrote 67,108,864 bytes in .*; interrupted, and gone on")
                .containsPattern("read  67,108,864 bytes in .*; interrupted, and gone on")
                .containsPattern("CRC-32C written (\\p{XDigit}{8}), read \\1: equal");
    }

    @Test
    void anInterruptionIsYesOrNo() {
        properties.setProperty("nvmf.interrupt", "perhaps");

        assertThat(run()).isEqualTo(Quickstart.WRONG_SETTINGS);
    }

    @Test
    void embeddedControllerLeavesNoFileBehind() {
        properties.setProperty("nvmf.size", "4K");

        assertThat(run()).isEqualTo(Quickstart.OK);
        String file = output().replaceAll("(?s).*namespace 1 in (\\S+).*", "$1");
        assertThat(Path.of(file)).isAbsolute().doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, BLOCK_SIZE - 1, BLOCK_SIZE, 300_001, (int) NAMESPACE_SIZE})
    void fileOfAnySizeComesBackWhole(int size, @TempDir Path directory) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        BlockStore store = BlockStore.memory(NAMESPACE_SIZE, BLOCK_SIZE);
        listen(store.keepOpen());
        properties.setProperty(
                "nvmf.file", Files.write(directory.resolve("data"), content).toString());

        assertThat(run()).isEqualTo(Quickstart.OK);
        assertThat(output()).containsPattern("CRC-32C written (\\p{XDigit}{8}), read \\1: equal");
        assertThat(contentOf(store)).startsWith(content);
    }

    @Test
    void generatedDataIsNoMoreThanTheNamespaceHolds() {
        listen(BlockStore.memory(NAMESPACE_SIZE, BLOCK_SIZE));

        assertThat(run()).isEqualTo(Quickstart.OK);
        assertThat(output()).contains("the first 1,048,576 bytes are overwritten");
    }

    @Test
    void fileLargerThanTheNamespaceIsRefused(@TempDir Path directory) throws IOException {
        listen(BlockStore.memory(NAMESPACE_SIZE, BLOCK_SIZE));
        Path file = Files.write(directory.resolve("data"), new byte[(int) NAMESPACE_SIZE + 1]);
        properties.setProperty("nvmf.file", file.toString());

        assertThat(run()).isEqualTo(Quickstart.FAILED);
        assertThat(lastLine()).startsWith("failed: ").contains("1048577").contains("1048576");
    }

    @Test
    void damagedDataIsNoticed() {
        properties.setProperty("nvmf.size", "64K");
        listen(new DelegatingBlockStore(BlockStore.memory(NAMESPACE_SIZE, BLOCK_SIZE)) {
            @Override
            public Mono<ByteBuf> read(long offset, int length) {
                return super.read(offset, length).doOnNext(data -> data.setByte(0, data.getByte(0) ^ 1));
            }
        });

        assertThat(run()).isEqualTo(Quickstart.FAILED);
        assertThat(lastLine()).endsWith("THE DATA DIFFERS");
    }

    @Test
    void failingStoreEndsInOneLine() {
        properties.setProperty("nvmf.size", "64K");
        listen(new DelegatingBlockStore(BlockStore.memory(NAMESPACE_SIZE, BLOCK_SIZE)) {
            @Override
            public Mono<Void> write(long offset, ByteBuf data) {
                return Mono.error(new IOException("no space left"));
            }
        });

        assertThat(run()).isEqualTo(Quickstart.FAILED);
        assertThat(lastLine()).startsWith("failed: ").contains("2/80h");
        assertThat(output()).doesNotContain("\tat ");
    }

    @Test
    void wrongAddressEndsInOneLine() throws IOException {
        int freed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            freed = socket.getLocalPort();
        }
        properties.setProperty("nvmf.uri", "nvme+tcp://127.0.0.1:" + freed + "/" + NQN);

        assertThat(run()).isEqualTo(Quickstart.FAILED);
        assertOneLine("failed: ", "127.0.0.1:" + freed, "refused");
    }

    @Test
    void unknownSubsystemEndsInOneLine() {
        listen(BlockStore.memory(NAMESPACE_SIZE, BLOCK_SIZE));
        properties.setProperty(
                "nvmf.uri", target.uri("nqn.2026-01.io.nvmf:other").toString());

        assertThat(run()).isEqualTo(Quickstart.FAILED);
        assertOneLine("failed: ", "nqn.2026-01.io.nvmf:other", "1/82h");
    }

    @Test
    void unknownNamespaceEndsInOneLine() {
        listen(BlockStore.memory(NAMESPACE_SIZE, BLOCK_SIZE));
        properties.setProperty("nvmf.nsid", "2");

        assertThat(run()).isEqualTo(Quickstart.FAILED);
        assertOneLine("failed: ", "namespace 2", "0/0Bh");
    }

    @ParameterizedTest
    @CsvSource({
        "nvmf.uri, http://127.0.0.1/nqn.2026-01.io.nvmf:x, nvme+tcp",
        "nvmf.uri, nvme+tcp://127.0.0.1, NQN",
        "nvmf.uri, nvme+tcp://127.0.0.1/nqn.2026-01.io.nvmf:x?queue-size=1, queue-size",
        "nvmf.uri, nvme+tcp://127.0.0.1/nqn.2026-01.io.nvmf:x?no-such-option=1, no-such-option",
        "nvmf.nsid, 0, nvmf.nsid",
        "nvmf.nsid, 4294967295, nvmf.nsid",
        "nvmf.size, 12Q, nvmf.size",
        "nvmf.size, 0, nvmf.size",
        "nvmf.size, 8589934592G, nvmf.size",
        "nvmf.file, /no/such/file, /no/such/file",
        "nvmf.transport, fc, 'nvmf.transport ''fc'' is neither tcp nor rdma'",
    })
    void wrongSettingIsNamedInOneLine(String name, String value, String named) {
        properties.setProperty(name, value);

        assertThat(run()).isEqualTo(Quickstart.WRONG_SETTINGS);
        assertOneLine("wrong setting: ", named);
    }

    @Test
    void sizeAndFileTogetherAreRefused() {
        properties.setProperty("nvmf.file", "data");
        properties.setProperty("nvmf.size", "1K");

        assertThat(run()).isEqualTo(Quickstart.WRONG_SETTINGS);
        assertOneLine("wrong setting: ", "nvmf.size", "nvmf.file");
    }

    private void listen(BlockStore store) {
        listen(TransportType.TCP, store);
    }

    private void listen(TransportType transport, BlockStore store) {
        target = NvmeTarget.create()
                .transport(transport)
                .subsystem(NQN, subsystem -> subsystem.namespace(1, store))
                .bind()
                .block();
        properties.setProperty("nvmf.uri", target.uri(NQN).toString());
    }

    private int run() {
        return new Quickstart(new PrintStream(bytes, true, StandardCharsets.UTF_8)).run(properties);
    }

    private String output() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private String lastLine() {
        List<String> lines = output().lines().toList();
        return lines.get(lines.size() - 1);
    }

    private void assertOneLine(String start, String... parts) {
        assertThat(output().lines()).hasSize(1);
        assertThat(output()).startsWith(start).contains(parts).doesNotContain("Exception");
    }

    private static byte[] contentOf(BlockStore store) {
        ByteBuf content = store.read(0, (int) store.size()).block();
        byte[] copy = new byte[content.readableBytes()];
        content.readBytes(copy).release();
        return copy;
    }
}
