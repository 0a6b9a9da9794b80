package io.nvmf.samples.webflux.download;

import io.nvmf.NvmeNamespace;
import io.nvmf.command.ByteRange;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.samples.webflux.limit.Slots;
import io.nvmf.samples.webflux.server.Connections;
import io.nvmf.samples.webflux.transfer.Transfer;
import io.nvmf.samples.webflux.transfer.Transfers;
import io.nvmf.samples.webflux.transfer.Writes;
import io.nvmf.spring.buffer.NvmeDataBuffers;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Answers with the bytes of a namespace. A buffer that the controller has filled is the one that is written to the
 * client. Between the two there is no operator with a queue, because what is in a queue when the client goes away is
 * released by nobody; and the stream holds a number of bytes, counted until they have left, however much the server asks
 * for.
 */
final class Downloads {

    private static final Logger log = LoggerFactory.getLogger(Downloads.class);

    private final Slots slots;
    private final Transfers transfers;
    private final Writes writes;
    private final ReadStreamOptions options;

    Downloads(Slots slots, Transfers transfers, Writes writes, ReadStreamOptions options) {
        this.slots = slots;
        this.transfers = transfers;
        this.writes = writes;
        this.options = options;
    }

    Mono<Void> answer(NvmeNamespace namespace, ServerWebExchange exchange) {
        HttpMethod method = exchange.getRequest().getMethod();
        long size = namespace.size();
        Optional<String> tag = writes.tag(namespace);
        DownloadPlan plan = DownloadPlan.of(method, exchange.getRequest().getHeaders(), size, tag);
        if (plan.status() == HttpStatus.NOT_MODIFIED || HttpMethod.HEAD.equals(method)) {
            prepare(namespace, exchange.getResponse(), plan, tag);
            return exchange.getResponse().setComplete();
        }
        return slots.hold(() -> send(namespace, exchange, plan, tag));
    }

    private Mono<Void> send(
            NvmeNamespace namespace, ServerWebExchange exchange, DownloadPlan plan, Optional<String> tag) {
        ServerHttpResponse response = exchange.getResponse();
        DataBufferFactory buffers = response.bufferFactory();
        Transfer transfer = transfers.download(namespace.id(), plan.bytes());
        Flux<DataBuffer> body;
        if (plan.ranges().size() == 1) {
            prepare(namespace, response, plan, tag);
            body = read(namespace, plan.ranges().get(0), transfer, buffers);
        } else {
            MultipartRanges parts = new MultipartRanges(plan.ranges(), namespace.size());
            prepare(namespace, response, plan, tag);
            response.getHeaders().setContentType(parts.contentType());
            response.getHeaders().setContentLength(parts.contentLength());
            body = parts.body(range -> read(namespace, range, transfer, buffers), buffers);
        }
        return response.writeWith(body.transform(NvmeDataBuffers.releaseDiscarded()))
                .doOnSuccess(nothing -> transfers.end(transfer, null))
                .doOnError(failure -> transfers.fail(transfer, failure))
                .doOnCancel(() -> transfers.end(transfer, "the client has gone"))
                .onErrorResume(failure -> {
                    if (!response.isCommitted()) {
                        return Mono.error(failure); // an answer of its own
                    }
                    // bytes are out, so the only way to say that not all have come is to end the connection
                    log.info("a download ended after {} bytes: {}", transfer.bytes(), failure.getMessage());
                    Connections.close(exchange.getRequest());
                    return Mono.empty();
                });
    }

    private Flux<DataBuffer> read(
            NvmeNamespace namespace, ByteRange range, Transfer transfer, DataBufferFactory buffers) {
        return NvmeDataBuffers.toDataBuffers(
                namespace
                        .readStream(range.offset(), range.length(), options.statistics(transfer.statistics()))
                        .doOnNext(buffer -> transfer.advance(buffer.readableBytes())),
                buffers);
    }

    private static void prepare(
            NvmeNamespace namespace, ServerHttpResponse response, DownloadPlan plan, Optional<String> tag) {
        HttpHeaders headers = response.getHeaders();
        response.setStatusCode(plan.status());
        tag.ifPresent(headers::setETag);
        headers.setCacheControl("private, no-cache");
        if (plan.status() == HttpStatus.NOT_MODIFIED) {
            return;
        }
        headers.set(HttpHeaders.ACCEPT_RANGES, "bytes");
        headers.setContentType(MediaType.APPLICATION_OCTET_STREAM);
        headers.setContentLength(plan.bytes());
        headers.setContentDisposition(ContentDisposition.attachment()
                .filename("namespace-" + Integer.toUnsignedString(namespace.id()) + ".bin")
                .build());
        if (plan.status() == HttpStatus.PARTIAL_CONTENT && plan.ranges().size() == 1) {
            headers.set(
                    HttpHeaders.CONTENT_RANGE,
                    MultipartRanges.contentRange(plan.ranges().get(0), namespace.size()));
        }
    }
}
