package io.nvmf.testing.kernel;

import static java.util.Objects.requireNonNull;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.spec.TransportType;
import java.net.InetSocketAddress;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** What the tests of our host have in common: short ways to a connected controller, and a limit for everything. */
public final class Hosts {

    /** Generous, for the guest is emulated on processors that others use, too. */
    public static final Duration LIMIT = Duration.ofSeconds(60);

    private Hosts() {}

    /** A host over TCP with two I/O queues and otherwise the defaults. */
    public static NvmeClient client(InetSocketAddress address, String subsystem) {
        return client(TransportType.TCP, address, subsystem);
    }

    /** A host with two I/O queues and otherwise the defaults. */
    public static NvmeClient client(TransportType transport, InetSocketAddress address, String subsystem) {
        return NvmeClient.create()
                .transport(transport)
                .remoteAddress(address.getHostString(), address.getPort())
                .connectTimeout(Duration.ofSeconds(30))
                .subsystem(subsystem);
    }

    public static NvmeController connect(NvmeClient client) {
        return await(client.connect());
    }

    public static NvmeNamespace namespace(NvmeController controller, int nsid) {
        return await(controller.namespace(nsid));
    }

    public static void close(NvmeController controller) {
        controller.close().block(LIMIT);
    }

    /** The value of something that has one. */
    public static <T> T await(Mono<T> mono) {
        return requireNonNull(mono.block(LIMIT));
    }
}
