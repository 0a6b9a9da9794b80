package io.nvmf;

import io.nvmf.host.association.Association;
import io.nvmf.host.queue.CommandTrace;
import io.nvmf.host.queue.CommandTracing;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.observation.NvmeObserver;
import io.nvmf.observation.Operation;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/** Makes operations of the commands of one association. */
final class ObservedCommands implements CommandTracing {

    private final Operation client;
    private final NvmeObserver observer;
    private final Association association;

    private ObservedCommands(Operation client, NvmeObserver observer, Association association) {
        this.client = client;
        this.observer = observer;
        this.association = association;
    }

    /** From now on an observer hears of all commands of users. */
    static void observe(Operation client, NvmeObserver observer, Association association) {
        ObservedCommands commands = new ObservedCommands(client, observer, association);
        association.adminQueue().trace(commands);
        for (HostQueue queue : association.ioQueues()) {
            queue.trace(commands);
        }
    }

    @Override
    public @Nullable CommandTrace accepted(int queueId, ContextView context) {
        ObservedCommand command = new ObservedCommand(client, association, queueId);
        ObservedOperation operation = ObservedOperation.begin(() -> observer.command(command, context));
        if (operation == null) {
            return null;
        }
        command.begin(operation);
        return command;
    }
}
