package io.nvmf.tcp;

import static org.awaitility.Awaitility.await;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeTarget;
import io.nvmf.recovery.ControllerState;
import io.nvmf.recovery.Recovery;
import io.nvmf.tcp.testing.proxy.FaultProxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/** An application that connects, loses its connections, recovers, and closes; what it logs is what matters. */
final class LoggedLives {

    static final String NQN = "nqn.2024-01.io.nvmf:logged";
    static final String HOST = "nqn.2024-01.io.nvmf:logged-host";

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private LoggedLives() {}

    /** Prints how the controller shows itself, before the loss and after. */
    public static void main(String[] arguments) {
        BoundTarget target = Objects.requireNonNull(
                NvmeTarget.memory(NQN, 1 << 20, 512).bind().block(PATIENCE));
        try (FaultProxy proxy =
                FaultProxy.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port()))) {
            NvmeController controller = Objects.requireNonNull(
                    NvmeClient.from("nvme+tcp://127.0.0.1:" + proxy.address().getPort() + '/' + NQN)
                            .hostNqn(HOST)
                            .ioQueues(2)
                            .queueSize(64)
                            .keepAlive(Duration.ofSeconds(20))
                            .recovery(Recovery.defaults())
                            .option(TcpOptions.HEADER_DIGEST, true)
                            .connect()
                            .block(PATIENCE));
            AtomicReference<ControllerState> state = new AtomicReference<>();
            controller.states().subscribe(state::set);
            System.out.println(controller);

            proxy.refuse(true);
            proxy.cutAll();
            await().until(() -> state.get() instanceof ControllerState.Reconnecting next && next.attempt() > 1);
            proxy.refuse(false);
            await().until(() -> state.get() instanceof ControllerState.Live live && live.generation() == 2);
            System.out.println(controller);

            controller.close().block(PATIENCE);
        }
        target.close().block(PATIENCE);
    }
}
