package io.nvmf;

import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One queue of a controller, for commands that have no method of their own. Thread safe; results are signalled on the
 * queue's event loop.
 */
public interface NvmeQueue {

    /**
     * The queue identifier.
     *
     * @return 0 for the admin queue, 0..65,535
     */
    int id();

    /**
     * How many commands can be outstanding; further ones wait for a free slot.
     *
     * @return number of command slots, at least 1
     */
    int depth();

    /**
     * Runs one command. Cold: each subscription sends it once, and so consumes the data to send: a command with data
     * can be subscribed to once. Cancelling before the command has left withdraws it; later, it is aborted.
     *
     * @param command what to send
     * @return the completion of a command that succeeded, its data the subscriber's; else {@link NvmeStatusException},
     *     {@link NvmeConnectionException}, {@link NvmeProtocolException}, {@link NvmeLimitException} or
     *     {@link NvmeTimeoutException}
     */
    Mono<Completion> execute(Command command);

    /**
     * Runs a stream of commands: as many at a time as command slots are free and completions are asked for. Cold.
     *
     * @param commands what to send
     * @return completions in the order in which commands are done, with whatever status; check
     *     {@link Completion#isSuccess()}. Their data is the subscriber's
     */
    Flux<Completion> execute(Publisher<? extends Command> commands);
}
