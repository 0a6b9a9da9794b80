package io.nvmf.docs;

import io.nvmf.BoundSubsystem;
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
import java.util.List;
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

    static Mono<Void> changing(BoundTarget bound) {
        BoundSubsystem disk = bound.subsystem("nqn.2026-01.com.example:disk");
        Mono<Void> changes = disk.addNamespace(7, BlockStore.memory(64 << 20, 4096))
                .then(Mono.defer(() -> {
                    BlockStore larger = disk.namespaces().get(7).resized(128 << 20);
                    return disk.resizeNamespace(7, larger);
                }))
                .then(disk.removeNamespace(7));
        return changes;
    }

    static Mono<BoundTarget> bounds() {
        NvmeTarget small = NvmeTarget.memory("nqn.2026-01.com.example:disk", 64 << 20, 4096)
                .controllers(4)
                .options(options -> options.memory(32 << 20).connections(100).idleLimit(Duration.ofMinutes(10)));
        return small.bind();
    }

    static NvmeTarget captured(List<NvmeClient> clients) {
        NvmeClient watched =
                NvmeClient.from("nvme+tcp://array-1:4420/nqn.2026-01.com.example:disk?capture=/tmp/disk.pcapng");
        NvmeTarget recorded = NvmeTarget.memory("nqn.2026-01.com.example:disk", 64 << 20, 4096)
                .option(TcpOptions.CAPTURE, Path.of("/tmp/target.pcapng"))
                .option(TcpOptions.CAPTURE_SIZE, 256L << 20)
                .option(TcpOptions.CAPTURE_FILES, 2);
        clients.add(watched);
        return recorded;
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
