package io.nvmf.host.queue;

import io.nvmf.command.CommandOutcome;

/** A failure that its owner hears of when the memory that it lent is out of the controller's reach. */
record LateFailure(SlotOwner owner, RuntimeException failure, CommandOutcome outcome) {

    void tell() {
        UserCallBacks.run(() -> owner.commandFailed(failure, outcome));
    }
}
