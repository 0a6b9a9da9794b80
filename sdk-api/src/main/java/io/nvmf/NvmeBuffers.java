package io.nvmf;

import io.nvmf.host.queue.Discarded;
import java.util.Objects;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** What has to do with the ownership of buffers in Reactor's chains. */
public final class NvmeBuffers {

    private NvmeBuffers() {}

    /**
     * {@link Flux#publishOn(Scheduler, int)} that leaves nothing behind when it is cancelled. Reactor's drops the task
     * that was to empty its queue if that has not begun when the cancel comes, and tells no hook of what is in the queue.
     * The chain needs {@link #releaseDiscarded()} at its end all the same.
     *
     * <pre>{@code
     * namespace.readStream(0, length)
     *         .transform(NvmeBuffers.publishOn(Schedulers.boundedElastic(), 8))
     *         .map(buffer -> consumeAndRelease(buffer))
     *         .transform(NvmeBuffers.releaseDiscarded());
     * }</pre>
     *
     * @param scheduler whose threads signal from here on
     * @param prefetch how many elements are asked for ahead, at least 1
     * @return for {@link Flux#transform}
     * @param <T> what the chain emits, changed by nothing
     */
    public static <T> Function<Flux<T>, Flux<T>> publishOn(Scheduler scheduler, int prefetch) {
        Scheduler patient = new PatientScheduler(Objects.requireNonNull(scheduler, "scheduler"));
        return chain -> chain.publishOn(patient, prefetch);
    }

    /**
     * Releases what operators discard: elements that a {@code filter} or a {@code skip} does not let through, that wait
     * in the queue of a {@code publishOn} or a {@code flatMap} when the subscriber cancels or something fails, that a
     * {@code buffer} has collected by then. Nobody gets these elements, and who emits them does not hear of it: Reactor
     * tells the discard hook of the chain, which comes from its end. So this belongs there, behind the last operator
     * through which buffers go:
     *
     * <pre>{@code
     * namespace.readStream(0, length)
     *         .transform(NvmeBuffers.publishOn(Schedulers.boundedElastic(), 8))
     *         .map(buffer -> consumeAndRelease(buffer)) // to something else: a released buffer must not travel on
     *         .transform(NvmeBuffers.releaseDiscarded());
     * }</pre>
     *
     * <p>What was released by the chain itself must not reach an operator that discards: memory from a pool is used
     * again, and it would be somebody else's that is released then.
     *
     * <p>Elements that come to an operator after it has ended, such as one that meets a {@code timeout} that passes, are
     * not discarded but dropped, and released as well.
     *
     * <p>Released is everything {@linkplain io.netty.util.ReferenceCounted reference counted}, so buffers, completions
     * and holders of buffers, also within collections, arrays, tuples, maps, optionals and materialized signals.
     * Objects that wrap a buffer without being reference counted need a hook of their own ({@code doOnDiscard}). A hook
     * that is there already is called first, and what it has released is left alone; calling this twice in a chain does
     * no harm.
     *
     * <p>Sources of write streams and of {@link NvmeQueue#execute(Publisher)} do not need it: there the SDK is the end
     * of the chain.
     *
     * @return for {@link Flux#transform} and {@link Mono#transform}; a {@code Mono} stays one
     * @param <T> what the chain emits, changed by nothing
     */
    public static <T> Function<Publisher<T>, Publisher<T>> releaseDiscarded() {
        return chain -> chain instanceof Mono<T> mono
                ? mono.contextWrite(Discarded::releasedIn)
                : Flux.from(chain).contextWrite(Discarded::releasedIn);
    }
}
