package io.nvmf.host.event;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.Request;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;

/** One Asynchronous Event Request: parked in a reserved slot until something happens, then sent again. */
final class EventRequest extends Request {

    private static final Command COMMAND =
            Command.opcode(AdminOpcode.ASYNC_EVENT_REQUEST).build();

    private final AssociationEvents owner;

    EventRequest(AssociationEvents owner) {
        this.owner = owner;
    }

    @Override
    protected Command command() {
        return COMMAND;
    }

    @Override
    protected boolean longRunning() {
        return true;
    }

    @Override
    protected boolean abortable() {
        return false;
    }

    @Override
    protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
        releaseUnwanted(data);
        owner.answered(this, response);
    }

    @Override
    protected void failed(RuntimeException failure, CommandOutcome outcome) {
        owner.unanswered(this, failure);
    }
}
