package io.nvmf.testing;

import java.util.ArrayList;
import java.util.List;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * A subscriber that keeps everything and asks only when told. Elements are kept as they come: their owner is the test.
 *
 * @param <T> what it gets
 */
public class Recorder<T> extends BaseSubscriber<T> {

    public final List<T> elements = new ArrayList<>();
    public final List<Throwable> errors = new ArrayList<>();
    public int completes;
    private final long initialDemand;

    /** Asks for that many when subscribed, 0 for none. */
    public Recorder(long initialDemand) {
        this.initialDemand = initialDemand;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        if (initialDemand > 0) {
            request(initialDemand);
        }
    }

    @Override
    protected void hookOnNext(T value) {
        elements.add(value);
    }

    @Override
    protected void hookOnError(Throwable error) {
        errors.add(error);
    }

    @Override
    protected void hookOnComplete() {
        completes++;
    }

    public T last() {
        return elements.get(elements.size() - 1);
    }

    public boolean isDone() {
        return completes + errors.size() > 0;
    }
}
