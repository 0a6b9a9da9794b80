package io.nvmf.samples.replicate;

import io.netty.buffer.ByteBuf;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Copies part by part: each is a read stream written by a write stream, which ends with a Flush. So what the state says
 * is durable, and the pause between two parts is that of one Flush.
 *
 * <p>If the target has lost its association during a part, it may have lost power, and with it what it had cached,
 * before the Flush. Such a part is copied again, in smaller parts, so that the copy ends also where associations are
 * short.
 *
 * <p>One subscription at a time; what happens is confined to the signals of one chain.
 */
final class Copy {

    /** No part is smaller: a multiple of every block size. */
    static final int LEAST_PART = 1 << 20;

    /** A state is not saved more often. */
    static final Duration SAVING = Duration.ofSeconds(1);

    private final Side from;
    private final Side to;
    private final StateFile file;
    private final CopyOptions options;
    private final Reading reading;
    private final Listener listener;
    private final Scheduler timer;
    private final StreamStatistics statistics = new StreamStatistics();

    private CopyState state;
    private long part;
    private @Nullable Long savedAt;
    private long peakRead;
    private long peakWritten;
    private long copied;

    Copy(Side from, Side to, CopyState state, StateFile file, CopyOptions options, Listener listener) {
        this.from = from;
        this.to = to;
        this.state = state;
        this.file = file;
        this.options = options;
        this.listener = listener;
        this.timer = options.timer();
        this.part = options.part();
        this.reading = options.reading(statistics);
    }

    /** {@return completes with the last state when everything is written and flushed} */
    Mono<CopyState> run() {
        return save().then(Mono.defer(this::nextPart)
                        .repeat(() -> !state.isComplete())
                        .then())
                .then(Mono.fromSupplier(() -> state));
    }

    private Mono<Void> nextPart() {
        CopyJob job = state.job();
        long at = state.durable();
        long length = Math.min(part, job.length() - at);
        Checksum checksum = new Checksum();
        Flux<ByteBuf> source = reading.read(from.namespace(), job.sourceOffset() + at, length)
                .doOnNext(checksum::update)
                .limitRate(options.window()) // a write stream asks for one buffer at a time: this reads ahead of it
                .doFinally(end -> peakRead = Math.max(peakRead, statistics.peakBytesInFlight()));
        WriteStreamOptions writing = options.writing().expectedLength(length);
        return to.association()
                .flatMap(before -> to.namespace()
                        .writeStream(job.targetOffset() + at, source, writing)
                        .doOnNext(progress -> listener.reached(at + progress.bytesWritten()))
                        .last()
                        .flatMap(written -> to.association()
                                .flatMap(after ->
                                        end(written, length, checksum.value(), Objects.equals(before, after)))));
    }

    private Mono<Void> end(TransferProgress written, long length, int checksum, boolean sameAssociation) {
        peakWritten = Math.max(peakWritten, written.peakBytesInFlight());
        copied += length;
        if (!sameAssociation && to.hasVolatileWriteCache()) {
            part = Math.max(LEAST_PART, part / 2);
            listener.note(String.format(
                    "the target was away before these bytes were flushed: %,d bytes are copied again", length));
            return Mono.empty();
        }
        part = Math.min(options.part(), part * 2);
        state = state.and(length, checksum);
        return state.isComplete() || isTimeToSave() ? save() : Mono.empty();
    }

    private boolean isTimeToSave() {
        Long last = savedAt;
        return last == null || timer.now(TimeUnit.NANOSECONDS) - last >= SAVING.toNanos();
    }

    private Mono<Void> save() {
        return Mono.fromCallable((Callable<Void>) () -> {
                    file.save(state);
                    savedAt = timer.now(TimeUnit.NANOSECONDS);
                    return null;
                })
                .subscribeOn(Schedulers.boundedElastic());
    }

    /** {@return bytes that were written, those again included} */
    long copied() {
        return copied;
    }

    /** {@return the most bytes that were in reads and writes at a time} */
    String peaks() {
        return String.format("at most %,d bytes in reads and %,d bytes in writes at a time", peakRead, peakWritten);
    }
}
