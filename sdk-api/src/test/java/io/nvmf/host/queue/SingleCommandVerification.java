package io.nvmf.host.queue;

import io.nvmf.command.Completion;
import org.reactivestreams.Publisher;
import org.testng.annotations.Test;

/** A single command keeps the rules of Reactive Streams. */
@Test
public class SingleCommandVerification extends HostQueueVerification {

    @Override
    public long maxElementsFromPublisher() {
        return 1;
    }

    @Override
    public Publisher<Completion> createPublisher(long elements) {
        return queue.execute(QueueFixture.named(1));
    }

    @Override
    public Publisher<Completion> createFailedPublisher() {
        // Fails only once it has been requested, which the TCK does not do.
        return null;
    }
}
