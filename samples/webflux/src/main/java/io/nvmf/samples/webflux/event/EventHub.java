package io.nvmf.samples.webflux.event;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import reactor.core.publisher.BufferOverflowStrategy;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import tools.jackson.databind.json.JsonMapper;

/**
 * Hands events to all who listen. Each listener has a queue of {@value #MOST_WAITING} events; when it is full the oldest
 * goes, and the listener gets an event {@code missed} that says how many have gone.
 *
 * <p>Events are emitted one by one on the scheduler, which has one thread, whatever threads they come from.
 */
final class EventHub {

    /** How many events wait for a listener. */
    static final int MOST_WAITING = 64;

    private final Scheduler scheduler;
    private final JsonMapper json;
    private final Sinks.Many<byte[]> sink = Sinks.many().multicast().directBestEffort();

    EventHub(Scheduler scheduler, JsonMapper json) {
        this.scheduler = scheduler;
        this.json = json;
    }

    /** Whether it is worth while to make an event. */
    boolean hasListeners() {
        return sink.currentSubscriberCount() > 0;
    }

    /** From any thread. */
    void emit(String name, Object data) {
        if (hasListeners()) {
            byte[] event = event(name, data);
            scheduler.schedule(() -> sink.tryEmitNext(event));
        }
    }

    /** No more events: listeners are told the end. */
    void complete() {
        scheduler.schedule(sink::tryEmitComplete);
    }

    /**
     * Listens.
     *
     * @param first what a listener has to know before anything happens
     * @return the events from now on
     */
    Flux<byte[]> listen(Supplier<List<byte[]>> first) {
        return Flux.defer(() -> {
            AtomicLong missed = new AtomicLong();
            return Flux.defer(() -> sink.asFlux().startWith(first.get()))
                    .subscribeOn(scheduler, false) // nothing is emitted between the first events and the others
                    .onBackpressureBuffer(
                            MOST_WAITING, oldest -> missed.incrementAndGet(), BufferOverflowStrategy.DROP_OLDEST)
                    .concatMapIterable(event -> withMissed(missed.getAndSet(0), event), 1);
        });
    }

    private List<byte[]> withMissed(long count, byte[] event) {
        return count == 0 ? List.of(event) : List.of(event("missed", new Missed(count)), event);
    }

    /**
     * An event as it is sent.
     *
     * @param name of the event
     * @param data what is JSON
     * @return memory of the heap, which nobody has to release when a listener goes away
     */
    byte[] event(String name, Object data) {
        return ("event:" + name + "\ndata:" + json.writeValueAsString(data) + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * How many events a listener did not get.
     *
     * @param count at least 1
     */
    record Missed(long count) {}
}
