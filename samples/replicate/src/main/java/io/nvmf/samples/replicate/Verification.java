package io.nvmf.samples.replicate;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeBuffers;
import io.nvmf.NvmeNamespace;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads what was copied and compares checksums. */
final class Verification {

    /** Differences are told to this precision. */
    static final int PIECE = 1 << 20;

    /** Pieces that are read at a time, of each side. */
    private static final int AHEAD = 4;

    private final CopyOptions options;
    private final Listener listener;

    Verification(CopyOptions options, Listener listener) {
        this.options = options;
        this.listener = listener;
    }

    /** {@return the CRC-32C of what the target has now} */
    Mono<Integer> readBack(CopyJob job, NvmeNamespace target) {
        return Mono.defer(() -> {
            AtomicLong read = new AtomicLong();
            return checksum(
                    options.reading(null).read(target, job.targetOffset(), job.length()),
                    bytes -> listener.reached(read.addAndGet(bytes)));
        });
    }

    /** Reads both sides and compares them piece by piece. */
    Mono<Comparison> compare(CopyJob job, NvmeNamespace source, NvmeNamespace target) {
        return Mono.defer(() -> {
            Comparison comparison = new Comparison();
            Reading fromSource = options.reading(null);
            Reading fromTarget = options.reading(null);
            long pieces = (job.length() + PIECE - 1) / PIECE;
            return Flux.<Long, Long>generate(() -> 0L, (piece, sink) -> {
                        if (piece < pieces) {
                            sink.next(piece * PIECE);
                        } else {
                            sink.complete();
                        }
                        return piece + 1;
                    })
                    .flatMapSequential(
                            at -> {
                                long length = Math.min(PIECE, job.length() - at);
                                return Mono.zip(
                                        checksum(fromSource.read(source, job.sourceOffset() + at, length), bytes -> {}),
                                        checksum(fromTarget.read(target, job.targetOffset() + at, length), bytes -> {}),
                                        (left, right) -> new Comparison.Piece(at, length, left, right));
                            },
                            AHEAD,
                            1)
                    .doOnNext(piece -> {
                        comparison.add(piece);
                        listener.reached(piece.offset() + piece.length());
                    })
                    .then(Mono.just(comparison));
        });
    }

    private static Mono<Integer> checksum(Flux<ByteBuf> data, LongConsumer read) {
        Checksum checksum = new Checksum();
        return data.map(buffer -> {
                    int bytes = buffer.readableBytes();
                    checksum.update(buffer);
                    buffer.release();
                    read.accept(bytes);
                    return bytes;
                })
                .transform(NvmeBuffers.releaseDiscarded())
                .then(Mono.fromSupplier(checksum::value));
    }
}
