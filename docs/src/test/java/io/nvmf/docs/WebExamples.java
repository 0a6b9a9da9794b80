package io.nvmf.docs;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeBuffers;
import io.nvmf.NvmeController;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.spring.NvmeConnection;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** docs/guide.md, "In a web service" and "In Spring Boot". */
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
                    .flatMapMany(namespace -> namespace.readBody(offset, length)) // 2 MiB for each client at most
                    .transform(NvmeBuffers.releaseDiscarded());
        }

        Mono<Long> upload(int nsid, long offset, Publisher<ByteBuf> body) {
            return controller
                    .namespace(nsid)
                    .flatMap(namespace -> namespace.writeStream(offset, body).last())
                    .map(TransferProgress::bytesWritten);
        }
    }

    /** A bean of the application. */
    static final class Notes {

        private final NvmeConnection connection;

        Notes(NvmeConnection connection) {
            this.connection = connection;
        }

        Mono<ByteBuf> read(long block) {
            return connection.namespace(1).flatMap(namespace -> namespace.read(block, 1));
        }
    }
}
