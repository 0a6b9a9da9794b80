package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.host.queue.Repetition;
import io.nvmf.host.recovery.ControllerRecovery;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A queue of whatever association there is; refuses users while the association itself still needs the queue to shut
 * down.
 */
final class DefaultQueue implements NvmeQueue {

    private final ControllerRecovery recovery;
    private final QueueSelector queue;
    private final Failures failures;

    /**
     * The face of a queue.
     *
     * @param queue always the same one of an association
     */
    DefaultQueue(ControllerRecovery recovery, QueueSelector queue) {
        this.recovery = recovery;
        this.queue = queue;
        this.failures = recovery.association().failures().forQueue(queue.next().queueId());
    }

    @Override
    public int id() {
        return queue.next().queueId();
    }

    @Override
    public int depth() {
        return queue.next().slots();
    }

    @Override
    public Mono<Completion> execute(Command command) {
        Mono<Completion> execution = HostQueue.execute(queue, failures, command, Repetition.IF_NOT_SENT);
        return Mono.defer(() -> {
            if (recovery.isOpen()) {
                return execution;
            }
            ByteBuf data = command.buffer();
            if (data != null && command.claimData()) {
                data.release();
            }
            return Mono.error(recovery.closedFailure());
        });
    }

    @Override
    public Flux<Completion> execute(Publisher<? extends Command> commands) {
        return Flux.defer(
                () -> recovery.isOpen() ? queue.next().execute(commands) : Flux.error(recovery.closedFailure()));
    }

    @Override
    public String toString() {
        return "NvmeQueue[" + id() + ", depth " + depth() + ']';
    }
}
