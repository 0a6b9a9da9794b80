package io.nvmf.rdma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.rdma.spi.RdmaCapabilities;
import io.nvmf.rdma.testing.MemoryRdmaLink;
import io.nvmf.rdma.testing.MemoryRdmaProvider;
import io.nvmf.rdma.testing.MemoryRdmaSettings;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.Covers;
import io.nvmf.transport.TransportRegistry;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;

/** Clients and targets, which know nothing of RDMA, over it. */
class RdmaTargetTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:rdma";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int SIZE = 16 << 20;
    private static final int BLOCK = 512;

    private static BoundTarget bind(TransportRegistry registry, int inCapsule) {
        return Objects.requireNonNull(NvmeTarget.memory(NQN, SIZE, BLOCK)
                .transport(TransportType.RDMA)
                .registry(registry)
                .option(RdmaOptions.IN_CAPSULE_DATA, inCapsule)
                .bindAddress("memory", 0)
                .bind()
                .block(PATIENCE));
    }

    private static NvmeController connect(TransportRegistry registry, BoundTarget target, Recovery recovery) {
        return Objects.requireNonNull(NvmeClient.from(target.uri(NQN))
                .registry(registry)
                .recovery(recovery)
                .connect()
                .block(PATIENCE));
    }

    private static TransportRegistry over(MemoryRdmaSettings settings) {
        return TransportRegistry.empty().register(new RdmaTransportProvider(new MemoryRdmaProvider(settings)));
    }

    private static void writeAndRead(NvmeNamespace namespace, long block, int length, int seed) {
        byte[] data = new byte[length];
        new Random(seed).nextBytes(data);
        namespace.write(block, Unpooled.wrappedBuffer(data)).block(PATIENCE);
        ByteBuf back =
                Objects.requireNonNull(namespace.read(block, length / BLOCK).block(PATIENCE));
        assertThat(back).isEqualTo(Unpooled.wrappedBuffer(data));
        back.release();
    }

    @ParameterizedTest
    @CsvSource({"true, true, 8192", "true, false, 4096", "false, true, 0", "false, false, 16384"})
    void whatIsWrittenIsRead(boolean revokes, boolean anyMemory, int inCapsule) {
        TransportRegistry registry = over(
                MemoryRdmaSettings.defaults().withCapabilities(new RdmaCapabilities(64, 4, 4, revokes, anyMemory)));
        BoundTarget target = bind(registry, inCapsule);
        NvmeController controller = connect(registry, target, Recovery.none());
        NvmeNamespace namespace = Objects.requireNonNull(controller.namespace(1).block(PATIENCE));

        int seed = 0;
        for (int length : new int[] {512, 4096, 8192, 16_384, 1 << 20}) {
            writeAndRead(namespace, seed, length, seed);
            seed++;
        }
        byte[] stream = new byte[8 << 20];
        new Random(99).nextBytes(stream);
        namespace.writeStream(0, Flux.just(Unpooled.wrappedBuffer(stream))).blockLast(PATIENCE);
        ByteBuf all = namespace
                .readStream(0, stream.length)
                .reduce(Unpooled.buffer(stream.length), (sum, part) -> {
                    sum.writeBytes(part);
                    part.release();
                    return sum;
                })
                .block(PATIENCE);
        assertThat(all).isEqualTo(Unpooled.wrappedBuffer(stream));

        controller.close().block(PATIENCE);
        target.close().block(PATIENCE);
    }

    @ParameterizedTest
    @CsvSource({"8192, 1048581, 516", "16384, 1048581, 516", "4096, 1048581, 260", "0, 5, 4"})
    @Covers("A controller tells SGLS, IOCCSZ, IORCSZ 1, ICDOFF 0 and MSDBD 1")
    void aControllerTellsHowToReachItsData(int inCapsule, long sgls, long ioccsz) {
        TransportRegistry registry = over(MemoryRdmaSettings.defaults());
        BoundTarget target = bind(registry, inCapsule);
        NvmeController controller = connect(registry, target, Recovery.none());

        assertThat(controller.identify().get(Field.SGLS)).isEqualTo(sgls);
        assertThat(controller.identify().get(Field.IOCCSZ)).isEqualTo(ioccsz);
        assertThat(controller.identify().get(Field.IORCSZ)).isEqualTo(1);
        assertThat(controller.identify().get(Field.ICDOFF)).isZero();
        assertThat(controller.identify().get(Field.MSDBD)).isEqualTo(1);

        controller.close().block(PATIENCE);
        target.close().block(PATIENCE);
    }

    @Test
    @Covers("TSAS: reliable connected, no provider named, RDMA_CM")
    void aTargetIsDiscovered() {
        TransportRegistry registry = over(MemoryRdmaSettings.defaults());
        BoundTarget target = bind(registry, 8192);

        DiscoveryLogEntry entry = Objects.requireNonNull(
                NvmeClient.from(target.uri(NQN)).registry(registry).discover().blockLast(PATIENCE));

        assertThat(entry.transportType()).isEqualTo(TransportType.RDMA.value());
        assertThat(entry.transportSpecific()).isEqualTo(new DiscoveryLogEntry.Rdma(1, 1, 1, 0));
        target.close().block(PATIENCE);
    }

    @Test
    void aConnectionThatIsCutIsMadeAgain() {
        MemoryRdmaProvider rdma = new MemoryRdmaProvider();
        TransportRegistry registry = TransportRegistry.empty().register(new RdmaTransportProvider(rdma));
        BoundTarget target = bind(registry, 8192);
        NvmeController controller = connect(registry, target, Recovery.defaults());
        NvmeNamespace namespace = Objects.requireNonNull(controller.namespace(1).block(PATIENCE));

        for (int round = 0; round < 3; round++) {
            rdma.links().forEach(MemoryRdmaLink::cut);
            await().atMost(PATIENCE).until(() -> target.controllers() <= 1);
            writeAndRead(namespace, round, 65_536, round);
        }

        controller.close().block(PATIENCE);
        target.close().block(PATIENCE);
    }
}
