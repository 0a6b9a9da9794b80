package io.nvmf.docs;

import io.netty.buffer.ByteBuf;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeTarget;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** A program for the module path: it reads a block of a target of its own, over TCP, over RDMA and within the JVM. */
public final class ModuleExample {

    private static final String NQN = "nqn.2026-01.com.example:disk";

    private ModuleExample() {}

    public static void main(String[] arguments) {
        System.out.println(NvmeClient.class.getModule());
        System.out.println(read(TransportType.TCP, TransportRegistry.load()) + " bytes over TCP");
        System.out.println(read(TransportType.RDMA, TransportRegistry.load()) + " bytes over RDMA");
        System.out.println(read(TransportType.LOOP, TransportRegistry.empty().register(new LoopTransport()))
                + " bytes in the JVM");
    }

    private static Optional<Integer> read(TransportType type, TransportRegistry transports) {
        NvmeTarget target = NvmeTarget.memory(NQN, 1 << 20, 512).transport(type).registry(transports);
        NvmeClient client =
                NvmeClient.create().transport(type).registry(transports).subsystem(NQN);
        return Mono.usingWhen(
                        target.bind(),
                        bound -> Mono.usingWhen(
                                client.remoteAddress(bound.address()).connect(),
                                ModuleExample::readFirstBlock,
                                NvmeController::close),
                        BoundTarget::close)
                .blockOptional();
    }

    private static Mono<Integer> readFirstBlock(NvmeController controller) {
        return controller
                .namespace(1)
                .flatMap(namespace -> namespace.read(0, 1))
                .map(ModuleExample::length);
    }

    private static int length(ByteBuf block) {
        int length = block.readableBytes();
        block.release();
        return length;
    }
}
