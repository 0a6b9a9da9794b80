package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.tcp.testing.Relay;
import io.nvmf.testing.Covers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which writes carry their data in the capsule: those of which the controller has said that it takes them. */
class InCapsuleDataTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:disk";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 512;
    private static final int CAPSULE_CMD = 4;
    private static final int H2C_DATA = 6;
    private static final int WRITE = 1;

    /** A PDU as far as it matters here. */
    private record Seen(int type, int data) {

        /** Those that the writes of an I/O queue are made of. */
        static List<Seen> of(byte[] sent) {
            ByteBuffer bytes = ByteBuffer.wrap(sent).order(ByteOrder.LITTLE_ENDIAN);
            List<Seen> seen = new ArrayList<>();
            for (int at = 0; at < sent.length; at += bytes.getInt(at + 4)) {
                int type = bytes.get(at);
                if (type == H2C_DATA || type == CAPSULE_CMD && bytes.get(at + 8) == WRITE) {
                    int data = bytes.get(at + 3) == 0 ? 0 : bytes.getInt(at + 4) - bytes.get(at + 3);
                    seen.add(new Seen(type, data));
                }
            }
            return seen;
        }
    }

    private static ByteBuf data(int length) {
        return Unpooled.directBuffer(length).writeBytes(EmbeddedPair.pattern(length));
    }

    /**
     * What a host sends for two writes, the second one block longer, to a controller that takes so much in a capsule.
     */
    private static List<Seen> writes(int limit, int length) {
        BoundTarget target = NvmeTarget.memory(NQN, 1 << 20, BLOCK)
                .bindAddress("127.0.0.1", 0)
                .options(options -> options.inCapsuleData(limit))
                .bind()
                .block(PATIENCE);
        try (Relay relay = Relay.to(target.port())) {
            NvmeController controller = NvmeClient.create()
                    .remoteAddress("127.0.0.1", relay.port())
                    .subsystem(NQN)
                    .ioQueues(1)
                    .connect()
                    .block(PATIENCE);
            NvmeNamespace namespace = controller.namespace(1).block(PATIENCE);

            namespace
                    .write(0, data(length))
                    .then(namespace.write(64, data(length + BLOCK)))
                    .block(PATIENCE);

            ByteBuf read = namespace.read(0, length / BLOCK).block(PATIENCE);
            ByteBuf expected = data(length);
            assertThat(read).isEqualTo(expected);
            expected.release();
            read.release();
            controller.close().block(PATIENCE);
            return Seen.of(relay.sentByHost(1));
        } finally {
            target.close().block(PATIENCE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {BLOCK, 4096, 8192})
    @Covers("Up to IOCCSZ × 16 − 64 bytes on I/O queues; more stays outside")
    void isInTheCapsuleUpToWhatTheControllerTakes(int limit) {
        assertThat(writes(limit, limit))
                .containsExactly(
                        new Seen(CAPSULE_CMD, limit), new Seen(CAPSULE_CMD, 0), new Seen(H2C_DATA, limit + BLOCK));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, BLOCK - 16})
    void isOutsideWhereNoBlockFitsIn(int limit) {
        assertThat(writes(limit, BLOCK))
                .containsExactly(
                        new Seen(CAPSULE_CMD, 0),
                        new Seen(H2C_DATA, BLOCK),
                        new Seen(CAPSULE_CMD, 0),
                        new Seen(H2C_DATA, 2 * BLOCK));
    }
}
