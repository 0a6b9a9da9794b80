package io.nvmf.samples.webflux.upload;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.samples.webflux.limit.Slots;
import io.nvmf.samples.webflux.problem.Refusal;
import io.nvmf.samples.webflux.server.Connections;
import io.nvmf.samples.webflux.transfer.EntityTags;
import io.nvmf.samples.webflux.transfer.Transfer;
import io.nvmf.samples.webflux.transfer.Transfers;
import io.nvmf.samples.webflux.transfer.Writes;
import io.nvmf.spring.buffer.NvmeDataBuffers;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Writes bodies to namespaces. A client that goes away ends the body, with an error, but does not cancel the writing: what was
 * sent to the controller is waited for, so that the next upload of the same bytes cannot be overtaken by the rest of
 * this one. Operators that drop what comes too late have no place between the body and the stream, either: nobody would
 * release it.
 */
final class Uploads {

    private static final Logger log = LoggerFactory.getLogger(Uploads.class);

    private final Slots slots;
    private final Transfers transfers;
    private final Writes writes;
    private final long limit;

    Uploads(Slots slots, Transfers transfers, Writes writes, long limit) {
        this.slots = slots;
        this.transfers = transfers;
        this.writes = writes;
        this.limit = limit;
    }

    Mono<UploadResult> write(NvmeNamespace namespace, ServerHttpRequest request) {
        if (namespace.readOnly()) {
            return Mono.error(Refusal.of(HttpStatus.FORBIDDEN, "the namespace is write protected"));
        }
        HttpHeaders headers = request.getHeaders();
        UploadPlan plan = UploadPlan.of(headers, request.getQueryParams().getFirst("offset"), namespace.size(), limit);
        BodyDigest digest = BodyDigest.of(headers.getOrEmpty(BodyDigest.HEADER), plan.length());
        return Mono.deferContextual(context -> {
            Sinks.One<UploadResult> result = Sinks.one();
            slots.hold(() -> write(namespace, plan, digest, request))
                    .contextWrite(context)
                    .subscribe(result::tryEmitValue, result::tryEmitError);
            return result.asMono();
        });
    }

    private Mono<UploadResult> write(
            NvmeNamespace namespace, UploadPlan plan, BodyDigest digest, ServerHttpRequest request) {
        long started = System.nanoTime();
        Flux<ByteBuf> body = NvmeDataBuffers.toByteBufs(request.getBody())
                .map(digest::update)
                .concatWith(Mono.fromRunnable(digest::verify));
        // what can fail without ending the write comes before its beginning
        Writes.Write write =
                writes.begin(namespace, plan.offset(), plan.length(), tag -> isAsAskedFor(request.getHeaders(), tag));
        Transfer transfer = transfers.upload(namespace.id(), plan.length());
        Connections.readsBody(request, true);
        WriteStreamOptions options = WriteStreamOptions.defaults()
                .expectedLength(plan.length())
                .unaligned(WriteStreamOptions.Unaligned.READ_MODIFY_WRITE)
                .statistics(transfer.statistics());
        return namespace
                .writeStream(plan.offset(), body, options)
                .doOnNext(progress -> transfer.reached(progress.bytesWritten()))
                .last()
                .map(TransferProgress::bytesWritten)
                .map(bytes ->
                        new UploadResult(plan.offset(), bytes, digest.crc32c(), (System.nanoTime() - started) / 1e9))
                .doOnSuccess(result -> {
                    write.complete();
                    transfers.end(transfer, null);
                })
                .doOnError(failure -> {
                    if (isInDoubt(failure)) {
                        write.abandon();
                    } else {
                        write.complete();
                    }
                    transfers.fail(transfer, failure);
                    log.info("an upload to namespace {} ended early: {}", namespace.id(), failure.getMessage());
                })
                .doOnTerminate(() -> Connections.readsBody(request, false));
    }

    private static boolean isInDoubt(Throwable failure) {
        return !(failure instanceof NvmeTransferException transfer)
                || !transfer.report().inDoubt().isEmpty();
    }

    private static boolean isAsAskedFor(HttpHeaders headers, Optional<String> tag) {
        List<String> ifMatch = headers.getOrEmpty(HttpHeaders.IF_MATCH);
        List<String> ifNoneMatch = headers.getOrEmpty(HttpHeaders.IF_NONE_MATCH);
        return (ifMatch.isEmpty() || EntityTags.names(ifMatch, tag, true))
                && (ifNoneMatch.isEmpty() || !EntityTags.names(ifNoneMatch, tag, false));
    }
}
