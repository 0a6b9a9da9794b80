package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.recovery.Recovery;
import io.nvmf.subsystem.BlockStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A target that goes and comes back, or lets all of its hosts go, over sockets. */
class TargetAgainTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:again";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int SIZE = 1 << 20;
    private static final int BLOCK = 512;

    @TempDir
    private Path directory;

    private static NvmeController connect(BoundTarget target) {
        return Objects.requireNonNull(NvmeClient.from(target.uri(NQN))
                .recovery(Recovery.none())
                .connect()
                .block(PATIENCE));
    }

    private static NvmeNamespace namespace(NvmeController controller) {
        return Objects.requireNonNull(controller.namespace(1).block(PATIENCE));
    }

    private static byte[] random(int seed) {
        byte[] data = new byte[BLOCK];
        new Random(seed).nextBytes(data);
        return data;
    }

    private static void write(NvmeController controller, long block, byte[] data) {
        namespace(controller).write(block, Unpooled.wrappedBuffer(data)).block(PATIENCE);
    }

    private static byte[] read(NvmeController controller, long block) {
        ByteBuf data = namespace(controller).read(block, 1).block(PATIENCE);
        assertThat(data).isNotNull();
        byte[] copy = new byte[data.readableBytes()];
        data.readBytes(copy).release();
        return copy;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void targetIsThereAgainAtTheSamePortWithTheSameContent(boolean file) {
        BlockStore store =
                file ? BlockStore.file(directory.resolve("disk"), SIZE, BLOCK) : BlockStore.memory(SIZE, BLOCK);
        NvmeTarget configuration = NvmeTarget.create().subsystem(NQN, subsystem -> subsystem.namespace(1, store));
        BoundTarget target = configuration.bind().block(PATIENCE);
        assertThat(target).isNotNull();
        NvmeTarget samePort = configuration.bindAddress("127.0.0.1", target.port());
        for (int round = 0; round < 5; round++) {
            // Its connections are there when the target closes them, so that they wait in the system of this end.
            NvmeController controller = connect(target);
            write(controller, round, random(round));
            target.close().block(PATIENCE);
            controller.close().onErrorComplete().block(PATIENCE);

            target = samePort.bind().block(PATIENCE);

            assertThat(target).isNotNull();
            NvmeController again = connect(target);
            for (int block = 0; block <= round; block++) {
                assertThat(read(again, block)).isEqualTo(random(block));
            }
            again.close().block(PATIENCE);
        }
        target.close().block(PATIENCE);
    }

    @Test
    void allHostsAreDisconnectedAndMayComeBack() {
        BoundTarget target = NvmeTarget.memory(NQN, SIZE, BLOCK).bind().block(PATIENCE);
        assertThat(target).isNotNull();
        NvmeController first = connect(target);
        NvmeController second = connect(target);
        write(first, 3, random(3));
        assertThat(target.controllers()).isEqualTo(2);

        target.disconnectAll().block(PATIENCE);

        await().until(() -> target.controllers() == 0);
        first.close().onErrorComplete().block(PATIENCE);
        second.close().onErrorComplete().block(PATIENCE);
        NvmeController third = connect(target);
        assertThat(read(third, 3)).isEqualTo(random(3));
        third.close().block(PATIENCE);
        target.close().block(PATIENCE);
    }
}
