package io.nvmf.host.queue;

import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/** Follows commands of users one by one; what it is asked for costs nothing while there is none. */
@FunctionalInterface
public interface CommandTracing {

    /**
     * A queue has accepted a command. On its event loop. A command that is sent again after its association was lost is
     * accepted again.
     *
     * @param queueId 0 for the admin queue
     * @param context of whoever waits for the command
     * @return hears what becomes of the command; null if nobody wants to know
     */
    @Nullable
    CommandTrace accepted(int queueId, ContextView context);
}
