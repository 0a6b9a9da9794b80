package io.nvmf.transport.testkit;

import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportProvider;
import org.reactivestreams.Publisher;

/** {@code transmit} of a command capsule under the Reactive Streams TCK; extend it with a transport. */
public abstract class TransmitVerification extends QueuePairVerification<Void> {

    protected TransmitVerification(TransportProvider provider, TransportAddress address) {
        super(provider, address);
    }

    @Override
    public Publisher<Void> createPublisher(long elements) {
        return open().host().transmit(new RecordingCapsule(0x18, nextId()));
    }

    @Override
    public Publisher<Void> createFailedPublisher() {
        return closed().host().transmit(new RecordingCapsule(0x18, nextId()));
    }

    @Override
    public long maxElementsFromPublisher() {
        return 0;
    }
}
