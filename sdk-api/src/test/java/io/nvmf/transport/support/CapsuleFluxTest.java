package io.nvmf.transport.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.test.StepVerifier;

/** The stream of received capsules: its order, and what becomes of those that nobody gets. */
class CapsuleFluxTest {

    @Test
    void aCapsuleThatComesFromWithinOnNextIsNotReordered() {
        CapsuleFlux<Integer> flux = new CapsuleFlux<>(ImmediateEventExecutor.INSTANCE, () -> {}, discarded -> {});
        List<Integer> order = new ArrayList<>();
        flux.subscribe(value -> {
            if (value == 1) {
                flux.emit(2);
                flux.emit(3);
            }
            order.add(value);
        });
        flux.emit(1);
        flux.emit(4);

        assertThat(order).containsExactly(1, 2, 3, 4);
    }

    @Test
    void whatComesAfterCancelIsDiscarded() {
        List<Integer> discarded = new ArrayList<>();
        CapsuleFlux<Integer> flux = new CapsuleFlux<>(ImmediateEventExecutor.INSTANCE, () -> {}, discarded::add);
        StepVerifier.create(flux, 1)
                .then(() -> {
                    flux.emit(1);
                    flux.emit(2);
                })
                .expectNext(1)
                .thenCancel()
                .verify();
        flux.emit(3);
        flux.complete();

        assertThat(discarded).containsExactly(2, 3);
    }

    @Test
    void anIllegalRequestFromWithinOnSubscribeIsAnError() {
        List<String> signals = new ArrayList<>();
        CapsuleFlux<Integer> flux = new CapsuleFlux<>(ImmediateEventExecutor.INSTANCE, () -> {}, discarded -> {});

        flux.subscribe(new Raw<>(0, signals, false));
        flux.complete();

        assertThat(signals).containsExactly("IllegalArgumentException");
    }

    @Test
    void aSubscriberThatThrowsStillHearsOfTheEnd() {
        List<String> signals = new ArrayList<>();
        CapsuleFlux<Integer> flux = new CapsuleFlux<>(ImmediateEventExecutor.INSTANCE, () -> {}, discarded -> {});
        flux.subscribe(new Raw<>(Long.MAX_VALUE, signals, true));

        assertThatThrownBy(() -> flux.emit(1)).isInstanceOf(IllegalStateException.class);
        flux.complete();

        assertThat(signals).containsExactly("next", "complete");
    }

    @Test
    void aSubscriberThatThrowsHearsOfTheEndBeforeTheRestIsDiscarded() {
        List<String> signals = new ArrayList<>();
        CapsuleFlux<Integer> flux = new CapsuleFlux<>(
                ImmediateEventExecutor.INSTANCE, () -> {}, discarded -> signals.add("discarded " + discarded));
        flux.subscribe(new Raw<>(1, signals, true));

        assertThatThrownBy(() -> flux.emit(1)).hasMessage("broken subscriber");
        flux.emit(2);
        flux.complete();

        assertThat(signals).containsExactly("next", "complete", "discarded 2");
    }

    private record Raw<T>(long demand, List<String> signals, boolean throwing) implements CoreSubscriber<T> {

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(demand);
        }

        @Override
        public void onNext(T value) {
            signals.add("next");
            if (throwing) {
                throw new IllegalStateException("broken subscriber");
            }
        }

        @Override
        public void onError(Throwable failure) {
            signals.add(failure.getClass().getSimpleName());
        }

        @Override
        public void onComplete() {
            signals.add("complete");
        }
    }
}
