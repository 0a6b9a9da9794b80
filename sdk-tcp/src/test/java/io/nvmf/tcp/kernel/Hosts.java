package io.nvmf.tcp.kernel;

import static java.util.Objects.requireNonNull;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import java.net.InetSocketAddress;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** What the tests of our host have in common: short ways to a connected controller, and a limit for everything. */
final class Hosts {

    /** Generous, for the guest is emulated on processors that others use, too. */
    static final Duration LIMIT = Duration.ofSeconds(60);

    private Hosts() {}

    /** A host with two I/O queues and otherwise the defaults. */
    static NvmeClient client(InetSocketAddress address, String subsystem) {
        return NvmeClient.create()
                .remoteAddress(address.getHostString(), address.getPort())
                .connectTimeout(Duration.ofSeconds(30))
                .subsystem(subsystem);
    }

    static NvmeController connect(NvmeClient client) {
        return await(client.connect());
    }

    static NvmeNamespace namespace(NvmeController controller, int nsid) {
        return await(controller.namespace(nsid));
    }

    static void close(NvmeController controller) {
        controller.close().block(LIMIT);
    }

    /** The value of something that has one. */
    static <T> T await(Mono<T> mono) {
        return requireNonNull(mono.block(LIMIT));
    }
}
