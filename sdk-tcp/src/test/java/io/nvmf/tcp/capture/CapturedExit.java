package io.nvmf.tcp.capture;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeTarget;
import io.nvmf.tcp.TcpOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/** An application that connects, captures to the file it is told, and ends without closing anything. */
final class CapturedExit {

    private static final String NQN = "nqn.2024-01.io.nvmf:exit";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private CapturedExit() {}

    /** Connects and returns. */
    public static void main(String[] arguments) {
        BoundTarget target = Objects.requireNonNull(
                NvmeTarget.memory(NQN, 1 << 20, 512).bind().block(PATIENCE));
        NvmeClient.from(target.uri(NQN))
                .option(TcpOptions.CAPTURE, Path.of(arguments[0]))
                .connect()
                .block(PATIENCE);
    }
}
