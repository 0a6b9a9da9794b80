package io.nvmf.samples.replicate;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeNamespace;
import io.nvmf.namespace.ReadStreamOptions;
import java.time.Duration;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/**
 * Reads ranges of namespaces, no faster than a limit. The limit stands in front of the reads: a range is read slice by
 * slice, and the read stream of a slice begins when its bytes may be moved, so nothing that is read has to wait.
 *
 * @param options of each read stream
 * @param limit empty for none
 * @param timer on which slices wait
 */
record Reading(ReadStreamOptions options, Optional<TokenBucket> limit, Scheduler timer) {

    /** Something that reads a range of bytes. */
    interface Source {
        Flux<ByteBuf> read(long offset, long length);
    }

    Flux<ByteBuf> read(NvmeNamespace namespace, long offset, long length) {
        return paced((at, bytes) -> namespace.readStream(at, bytes, options), offset, length);
    }

    Flux<ByteBuf> paced(Source source, long offset, long length) {
        return limit.map(bucket -> slices(bucket, source, offset, length)).orElseGet(() -> source.read(offset, length));
    }

    private Flux<ByteBuf> slices(TokenBucket bucket, Source source, long offset, long length) {
        return Flux.<Long, Long>generate(() -> 0L, (at, sink) -> {
                    if (at < length) {
                        sink.next(at);
                    } else {
                        sink.complete();
                    }
                    return at + bucket.slice();
                })
                .concatMap(
                        at -> Flux.defer(() -> {
                            long bytes = Math.min(bucket.slice(), length - at);
                            Duration delay = bucket.reserve(bytes);
                            Flux<ByteBuf> slice = source.read(offset + at, bytes);
                            return delay.isZero() ? slice : slice.delaySubscription(delay, timer);
                        }),
                        1);
    }
}
