package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.ReferenceCountUtil;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeException;
import io.nvmf.NvmeTarget;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.Termination;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** From the wire to the user: a response that nobody asked for ends all connections of an association. */
class UnknownCommandIdTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Passes bytes on between a host and a target, and can say something of its own to the host. */
    private static final class Relay implements AutoCloseable {

        private final ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        private final List<Socket> hosts = new CopyOnWriteArrayList<>();

        Relay(int targetPort) throws IOException {
            run(() -> {
                while (true) {
                    Socket host = server.accept();
                    Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort);
                    hosts.add(host);
                    run(() -> pass(host, target));
                    run(() -> pass(target, host));
                }
            });
        }

        private interface Task {
            void run() throws IOException;
        }

        private static void run(Task task) {
            Thread thread = new Thread(() -> {
                try {
                    task.run();
                } catch (IOException end) {
                    // The test is over, or the connection is.
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        private static void pass(Socket from, Socket to) throws IOException {
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                byte[] buffer = new byte[4096];
                int n;
                while ((n = in.read(buffer)) > 0) {
                    out.write(buffer, 0, n);
                }
            }
        }

        /** While nothing else is under way on that connection. */
        void tellHost(int connection, TestPdu pdu) throws IOException {
            hosts.get(connection).getOutputStream().write(pdu.bytes());
        }

        @Override
        public void close() throws IOException {
            server.close();
            for (Socket host : hosts) {
                host.close();
            }
        }
    }

    @Test
    void endsTheWholeAssociationWhicheverConnectionItComesOn() throws Exception {
        BoundTarget target = NvmeTarget.memory("nqn.2024-01.io.nvmf:disk", 4096, 512)
                .bindAddress("127.0.0.1", 0)
                .bind()
                .block(PATIENCE);
        for (int connection = 0; connection < 3; connection++) {
            try (Relay relay = new Relay(target.port())) {
                NvmeController controller = NvmeClient.create()
                        .remoteAddress("127.0.0.1", relay.server.getLocalPort())
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
                        .isInstanceOf(NvmeException.class);
                assertThat(relay.hosts).hasSize(3);
                // Each host socket has been closed, so its relay has closed this side of it.
                Awaitility.await().until(() -> relay.hosts.stream().allMatch(Socket::isClosed));
            }
        }
        target.close().block(PATIENCE);
    }
}
