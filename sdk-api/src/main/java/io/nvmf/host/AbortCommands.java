package io.nvmf.host;

import io.nvmf.spec.AbortCommand;
import io.nvmf.transport.Command;
import io.nvmf.transport.Completion;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sends Abort for commands that were cancelled or timed out. Abort is a courtesy to the controller: those beyond its limit
 * (ACL) are dropped.
 */
final class AbortCommands implements Aborter {

    private final AtomicInteger outstanding = new AtomicInteger();

    private volatile @Nullable HostQueue admin;
    private volatile int limit = 1;

    void admin(HostQueue queue) {
        admin = queue;
    }

    /**
     * Sets how many may be outstanding.
     *
     * @param abortCommandLimit ACL as on the wire, 0 based
     */
    void limit(int abortCommandLimit) {
        limit = abortCommandLimit + 1;
    }

    @Override
    public void abort(int queueId, int commandId, Runnable done) {
        HostQueue queue = admin;
        if (queue == null) {
            done.run();
            return;
        }
        if (outstanding.incrementAndGet() > limit) {
            outstanding.decrementAndGet();
            done.run();
            return;
        }
        queue.submit(new Abort(queueId, commandId, done));
    }

    private final class Abort extends Request {

        private final Command command;
        private final Runnable done;

        Abort(int queueId, int commandId, Runnable done) {
            this.done = done;
            command = AdminCommands.command(new AbortCommand(queueId, commandId)::encode)
                    .build();
        }

        @Override
        protected Command command() {
            return command;
        }

        @Override
        protected void completed(Completion completion) {
            completion.release();
            finished();
        }

        @Override
        protected void failed(RuntimeException failure, Failures.Outcome outcome) {
            finished();
        }

        private void finished() {
            outstanding.decrementAndGet();
            done.run();
        }
    }
}
