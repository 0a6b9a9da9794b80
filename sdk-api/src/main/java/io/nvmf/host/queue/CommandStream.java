package io.nvmf.host.queue;

import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;

/** A stream of commands as a stream of completions; see {@link CommandStreamSubscription}. */
final class CommandStream extends FluxOperator<Command, Completion> {

    private final HostQueue queue;

    private CommandStream(HostQueue queue, Flux<? extends Command> commands) {
        super(commands);
        this.queue = queue;
    }

    static Flux<Completion> of(HostQueue queue, Publisher<? extends Command> commands) {
        return from(onAssembly(new CommandStream(queue, Flux.from(commands).contextWrite(Discarded::releasedIn))));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Completion> actual) {
        new CommandStreamSubscription(queue, actual).start(source);
    }
}
