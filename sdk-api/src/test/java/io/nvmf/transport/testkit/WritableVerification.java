package io.nvmf.transport.testkit;

import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportProvider;
import org.reactivestreams.Publisher;

/** {@code writable} of a controller's queue pair under the Reactive Streams TCK; extend it with a transport. */
public abstract class WritableVerification extends QueuePairVerification<Void> {

    protected WritableVerification(TransportProvider provider, TransportAddress address) {
        super(provider, address);
    }

    @Override
    public Publisher<Void> createPublisher(long elements) {
        return open().controller().writable();
    }

    @Override
    public Publisher<Void> createFailedPublisher() {
        return null; // never fails
    }

    @Override
    public long maxElementsFromPublisher() {
        return 0;
    }
}
