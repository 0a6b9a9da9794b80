package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.host.association.Association;
import io.nvmf.host.queue.HostQueue;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A queue of an association; refuses users while the association itself still needs the queue to shut down. */
final class DefaultQueue implements NvmeQueue {

    private final Association association;
    private final HostQueue queue;

    DefaultQueue(Association association, HostQueue queue) {
        this.association = association;
        this.queue = queue;
    }

    @Override
    public int id() {
        return queue.queueId();
    }

    @Override
    public int depth() {
        return queue.slots();
    }

    @Override
    public Mono<Completion> execute(Command command) {
        Mono<Completion> execution = queue.execute(command);
        return Mono.defer(() -> {
            if (association.isLive()) {
                return execution;
            }
            ByteBuf data = command.buffer();
            if (data != null && command.claimData()) {
                data.release();
            }
            return Mono.error(association.closedFailure());
        });
    }

    @Override
    public Flux<Completion> execute(Publisher<? extends Command> commands) {
        Flux<Completion> execution = queue.execute(commands);
        return Flux.defer(() -> association.isLive() ? execution : Flux.error(association.closedFailure()));
    }

    @Override
    public String toString() {
        return "NvmeQueue[" + id() + ", depth " + depth() + ']';
    }
}
