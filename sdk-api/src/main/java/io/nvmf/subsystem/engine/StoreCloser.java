package io.nvmf.subsystem.engine;

import io.nvmf.subsystem.BlockStore;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Flushes and closes stores at the end of a target: each store is closed, however its flush ends, and in bounded time.
 */
final class StoreCloser {

    private final Duration timeout;
    private final Scheduler timer;

    StoreCloser(Duration timeout, Scheduler timer) {
        this.timeout = timeout;
        this.timer = timer;
    }

    /**
     * Closes the stores of subsystems, all at a time.
     *
     * @return completes when every flush and every close has ended or run out of time; then an error if one of them
     *     failed: the first, with the others suppressed
     */
    Mono<Void> close(Collection<Subsystem> subsystems) {
        return Flux.fromIterable(subsystems)
                .flatMapIterable(subsystem -> subsystem.namespaces().stream()
                        .map(namespace ->
                                close("NSID " + namespace.nsid() + " of " + subsystem.nqn(), namespace.store()))
                        .toList())
                .collectList()
                .flatMapMany(closes -> Flux.mergeSequential(closes, Math.max(1, closes.size()), 1))
                .collectList()
                .flatMap(failures -> {
                    Throwable first = combined(failures);
                    return first == null ? Mono.empty() : Mono.error(first);
                });
    }

    private Flux<Throwable> close(String name, BlockStore store) {
        return Flux.concat(
                failure("the flush of the store of " + name, store::flush),
                failure("the close of the store of " + name, store::close));
    }

    /** Empty when the work is done, else why it is not. */
    private Mono<Throwable> failure(String what, Supplier<Mono<Void>> work) {
        return within(
                        guarded(what, work),
                        timeout,
                        timer,
                        Mono.error(() -> new TimeoutException(what + " has not ended within " + timeout)))
                .cast(Throwable.class)
                .onErrorResume(Mono::just);
    }

    /** Whatever a store throws, and wherever, is an error like another. */
    private static Mono<Void> guarded(String what, Supplier<Mono<Void>> work) {
        return Mono.create(sink -> {
            try {
                Mono<Void> started = work.get();
                if (started == null) {
                    sink.error(new NullPointerException(what + " is null"));
                } else {
                    started.subscribe(nothing -> {}, failure -> sink.error(exception(what, failure)), sink::success);
                }
            } catch (Throwable e) {
                sink.error(exception(what, e));
            }
        });
    }

    /** Operators do not hand on every {@link Error}, and whoever closes a target has to hear of the end. */
    private static Throwable exception(String what, Throwable failure) {
        return failure instanceof Error ? new IllegalStateException(what + " failed: " + failure, failure) : failure;
    }

    /**
     * What happens instead when time is up does not happen on the thread of the timer, where nobody else's code may
     * run.
     */
    static <T> Mono<T> within(Mono<T> work, Duration timeout, Scheduler timer, Mono<T> otherwise) {
        return work.timeout(Mono.delay(timeout, timer).publishOn(Schedulers.parallel()), otherwise);
    }

    private static @Nullable Throwable combined(List<Throwable> failures) {
        Throwable first = null;
        for (Throwable failure : failures) {
            if (first == null) {
                first = failure;
            } else if (failure != first) {
                first.addSuppressed(failure);
            }
        }
        return first;
    }
}
