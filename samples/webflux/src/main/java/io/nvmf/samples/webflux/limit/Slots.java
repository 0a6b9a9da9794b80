package io.nvmf.samples.webflux.limit;

import io.nvmf.samples.webflux.problem.Refusal;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A number of places for work of one kind. Thread safe, and never waits. */
public final class Slots {

    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    private final String work;
    private final int limit;
    private final AtomicInteger taken = new AtomicInteger();

    /**
     * Creates the places.
     *
     * @param work what is done there, in the plural, as the client reads it
     * @param limit number of places, at least 1
     */
    public Slots(String work, int limit) {
        this.work = work;
        this.limit = limit;
    }

    /**
     * Does some work in a place of its own.
     *
     * @param <T> of the result
     * @param task made and subscribed to when there is a place
     * @return the result, or a {@link Refusal} with 503; the place is free again when it ends or is cancelled
     */
    public <T> Mono<T> hold(Supplier<Mono<T>> task) {
        return Mono.using(this::take, place -> task.get(), place -> taken.decrementAndGet(), false);
    }

    /**
     * The same for a stream.
     *
     * @param <T> of its elements
     * @param task made and subscribed to when there is a place
     * @return the stream, or a {@link Refusal} with 503
     */
    public <T> Flux<T> holdMany(Supplier<Flux<T>> task) {
        return Flux.using(this::take, place -> task.get(), place -> taken.decrementAndGet(), false);
    }

    private int take() {
        int before;
        do {
            before = taken.get();
            if (before >= limit) {
                throw Refusal.unavailable(limit + " " + work + " are under way, which is the limit", RETRY_AFTER);
            }
        } while (!taken.compareAndSet(before, before + 1));
        return before;
    }

    /** {@return how many places are taken now} */
    public int taken() {
        return taken.get();
    }
}
