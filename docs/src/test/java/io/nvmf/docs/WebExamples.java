package io.nvmf.docs;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeBuffers;
import io.nvmf.NvmeController;
import io.nvmf.namespace.TransferProgress;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** docs/guide.md, "In a web service". */
final class WebExamples {

    private WebExamples() {}

    /** One for the whole service. */
    static final class Volumes {

        private final NvmeController controller;

        Volumes(NvmeController controller) {
            this.controller = controller;
        }

        Flux<ByteBuf> download(int nsid, long offset, long length) {
            return controller
                    .namespace(nsid)
                    .flatMapMany(namespace -> namespace.readStream(offset, length))
                    .transform(NvmeBuffers.releaseDiscarded());
        }

        Mono<Long> upload(int nsid, long offset, Publisher<ByteBuf> body) {
            return controller
                    .namespace(nsid)
                    .flatMap(namespace -> namespace.writeStream(offset, body).last())
                    .map(TransferProgress::bytesWritten);
        }
    }
}
