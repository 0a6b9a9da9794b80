package io.nvmf.namespace;

import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.host.queue.CommandSubscription;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.Repetition;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;

/**
 * One single command of a namespace and one subscription.
 *
 * @param <T> what the subscriber gets
 * @param <M> what was subscribed to
 */
abstract class NamespaceRequest<T, M extends NamespaceMono<T>> extends CommandSubscription<T> {

    /** Says what the command is; any number of requests share it. */
    final M source;

    NamespaceRequest(CoreSubscriber<? super T> actual, M source) {
        super(actual);
        this.source = source;
    }

    /** Whether demand is what starts the command; if not, the subscription does. */
    boolean startsOnDemand() {
        return false;
    }

    /** The subscriber is there. */
    final void subscribed() {
        if (!startsOnDemand()) {
            start();
        }
    }

    @Override
    protected final void demanded() {
        if (startsOnDemand()) {
            start();
        }
    }

    /** Its deadline is kept by {@link NamespaceMono}, if it has one of its own. */
    @Override
    protected final boolean untimed() {
        return source.commands.deadline() != null;
    }

    @Override
    protected final HostQueue chooseQueue() {
        return source.queues.next();
    }

    @Override
    protected final void submit(HostQueue queue) {
        source.queues.submit(this, queue);
    }

    /** Harmless to repeat, unless said otherwise. */
    @Override
    public Repetition repetition() {
        return Repetition.ALWAYS;
    }

    @Override
    protected final @Nullable RuntimeException takeOver(RuntimeException failure, CommandOutcome outcome) {
        return source.queues.takeOver(this, failure, outcome);
    }

    @Override
    protected final boolean takeOver(NvmeStatusException answer) {
        return source.queues.takeOver(this, answer);
    }

    @Override
    protected final @Nullable RuntimeException failure(Command command, ResponseCapsule response, int bytes) {
        return source.commands.failure(command, response, bytes);
    }
}
