package io.nvmf.transport.support;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.testing.PatientPublisherVerification;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Publisher;
import org.testng.annotations.AfterClass;

/** The Reactive Streams rules for the stream of received capsules. */
public class CapsuleFluxVerification extends PatientPublisherVerification<Integer> {

    private final EventExecutor executor = new DefaultEventExecutor();

    @AfterClass
    public void shutDown() {
        executor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Override
    public Publisher<Integer> createPublisher(long elements) {
        CapsuleFlux<Integer>[] self = newArray();
        long[] emitted = {0};
        // Like the reader: produces while there is demand, and ends when there is nothing more to come.
        self[0] = new CapsuleFlux<>(
                executor,
                () -> {
                    while (self[0].hasDemand() && emitted[0] < elements) {
                        self[0].emit((int) emitted[0]++);
                    }
                    if (emitted[0] == elements) {
                        self[0].complete();
                    }
                },
                discarded -> {});
        return self[0];
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static CapsuleFlux<Integer>[] newArray() {
        return new CapsuleFlux[1];
    }

    @Override
    public long maxElementsFromPublisher() {
        return 100_000;
    }

    @Override
    public Publisher<Integer> createFailedPublisher() {
        return null;
    }
}
