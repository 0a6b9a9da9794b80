package io.nvmf.subsystem.engine;

import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.ReceivedCommand;

/** What a queue does with its commands; changes when Connect says which queue it is. */
interface CommandHandler {

    /**
     * Executes a command whose identifier and transfer description have been checked. The handler releases it and sees
     * to exactly one of the completing methods of {@link TargetQueue}, now or later.
     */
    void handle(ReceivedCommand command, SubmissionQueueEntry entry, int commandId);
}
