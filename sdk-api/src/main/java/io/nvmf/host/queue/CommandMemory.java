package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import io.nvmf.command.Command;
import io.nvmf.transport.CommandCapsule;
import org.jspecify.annotations.Nullable;

/**
 * Who holds a command's memory until a slot does. Data to send belongs to the SDK from submission on. A destination
 * stays the caller's, and whoever takes the command holds a reference of its own from then on. The slot takes over that
 * reference, so a peer never writes into memory that only the caller holds. Any thread.
 */
final class CommandMemory {

    private CommandMemory() {}

    /**
     * Takes a reference to a command's destination; nothing for other commands.
     *
     * @throws IllegalReferenceCountException if it has been released
     */
    static void hold(Command command) {
        ByteBuf destination = destination(command);
        if (destination != null) {
            if (destination.refCnt() == 0) {
                throw released(command);
            }
            destination.retain();
        }
    }

    /** Gives up a command that is held and was not sent. */
    static void letGo(Command command) {
        ByteBuf destination = destination(command);
        if (destination != null) {
            destination.release();
        } else {
            discard(command);
        }
    }

    /** Gives up a command that nobody holds yet: its data, if it sends any, belongs to the SDK all the same. */
    static void discard(Command command) {
        ByteBuf buffer = command.buffer();
        if (buffer != null && command.claimData() && buffer.refCnt() > 0) {
            buffer.release();
        }
    }

    static IllegalReferenceCountException released(Command command) {
        return new IllegalReferenceCountException("the buffer of " + command + " has been released already");
    }

    private static @Nullable ByteBuf destination(Command command) {
        return command.transfer() == CommandCapsule.Transfer.RECEIVE ? command.buffer() : null;
    }
}
