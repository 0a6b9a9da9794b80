package io.nvmf.rdma;

import io.nvmf.transport.support.CallBacks;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The commands of a host that have data under way, by identifier. Event loop only. */
final class HostCommands {

    /** Identifiers that have a place from the beginning. */
    private static final int MOST_AT_FIRST = 1024;

    private final HostRdmaQueuePair queuePair;
    private @Nullable HostCommand[] commands;

    HostCommands(HostRdmaQueuePair queuePair, int queueSize) {
        this.queuePair = queuePair;
        this.commands = new HostCommand[Math.min(queueSize, MOST_AT_FIRST)];
    }

    /** The command of an identifier, active or not; null if it never had data. */
    @Nullable
    HostCommand find(int commandId) {
        return commandId < commands.length ? commands[commandId] : null;
    }

    /** The command of an identifier, which must not be active. */
    HostCommand idle(int commandId) {
        if (commandId >= commands.length) {
            commands = Arrays.copyOf(commands, Math.max(commandId + 1, commands.length * 2));
        }
        HostCommand command = commands[commandId];
        if (command == null) {
            command = new HostCommand(queuePair);
            commands[commandId] = command;
        }
        if (command.isActive()) {
            throw new IllegalStateException("command identifier " + commandId + " has a data transfer under way");
        }
        return command;
    }

    /** Ends all transfers, whatever their call-backs throw. */
    void abortAll() {
        for (HostCommand command : commands) {
            if (command != null) {
                CallBacks.guarded(command::abort);
            }
        }
    }
}
