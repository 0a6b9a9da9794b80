package io.nvmf.transport;

import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.Test;

/** Handing something over keeps the rules of Reactive Streams. */
@Test
public class HandoverVerification extends PublisherVerification<Object> {

    public HandoverVerification() {
        super(new TestEnvironment(500, 100));
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
