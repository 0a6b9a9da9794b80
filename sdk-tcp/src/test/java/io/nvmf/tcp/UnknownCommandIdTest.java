package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.ReferenceCountUtil;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeTarget;
import io.nvmf.command.NvmeException;
import io.nvmf.recovery.Recovery;
import io.nvmf.tcp.testing.Relay;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.Termination;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** From the wire to the user: a response that nobody asked for ends all connections of an association. */
class UnknownCommandIdTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void endsTheWholeAssociationWhicheverConnectionItComesOn() {
        BoundTarget target = NvmeTarget.memory("nqn.2024-01.io.nvmf:disk", 4096, 512)
                .bindAddress("127.0.0.1", 0)
                .bind()
                .block(PATIENCE);
        for (int connection = 0; connection < 3; connection++) {
            try (Relay relay = Relay.to(target.port())) {
                NvmeController controller = NvmeClient.create()
                        .recovery(Recovery.none())
                        .remoteAddress("127.0.0.1", relay.port())
                        .subsystem("nqn.2024-01.io.nvmf:disk")
                        .ioQueues(2)
                        .connect()
                        .block(PATIENCE);
                ReferenceCountUtil.release(controller
                        .namespace(1)
                        .flatMap(namespace -> namespace.read(0, 1))
                        .block(PATIENCE));

                relay.tellHost(connection, TestPdu.capsuleResp(31, 0));

                controller.onClose().block(PATIENCE);
                assertThat(controller.isConnected()).isFalse();
                assertThat(controller.termination())
                        .as("what this side found, not what the controller made of its end")
                        .containsInstanceOf(Termination.ProtocolError.class);
                assertThatThrownBy(() -> controller.namespace(1).block(PATIENCE))
                        .isInstanceOf(NvmeException.class)
                        .as("a status that is not on the wire is not told")
                        .hasMessageContaining("response for command identifier 31, which")
                        .hasMessageNotContaining("FES");
                assertThat(relay.connections()).isEqualTo(3);
                // Each host socket has been closed, so its relay has closed this side of it.
                Awaitility.await().until(relay::allClosed);
            }
        }
        target.close().block(PATIENCE);
    }
}
