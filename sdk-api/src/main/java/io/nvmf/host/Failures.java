package io.nvmf.host;

import io.nvmf.spec.Status;
import io.nvmf.transport.Command;
import io.nvmf.transport.Termination;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes the exceptions that users see. The tree of exceptions belongs to the face above this package; arrows between packages
 * only point down, so the face hands this factory in.
 */
public interface Failures {

    /** What is known of a command whose association broke or whose time ran out. */
    enum Outcome {
        /** There was no association yet: no command of the user is concerned. */
        NOT_CONNECTED,
        /** The command never left: trying again is safe. */
        NOT_SENT,
        /** The command left and was not answered: it may or may not have been carried out. */
        UNKNOWN
    }

    /**
     * The controller answered with an error.
     *
     * @param command what was asked
     * @param status the answer
     * @param fromController false when this host made up the status, e.g. for a data digest error
     * @return the exception
     */
    RuntimeException status(Command command, Status status, boolean fromController);

    /**
     * The controller answered with an error, and more is known than the status alone says.
     *
     * @param what the sentence that explains it
     * @param command what was asked
     * @param status the answer
     * @param fromController false when this host made up the status
     * @return the exception
     */
    default RuntimeException status(String what, Command command, Status status, boolean fromController) {
        return status(command, status, fromController);
    }

    /**
     * The connection ended before the command was done.
     *
     * @param what what was under way, e.g. a command's text or "connect"
     * @param termination how the queue pair ended
     * @param outcome what is known
     * @return the exception
     */
    RuntimeException terminated(String what, Termination termination, Outcome outcome);

    /**
     * The connection could not be made.
     *
     * @param what what was under way, with the address
     * @param cause what the transport said
     * @return the exception
     */
    RuntimeException unreachable(String what, Throwable cause);

    /**
     * The peer broke the protocol above the transport.
     *
     * @param detail what is wrong, with the offending value
     * @return the exception
     */
    RuntimeException protocol(String detail);

    /**
     * The peer broke the protocol above the transport.
     *
     * @param detail what is wrong, with the offending value
     * @param outcome what is known of what was under way
     * @return the exception
     */
    default RuntimeException protocol(String detail, Outcome outcome) {
        return protocol(detail);
    }

    /**
     * A limit was passed; nothing was sent.
     *
     * @param what the quantity, in the specification's words
     * @param value the offending value
     * @param limit the limit
     * @param detail the sentence that goes with them
     * @return the exception
     */
    RuntimeException limit(String what, long value, long limit, String detail);

    /**
     * There was no memory for a command's data; nothing was sent.
     *
     * @param what what was under way
     * @param bytes how many were wanted
     * @param cause what the allocator said
     * @return the exception
     */
    default RuntimeException noMemory(String what, long bytes, OutOfMemoryError cause) {
        return new IllegalStateException(what + ": no memory for " + bytes + " bytes", cause);
    }

    /**
     * What becomes of something that was thrown where a command was made: nothing was sent.
     *
     * @param thrown what was caught
     * @return the same if it is an exception that may be signalled as it is, else one that has it as its cause
     */
    default RuntimeException refused(Throwable thrown) {
        if (thrown instanceof OutOfMemoryError exhausted) {
            return noMemory("a command", 0, exhausted);
        }
        return thrown instanceof RuntimeException exception
                ? exception
                : new IllegalStateException("a command could not be made", thrown);
    }

    /**
     * A deadline passed.
     *
     * @param what what was under way
     * @param after how long it had
     * @param outcome what is known
     * @return the exception
     */
    RuntimeException timeout(String what, Duration after, Outcome outcome);

    /**
     * The controller is closed or closing; nothing was sent.
     *
     * @param termination how it ended, null while closing
     * @return the exception
     */
    RuntimeException closed(@Nullable Termination termination);

    /**
     * The factory for the commands of one queue: opcodes mean other commands on the admin queue than on I/O queues.
     *
     * @param queueId the queue identifier, 0 for the admin queue
     * @return the factory
     */
    default Failures forQueue(int queueId) {
        return this;
    }

    /**
     * Whether a throwable says that the controller answered with an error.
     *
     * @param thrown anything
     * @return true for what {@link #status} makes
     */
    default boolean isStatus(Throwable thrown) {
        return false;
    }

    /**
     * Whether a throwable is one of those that users are told to expect, which this factory makes.
     *
     * @param thrown anything
     * @return false for what has to be put into one of them
     */
    default boolean isFailure(Throwable thrown) {
        return thrown instanceof RuntimeException;
    }

    /**
     * Names a command in a message.
     *
     * @param command the command
     * @return its name and what matters of its fields
     */
    default String describe(Command command) {
        return command.toString();
    }
}
