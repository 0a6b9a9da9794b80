package io.nvmf.docs;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.tcp.TcpOptions;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import java.nio.file.Path;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** docs/guide.md, "A target of your own". */
final class TargetExamples {

    private TargetExamples() {}

    static Mono<BoundTarget> target(Path path) {
        Mono<BoundTarget> target = NvmeTarget.create()
                .bindAddress("127.0.0.1", 0)
                .subsystem(
                        "nqn.2026-01.com.example:disk",
                        subsystem -> subsystem
                                .namespace(1, BlockStore.memory(64 << 20, 4096))
                                .namespace(2, BlockStore.file(path, 1L << 30, 512))
                                .allowHosts("nqn.2026-01.com.example:backup-service"))
                .option(TcpOptions.MAX_H2C_DATA, 64 * 1024)
                .ioQueues(4)
                .maxTransfer(256 * 1024)
                .bind();
        return target;
    }

    static Mono<BoundTarget> bounds() {
        NvmeTarget small = NvmeTarget.memory("nqn.2026-01.com.example:disk", 64 << 20, 4096)
                .controllers(4)
                .options(options -> options.memory(32 << 20).connections(100).idleLimit(Duration.ofMinutes(10)));
        return small.bind();
    }

    static Mono<Long> withoutSockets() {
        TransportRegistry transports = TransportRegistry.empty().register(new LoopTransport());
        NvmeTarget target = NvmeTarget.memory("nqn.2026-01.com.example:disk", 1 << 20, 512)
                .transport(TransportType.LOOP)
                .registry(transports);
        NvmeClient client = NvmeClient.create()
                .transport(TransportType.LOOP)
                .registry(transports)
                .subsystem("nqn.2026-01.com.example:disk");
        Mono<Long> size = Mono.usingWhen(
                target.bind(),
                bound -> Mono.usingWhen(
                        client.remoteAddress(bound.address()).connect(),
                        controller -> controller.namespace(1).map(NvmeNamespace::size),
                        NvmeController::close),
                BoundTarget::close);
        return size;
    }
}
