package io.nvmf.host.event;

import io.nvmf.event.NvmeEvent;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/**
 * The events of a controller for everybody who wants them, whichever association they come from. Hot, without replay:
 * each subscriber gets what is told after it has come, at its own pace. Any thread.
 */
public final class ControllerEvents {

    private final CopyOnWriteArrayList<EventSubscription> subscriptions = new CopyOnWriteArrayList<>();
    private final Consumer<NvmeEvent> observer;
    private volatile boolean completed;

    /** Nothing has happened and nobody listens. */
    public ControllerEvents() {
        this(event -> {});
    }

    /**
     * Nothing has happened, and nobody listens but one.
     *
     * @param observer is told of every event, before and whether or not there are subscribers; must not throw
     */
    public ControllerEvents(Consumer<NvmeEvent> observer) {
        this.observer = observer;
    }

    /** {@return the events; completes with {@link #complete}, and at once after that} */
    public Flux<NvmeEvent> flux() {
        return EventFlux.of(this);
    }

    private static final class EventFlux extends Flux<NvmeEvent> {

        private final ControllerEvents source;

        private EventFlux(ControllerEvents source) {
            this.source = source;
        }

        static Flux<NvmeEvent> of(ControllerEvents source) {
            return from(onAssembly(new EventFlux(source)));
        }

        @Override
        public void subscribe(CoreSubscriber<? super NvmeEvent> actual) {
            source.add(actual);
        }
    }

    private void add(CoreSubscriber<? super NvmeEvent> actual) {
        EventSubscription subscription = new EventSubscription(actual, subscriptions::remove);
        actual.onSubscribe(subscription);
        subscriptions.add(subscription);
        if (subscription.isDone()) {
            subscriptions.remove(subscription);
        }
        if (completed) {
            subscription.complete();
        }
    }

    /**
     * Tells of an event. Returns whatever the subscribers do, and never waits for them.
     *
     * @param event what has happened
     */
    public void tell(NvmeEvent event) {
        observer.accept(event);
        for (EventSubscription subscription : subscriptions) {
            subscription.offer(event);
        }
    }

    /** There will be no more events. Idempotent. */
    public void complete() {
        completed = true;
        for (EventSubscription subscription : subscriptions) {
            subscription.complete();
        }
    }
}
