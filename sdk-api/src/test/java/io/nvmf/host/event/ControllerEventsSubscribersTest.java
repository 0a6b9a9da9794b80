package io.nvmf.host.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.event.NvmeEvent;
import io.nvmf.event.NvmeEvent.Missed;
import io.nvmf.event.NvmeEvent.MissedReason;
import io.nvmf.event.NvmeEvent.Other;
import io.nvmf.spec.AsyncEvent;
import io.nvmf.testing.Recorder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Hooks;

/** Subscribers of events get what they can take, and are in nobody's way. */
class ControllerEventsSubscribersTest {

    private final ControllerEvents events = new ControllerEvents();

    private static NvmeEvent event(int number) {
        return new Other(new AsyncEvent(AsyncEvent.TYPE_VENDOR, 0, 0, number));
    }

    private void tell(int from, int to) {
        for (int i = from; i < to; i++) {
            events.tell(event(i));
        }
    }

    private Recorder<NvmeEvent> subscribe(long demand) {
        Recorder<NvmeEvent> recorder = new Recorder<>(demand);
        events.flux().subscribe(recorder);
        return recorder;
    }

    @Test
    void everySubscriberGetsWhatIsToldFromThenOn() {
        tell(0, 1);
        Recorder<NvmeEvent> first = subscribe(Long.MAX_VALUE);
        tell(1, 2);
        Recorder<NvmeEvent> second = subscribe(Long.MAX_VALUE);
        tell(2, 3);

        assertThat(first.elements).containsExactly(event(1), event(2));
        assertThat(second.elements).containsExactly(event(2));
    }

    @Test
    void aSlowSubscriberLosesTheOldestAndIsTold() {
        Recorder<NvmeEvent> slow = subscribe(1);
        Recorder<NvmeEvent> quick = subscribe(Long.MAX_VALUE);
        tell(0, 101);

        assertThat(slow.elements).containsExactly(event(0));
        assertThat(quick.elements).hasSize(101);
        slow.request(2);
        assertThat(slow.elements).containsExactly(event(0), new Missed(MissedReason.SLOW_SUBSCRIBER, 36), event(37));
        slow.request(Long.MAX_VALUE);
        assertThat(slow.elements).hasSize(2 + NvmeEvent.MOST_WAITING).endsWith(event(100));
    }

    @Test
    void whatWaitsIsDeliveredBeforeTheEnd() {
        Recorder<NvmeEvent> slow = subscribe(1);
        tell(0, 3);
        events.complete();
        assertThat(slow.completes).isZero();

        slow.request(2);

        assertThat(slow.elements).hasSize(3);
        assertThat(slow.completes).isEqualTo(1);
        assertThat(subscribe(1).completes).isEqualTo(1);
    }

    @Test
    void aSubscriberThatThrowsIsOnItsOwn() {
        List<Throwable> dropped = new ArrayList<>();
        Hooks.onErrorDropped(dropped::add);
        try {
            AtomicLong calls = new AtomicLong();
            events.flux().subscribe(new CoreSubscriber<>() {
                @Override
                public void onSubscribe(Subscription subscription) {
                    subscription.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(NvmeEvent event) {
                    calls.incrementAndGet();
                    throw new IllegalStateException("user code");
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onComplete() {}
            });
            Recorder<NvmeEvent> other = subscribe(Long.MAX_VALUE);
            tell(0, 2);

            assertThat(calls).hasValue(1);
            assertThat(other.elements).hasSize(2);
            assertThat(dropped).singleElement().satisfies(one -> assertThat(one).hasMessage("user code"));
        } finally {
            Hooks.resetOnErrorDropped();
        }
    }

    @Test
    void nothingFollowsACancelAlsoOneFromInside() {
        Recorder<NvmeEvent> one = new Recorder<>(Long.MAX_VALUE) {
            @Override
            protected void hookOnNext(NvmeEvent event) {
                super.hookOnNext(event);
                cancel();
            }
        };
        events.flux().subscribe(one);
        tell(0, 3);
        events.complete();

        assertThat(one.elements).hasSize(1);
        assertThat(one.isDone()).isFalse();
    }

    @Test
    void badDemandIsAnError() {
        List<Throwable> errors = new ArrayList<>();
        events.flux().subscribe(new CoreSubscriber<>() {
            @Override
            public void onSubscribe(Subscription subscription) {
                subscription.request(0);
            }

            @Override
            public void onNext(NvmeEvent event) {
                throw new AssertionError();
            }

            @Override
            public void onError(Throwable failure) {
                errors.add(failure);
            }

            @Override
            public void onComplete() {
                throw new AssertionError();
            }
        });
        tell(0, 1);
        events.complete();

        assertThat(errors).singleElement().isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void eventsOfSeveralThreadsComeOneByOneAndNoneIsLostUnseen() throws InterruptedException {
        int each = 20_000;
        AtomicLong seen = new AtomicLong();
        AtomicLong inside = new AtomicLong();
        List<String> faults = new ArrayList<>();
        Recorder<NvmeEvent> recorder = new Recorder<>(1) {
            @Override
            protected void hookOnNext(NvmeEvent event) {
                if (inside.incrementAndGet() != 1) {
                    faults.add("two at a time");
                }
                seen.addAndGet(event instanceof Missed missed ? missed.count() : 1);
                inside.decrementAndGet();
                request(1);
            }
        };
        events.flux().subscribe(recorder);
        CountDownLatch done = new CountDownLatch(2);
        for (int thread = 0; thread < 2; thread++) {
            new Thread(() -> {
                        tell(0, each);
                        done.countDown();
                    })
                    .start();
        }
        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        events.complete();

        assertThat(recorder.completes).isEqualTo(1);
        assertThat(faults).isEmpty();
        assertThat(seen).hasValue(2L * each);
    }
}
