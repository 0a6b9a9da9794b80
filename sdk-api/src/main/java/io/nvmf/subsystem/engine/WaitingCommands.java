package io.nvmf.subsystem.engine;

import io.nvmf.spec.Status;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a queue that wait. A command which goes on at once is never among them, so looking one up may take a
 * walk. Event loop only.
 */
final class WaitingCommands {

    private @Nullable WaitingCommand first;

    /** Takes a command in, once. */
    void add(WaitingCommand command) {
        if (command.listed) {
            return;
        }
        command.listed = true;
        WaitingCommand second = first;
        command.next = second;
        if (second != null) {
            second.previous = command;
        }
        first = command;
    }

    /** Lets a command go, if it is there. */
    void remove(WaitingCommand command) {
        if (!command.listed) {
            return;
        }
        command.listed = false;
        WaitingCommand before = command.previous;
        WaitingCommand after = command.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after != null) {
            after.previous = before;
        }
        command.previous = null;
        command.next = null;
    }

    /**
     * Ends the command of an identifier, if it waits.
     *
     * @return whether there is one, and it has ended
     */
    boolean abort(int commandId, Status status) {
        for (WaitingCommand command = first; command != null; command = command.next) {
            if (command.commandId == commandId) {
                return command.abort(status);
            }
        }
        return false;
    }

    /** Ends all commands of a namespace that can be ended. */
    void abort(Namespace namespace, Status status) {
        List<WaitingCommand> found = new ArrayList<>();
        for (WaitingCommand command = first; command != null; command = command.next) {
            if (command.namespace() == namespace) {
                found.add(command);
            }
        }
        found.forEach(command -> command.abort(status));
    }
}
