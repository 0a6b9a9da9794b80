package io.nvmf.samples.replicate;

import io.nvmf.command.ByteRange;
import io.nvmf.command.NvmeException;
import io.nvmf.samples.replicate.Request.Task;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** One run of the program: connects both sides, copies and verifies, and says what came of it. */
final class Replication {

    private static final double MEGABYTE = 1e6;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Request request;
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean terminal;
    private final List<Side> sides = new CopyOnWriteArrayList<>();
    private final Sinks.Empty<Void> stopped = Sinks.empty();

    /**
     * @param out for results
     * @param err for what is seen meanwhile
     * @param terminal whether {@code err} shows a bar
     */
    Replication(Request request, PrintWriter out, PrintWriter err, boolean terminal) {
        this.request = request;
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** {@return whether the target is what it should be; both sides are closed again, also when this is cancelled} */
    Mono<Boolean> run() {
        return Side.using(request.from(), from -> Side.using(request.to(), to -> replicate(from, to)))
                .takeUntilOther(stopped.asMono());
    }

    /** Ends what is under way and blocks until both sides are closed, or for some seconds. */
    void stop() {
        stopped.tryEmitEmpty();
        Flux.fromIterable(sides)
                .flatMap(Side::close)
                .then()
                .timeout(PATIENCE)
                .onErrorComplete()
                .block();
    }

    private Mono<Boolean> replicate(Side from, Side to) {
        sides.addAll(List.of(from, to));
        return Mono.fromCallable(() -> {
                    CopyJob job =
                            CopyJob.of(from, to, request.sourceOffset(), request.targetOffset(), request.length());
                    say(String.format("source %s: %s", from.address(), from.identity()));
                    say(String.format("target %s: %s", to.address(), to.identity()));
                    return job;
                })
                .subscribeOn(Schedulers.boundedElastic()) // writing to a terminal blocks
                .flatMap(job -> request.task() == Task.VERIFY ? compare(from, to, job) : copy(from, to, job));
    }

    private Mono<Boolean> copy(Side from, Side to, CopyJob job) {
        StateFile file = new StateFile(request.state().orElseGet(() -> StateFile.nameFor(job)));
        return Mono.fromCallable(() -> begin(file, job))
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(state -> copy(from, to, state, file))
                .flatMap(state -> state.toVerify() ? readBack(from, to, state) : Mono.just(true))
                .onErrorMap(NvmeException.class, failure -> stopped(failure, file.path()))
                .flatMap(equal -> Mono.fromCallable(() -> {
                            if (equal) {
                                file.delete();
                            } else {
                                say("run again with --verify-only to see where, with --restart to copy again");
                            }
                            return equal;
                        })
                        .subscribeOn(Schedulers.boundedElastic()));
    }

    private CopyState begin(StateFile file, CopyJob job) throws IOException {
        boolean verify = request.task() == Task.COPY_AND_VERIFY;
        if (request.restart()) {
            file.requireOursOrNone();
        }
        Optional<CopyState> saved = request.restart() ? Optional.empty() : file.load(job);
        CopyState state = saved.orElseGet(() -> CopyState.begin(job));
        if (saved.isPresent()) {
            say(String.format(
                    "going on at %,d of %,d bytes%s, as %s says",
                    state.durable(),
                    job.length(),
                    state.toVerify() && !verify ? ", which are to be verified" : "",
                    file.path()));
        }
        if (!verify || state.toVerify()) {
            return state;
        }
        CopyState verifiedLater = state.verifiedLater();
        if (state.isComplete()) {
            file.save(verifiedLater); // copying would save it, but there is nothing to copy
        }
        return verifiedLater;
    }

    private Mono<CopyState> copy(Side from, Side to, CopyState begin, StateFile file) {
        long length = begin.job().length();
        if (begin.isComplete()) {
            return Mono.just(begin);
        }
        long start = now();
        return watched(from, to, "copy", begin.durable(), length, display -> {
                    Copy copy = new Copy(from, to, begin, file, request.options(), display);
                    return copy.run().map(end -> new Copied(end, copy.copied(), copy.peaks()));
                })
                .map(copied -> {
                    say(String.format(
                            "copied %,d bytes%s; %s", copied.bytes(), speed(copied.bytes(), start), copied.peaks()));
                    say(String.format(
                            "CRC-32C of the %,d bytes as they were read %08x",
                            length, copied.end().checksum()));
                    return copied.end();
                });
    }

    /**
     * What came of copying.
     *
     * @param end the last state
     * @param bytes that were written, those again included
     * @param peaks the most bytes in flight
     */
    private record Copied(CopyState end, long bytes, String peaks) {}

    private static RuntimeException stopped(NvmeException failure, Path state) {
        return new CopyStoppedException(
                failure.getMessage() + "; the same command goes on where " + state + " says", failure);
    }

    private Mono<Boolean> readBack(Side from, Side to, CopyState state) {
        long start = now();
        CopyJob job = state.job();
        return watched(
                        from,
                        to,
                        "verify",
                        0,
                        job.length(),
                        display -> new Verification(request.options(), display).readBack(job, to.namespace()))
                .map(checksum -> {
                    boolean equal = checksum == state.checksum();
                    say(String.format(
                            "read back %,d bytes%s, CRC-32C %08x: %s",
                            job.length(), speed(job.length(), start), checksum, equal ? "equal" : "THE DATA DIFFERS"));
                    return equal;
                });
    }

    private Mono<Boolean> compare(Side from, Side to, CopyJob job) {
        long start = now();
        return watched(
                        from,
                        to,
                        "compare",
                        0,
                        job.length(),
                        display -> new Verification(request.options(), display)
                                .compare(job, from.namespace(), to.namespace()))
                .map(comparison -> {
                    say(String.format(
                            "compared %,d bytes%s, CRC-32C of the source %08x, of the target %08x: %s",
                            job.length(),
                            speed(job.length(), start),
                            comparison.source(),
                            comparison.target(),
                            comparison.isEqual() ? "equal" : "THE DATA DIFFERS"));
                    for (ByteRange range : comparison.different()) {
                        say(String.format(
                                "different: %,d bytes from %,d of the source and %,d of the target on",
                                range.length(),
                                job.sourceOffset() + range.offset(),
                                job.targetOffset() + range.offset()));
                    }
                    if (!comparison.isEqual()) {
                        say(String.format(
                                "in all %,d bytes in pieces of %,d that have differences",
                                comparison.differentBytes(), Verification.PIECE));
                    }
                    return comparison.isEqual();
                });
    }

    /** Does work that is shown while it lasts, with what becomes of the two associations. */
    private <T> Mono<T> watched(
            Side from, Side to, String what, long start, long total, Function<Listener, Mono<T>> work) {
        return Mono.using(
                () -> Display.open(what, start, total, err, terminal, Schedulers.parallel()),
                display -> Mono.using(
                        () -> watch(from, to, display),
                        watching -> work.apply(display).publishOn(Schedulers.boundedElastic()),
                        Disposable::dispose),
                Display::close);
    }

    private static Disposable watch(Side from, Side to, Display display) {
        return Disposables.composite(
                new PauseNotes("source", display, Schedulers.parallel())
                        .watch(from.controller().states()),
                new PauseNotes("target", display, Schedulers.parallel())
                        .watch(to.controller().states()));
    }

    private static long now() {
        return System.nanoTime();
    }

    private static String speed(long bytes, long start) {
        double seconds = (now() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        return String.format(" in %.1f s, %,.0f MB/s", seconds, bytes / MEGABYTE / seconds);
    }

    private void say(String text) {
        out.println(text);
        out.flush();
    }
}
