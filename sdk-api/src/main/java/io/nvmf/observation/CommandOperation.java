package io.nvmf.observation;

import io.nvmf.command.BlockRange;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A command, from the moment in which a queue accepts it. What it is in detail is known when it has a slot, which is
 * {@link OperationEvent#QUEUED}.
 */
public interface CommandOperation extends Operation {

    /**
     * The controller.
     *
     * @return CNTLID, 0..65,519
     */
    int controllerId();

    /**
     * The queue.
     *
     * @return its identifier, 0 for the admin queue
     */
    int queueId();

    /**
     * The command in the words of the specification, such as {@code Read}.
     *
     * @return its name, or its opcode such as {@code C1h}; empty while it waits for a slot
     */
    Optional<String> name();

    /**
     * The namespace.
     *
     * @return NSID, unsigned; empty while the command waits for a slot, and for one without a namespace
     */
    OptionalInt namespaceId();

    /**
     * The blocks that the command is about.
     *
     * @return empty while it waits for a slot, and for commands that name none
     */
    Optional<BlockRange> blocks();

    /**
     * What the controller has answered.
     *
     * @return the status; empty without an answer
     */
    Optional<Status> status();

    /**
     * The name of the status.
     *
     * @return empty without an answer, and for codes that the SDK does not know
     */
    Optional<StatusCode> statusCode();

    /**
     * The data that was moved.
     *
     * @return bytes
     */
    long bytes();
}
