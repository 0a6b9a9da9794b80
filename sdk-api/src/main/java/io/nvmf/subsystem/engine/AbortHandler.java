package io.nvmf.subsystem.engine;

import io.nvmf.spec.AbortCommand;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.ReceivedCommand;

/**
 * Abort commands. A command that waits, for memory, for its turn, for data of the host, for an event, or until the
 * connection takes data, is ended; one that a store is at work for is not, since a store cannot be asked to stop. Event
 * loop of the admin queue only.
 */
final class AbortHandler implements CommandHandler {

    /** How many a host may have outstanding (ACL plus one). */
    static final int LIMIT = 4;

    private final TargetQueue adminQueue;
    private final Controller controller;

    /** Those that an I/O queue on another event loop has been asked about. */
    private int underWay;

    AbortHandler(TargetQueue adminQueue, Controller controller) {
        this.adminQueue = adminQueue;
        this.controller = controller;
    }

    @Override
    public void handle(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        AbortCommand abort = AbortCommand.decode(entry.buffer(), entry.index());
        command.release();
        if (underWay == LIMIT) {
            adminQueue.complete(commandId, TargetStatus.ABORT_LIMIT_EXCEEDED);
            return;
        }
        if (abort.sqid() == 0) {
            answer(commandId, controller.events().abort(abort.commandId()) || adminQueue.abort(abort.commandId()));
            return;
        }
        TargetQueue queue = controller.ioQueue(abort.sqid());
        if (queue == null) {
            answer(commandId, false);
            return;
        }
        underWay++;
        queue.execute(() -> {
            boolean aborted = queue.abort(abort.commandId());
            adminQueue.execute(() -> {
                underWay--;
                answer(commandId, aborted);
            });
        });
    }

    private void answer(int commandId, boolean aborted) {
        adminQueue.complete(commandId, Status.SUCCESS, AbortCommand.response(aborted), 0);
    }
}
