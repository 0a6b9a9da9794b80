package io.nvmf.docs;

import io.netty.buffer.ByteBuf;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeBuffers;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeTarget;
import io.nvmf.namespace.TransferProgress;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** README.md. */
final class ReadmeExample {

    private ReadmeExample() {}

    static Mono<BoundTarget> target() {
        Mono<BoundTarget> target = NvmeTarget.memory("nqn.2026-01.com.example:disk", 64 << 20, 4096)
                .bind();
        return target;
    }

    static Flux<ByteBuf> writeAndRead(String uri, Publisher<ByteBuf> source, long length) {
        // nvme+tcp://192.0.2.1:4420/nqn.2026-01.com.example:disk
        NvmeClient client = NvmeClient.from(uri).ioQueues(2).queueSize(128);

        // Write what a publisher emits, in buffers of any size, and flush. It is asked for more as writes complete.
        Mono<TransferProgress> written = Mono.usingWhen(
                client.connect(),
                controller -> controller
                        .namespace(1)
                        .flatMap(namespace -> namespace.writeStream(0, source).last()),
                NvmeController::close);

        // Read it back, in order. Commands are sent as the subscriber asks for buffers.
        Flux<ByteBuf> read = Flux.usingWhen(
                        client.connect(),
                        controller -> controller.namespace(1).flatMapMany(namespace -> namespace.readStream(0, length)),
                        NvmeController::close)
                .transform(NvmeBuffers.releaseDiscarded());
        return written.thenMany(read);
    }
}
