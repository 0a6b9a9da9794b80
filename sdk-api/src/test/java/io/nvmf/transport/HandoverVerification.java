package io.nvmf.transport;

import io.nvmf.testing.TckEnvironment;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.testng.annotations.Test;

/** Handing something over keeps the rules of Reactive Streams. */
@Test
public class HandoverVerification extends PublisherVerification<Object> {

    public HandoverVerification() {
        super(new TckEnvironment());
    }

    @Override
    public long maxElementsFromPublisher() {
        return 1;
    }

    @Override
    public Publisher<Object> createPublisher(long elements) {
        return Handover.create(handover -> handover.give("it"), unwanted -> {});
    }

    @Override
    public Publisher<Object> createFailedPublisher() {
        return Handover.create(handover -> handover.fail(new IllegalStateException("failed")), unwanted -> {});
    }
}
