package io.nvmf.spring.connection;

import io.nvmf.recovery.ControllerState;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * Tells the states of a connection one after the other, whatever threads they come from. A state that belongs to a
 * phase which another one has followed comes too late, and is dropped.
 */
final class StateFeed {

    private final Sinks.Many<ControllerState> sink = Sinks.many().replay().latest();
    private final Queue<Entry> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger work = new AtomicInteger();

    // only while telling
    private long latestPhase;
    private boolean done;

    private record Entry(long phase, ControllerState state, boolean last) {}

    /** A slow subscriber gets the latest. */
    Flux<ControllerState> states() {
        return sink.asFlux().onBackpressureLatest();
    }

    void tell(long phase, ControllerState state) {
        add(new Entry(phase, state, false));
    }

    void tellLast(ControllerState state) {
        add(new Entry(Long.MAX_VALUE, state, true));
    }

    private void add(Entry entry) {
        waiting.add(entry);
        if (work.getAndIncrement() != 0) {
            return;
        }
        int taken = 1;
        do {
            for (Entry next = waiting.poll(); next != null; next = waiting.poll()) {
                emit(next);
            }
            taken = work.addAndGet(-taken);
        } while (taken != 0);
    }

    private void emit(Entry entry) {
        if (done || entry.phase < latestPhase) {
            return;
        }
        latestPhase = entry.phase;
        sink.emitNext(entry.state, Sinks.EmitFailureHandler.FAIL_FAST);
        if (entry.last) {
            done = true;
            sink.emitComplete(Sinks.EmitFailureHandler.FAIL_FAST);
        }
    }
}
