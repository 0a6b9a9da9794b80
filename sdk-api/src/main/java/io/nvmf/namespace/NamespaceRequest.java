package io.nvmf.namespace;

import io.nvmf.command.Completion;
import io.nvmf.host.queue.CommandSubscription;
import io.nvmf.host.queue.HostQueue;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;

/**
 * One single command of a namespace and one subscription.
 *
 * @param <T> what the subscriber gets
 */
abstract class NamespaceRequest<T> extends CommandSubscription<T> {

    final NvmCommands commands;

    NamespaceRequest(CoreSubscriber<? super T> actual, NvmCommands commands, HostQueue target) {
        super(actual, target);
        this.commands = commands;
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

    @Override
    protected final void submit() {
        target.submit(this);
    }

    @Override
    protected final @Nullable RuntimeException failure(Completion completion) {
        return commands.failure(completion);
    }
}
