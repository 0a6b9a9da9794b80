package io.nvmf.testing;

import java.lang.ref.WeakReference;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment.ManualSubscriber;
import org.testng.annotations.Test;

/**
 * The rules of the Reactive Streams TCK for publishers, one of them with the patience of the others: whether the
 * publisher drops a subscriber that has cancelled is looked at until it is so. The TCK itself looks once, after 300 ms.
 *
 * @param <T> what is published
 */
public abstract class PatientPublisherVerification<T> extends PublisherVerification<T> {

    private final TckEnvironment environment;

    protected PatientPublisherVerification() {
        this(new TckEnvironment());
    }

    private PatientPublisherVerification(TckEnvironment environment) {
        super(environment);
        this.environment = environment;
    }

    @Override
    @Test
    public void required_spec313_cancelMustMakeThePublisherEventuallyDropAllReferencesToTheSubscriber()
            throws Throwable {
        activePublisherTest(3, false, publisher -> {
            WeakReference<?> cancelled = cancelled(publisher);
            Duration patience = Duration.ofMillis(environment.defaultTimeoutMillis());
            Awaitility.await().atMost(patience).until(() -> {
                System.gc();
                return cancelled.get() == null;
            });
            environment.verifyNoAsyncErrorsNoDelay();
        });
    }

    private WeakReference<?> cancelled(Publisher<T> publisher) throws InterruptedException {
        ManualSubscriber<T> subscriber = environment.newManualSubscriber(publisher);
        subscriber.request(1);
        subscriber.nextElement();
        subscriber.cancel();
        return new WeakReference<>(subscriber);
    }
}
