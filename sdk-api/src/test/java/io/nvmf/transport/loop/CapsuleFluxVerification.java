package io.nvmf.transport.loop;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.testing.TckEnvironment;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import org.reactivestreams.tck.PublisherVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** The stream of received capsules under the Reactive Streams TCK. */
public class CapsuleFluxVerification extends PublisherVerification<Integer> {

    private DefaultEventExecutor executor;

    public CapsuleFluxVerification() {
        super(new TckEnvironment());
    }

    @BeforeClass
    public void start() {
        executor = new DefaultEventExecutor();
    }

    @AfterClass
    public void stop() {
        executor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Override
    public Publisher<Integer> createPublisher(long elements) {
        CapsuleFlux<Integer> flux = new CapsuleFlux<>(executor, discarded -> {});
        executor.execute(() -> {
            for (int i = 0; i < elements; i++) {
                flux.emit(i);
            }
            if (elements == 0) {
                flux.end();
            }
        });
        // The end of a queue pair is no element's business: end when the last one has been seen.
        return subscriber -> flux.subscribe(new EndAfter(subscriber, elements, flux));
    }

    @Override
    public Publisher<Integer> createFailedPublisher() {
        return null; // it never fails by itself
    }

    @Override
    public long maxElementsFromPublisher() {
        return 10_000;
    }

    private record EndAfter(Subscriber<? super Integer> actual, long elements, CapsuleFlux<Integer> flux)
            implements Subscriber<Integer> {

        EndAfter {
            Objects.requireNonNull(actual);
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            actual.onSubscribe(subscription);
        }

        @Override
        public void onNext(Integer element) {
            actual.onNext(element);
            if (element == elements - 1) {
                flux.end();
            }
        }

        @Override
        public void onError(Throwable failure) {
            actual.onError(failure);
        }

        @Override
        public void onComplete() {
            actual.onComplete();
        }
    }
}
