package io.nvmf.subsystem.engine;

import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.ReceivedCommand;

/** What a queue does whose host has to prove who it is: it takes the commands for that and refuses everything else. */
final class AuthenticationHandler implements CommandHandler {

    private final TargetQueue queue;
    private final QueueAuthentication authentication;

    AuthenticationHandler(TargetQueue queue, QueueAuthentication authentication) {
        this.queue = queue;
        this.authentication = authentication;
    }

    @Override
    public void handle(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        int type = entry.opcode() == FabricsCommandType.FABRICS_OPCODE ? entry.fabricsCommandType() : -1;
        switch (type) {
            case FabricsCommandType.AUTHENTICATION_SEND, FabricsCommandType.AUTHENTICATION_RECEIVE ->
                authentication.handle(command, entry, commandId);
            case FabricsCommandType.CONNECT -> {
                queue.refusedIfConnect(entry, TargetStatus.COMMAND_SEQUENCE_ERROR);
                queue.complete(command, commandId, TargetStatus.COMMAND_SEQUENCE_ERROR);
            }
            default -> queue.complete(command, commandId, TargetStatus.AUTHENTICATION_REQUIRED);
        }
    }
}
