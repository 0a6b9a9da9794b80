package io.nvmf.testing;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * What may block on an event loop all the same: the lock of a scheduler's queue, held for a moment when a timer is cancelled.
 * Reactor's own integration allows it for starting a timer only.
 */
public final class AllowedBlocking implements BlockHoundIntegration {

    /** For the service loader. */
    public AllowedBlocking() {}

    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder.allowBlockingCallsInside(ScheduledThreadPoolExecutor.class.getName() + "$DelayedWorkQueue", "remove");
    }
}
