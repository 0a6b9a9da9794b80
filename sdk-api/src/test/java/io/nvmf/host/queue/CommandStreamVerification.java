package io.nvmf.host.queue;

import io.nvmf.command.Completion;
import org.reactivestreams.Publisher;
import org.testng.annotations.Test;
import reactor.core.publisher.Flux;

/** The stream of completions keeps the rules of Reactive Streams. */
@Test
public class CommandStreamVerification extends HostQueueVerification {

    @Override
    public Publisher<Completion> createPublisher(long elements) {
        return queue.execute(commands(elements));
    }

    @Override
    public Publisher<Completion> createFailedPublisher() {
        return queue.execute(Flux.error(new IllegalStateException("broken source")));
    }
}
