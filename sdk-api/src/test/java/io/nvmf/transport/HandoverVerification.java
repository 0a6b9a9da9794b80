package io.nvmf.transport;

import io.nvmf.testing.PatientPublisherVerification;
import org.reactivestreams.Publisher;
import org.testng.annotations.Test;

/** Handing something over keeps the rules of Reactive Streams. */
@Test
public class HandoverVerification extends PatientPublisherVerification<Object> {

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
