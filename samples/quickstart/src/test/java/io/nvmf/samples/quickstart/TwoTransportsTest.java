package io.nvmf.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.TransportType;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One subsystem over NVMe/TCP and NVMe/RDMA at once. */
class TwoTransportsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String NQN = "nqn.2026-01.io.nvmf:two-transports";
    private static final int SIZE = 1 << 20;
    private static final int BLOCK_SIZE = 4096;

    private BoundTarget target;

    private void listen(String host) {
        target = NvmeTarget.memory(NQN, SIZE, BLOCK_SIZE)
                .bindAddress(host, 0)
                .alsoListen(TransportType.RDMA, host, 0)
                .bind()
                .block(PATIENCE);
    }

    @AfterEach
    void close() {
        target.close().block(PATIENCE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whatIsWrittenOverOneIsReadOverTheOther(int written) {
        listen("127.0.0.1");
        List<URI> uris = target.uris(NQN);
        NvmeController writer = NvmeClient.from(uris.get(written)).connect().block(PATIENCE);
        NvmeController reader = NvmeClient.from(uris.get(1 - written)).connect().block(PATIENCE);
        byte[] data = new byte[200_000 / BLOCK_SIZE * BLOCK_SIZE];
        new Random(written).nextBytes(data);

        NvmeNamespace to = writer.namespace(1).block(PATIENCE);
        to.write(3, Unpooled.wrappedBuffer(data)).block(PATIENCE);
        ByteBuf back = reader.namespace(1)
                .flatMap(namespace -> namespace.read(3, data.length / BLOCK_SIZE))
                .block(PATIENCE);

        assertThat(uris).extracting(URI::getScheme).containsExactly("nvme+tcp", "nvme+rdma");
        assertThat(ByteBufUtil.getBytes(back)).isEqualTo(data);
        assertThat(target.controllers()).isEqualTo(2);
        back.release();
        writer.close().block(PATIENCE);
        reader.close().block(PATIENCE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0"})
    void bothAreDiscoveredOverEither(String host) {
        listen(host);

        for (URI uri : target.uris(NQN)) {
            String reached = uri.getScheme() + "://127.0.0.1:" + uri.getPort();
            List<DiscoveryLogEntry> entries =
                    NvmeClient.from(reached).discover().collectList().block(PATIENCE);

            assertThat(entries)
                    .hasSize(2)
                    .allSatisfy(entry -> assertThat(entry.transportAddress()).isEqualTo("127.0.0.1"));
            assertThat(entries)
                    .extracting(DiscoveryLogEntry::transportType)
                    .containsExactly(TransportType.TCP.value(), TransportType.RDMA.value());
            assertThat(entries)
                    .extracting(entry -> Integer.parseInt(entry.transportServiceId()))
                    .containsExactlyElementsOf(
                            target.uris(NQN).stream().map(URI::getPort).toList());
        }
    }

    @Test
    void discoveredEntriesOfBothCanBeConnectedTo() {
        listen("127.0.0.1");

        List<String> reached = NvmeClient.from(target.uri(NQN))
                .discover()
                .concatMap(entry -> client(entry).connect())
                .concatMap(controller -> controller.close().thenReturn(controller.subsystem()))
                .collectList()
                .block(PATIENCE);

        assertThat(reached).containsExactly(NQN, NQN);
    }

    private static NvmeClient client(DiscoveryLogEntry entry) {
        return NvmeClient.create()
                .transport(TransportType.find(entry.transportType()).orElseThrow())
                .remoteAddress(entry.transportAddress(), Integer.parseInt(entry.transportServiceId()))
                .subsystem(entry.subsystemNqn());
    }
}
