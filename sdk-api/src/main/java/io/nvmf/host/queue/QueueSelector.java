package io.nvmf.host.queue;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeStatusException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the queue of a command at the moment the command is dispatched, not when its publisher is assembled. So a
 * publisher that is subscribed to again takes another queue, and an implementation can answer by what is true at that
 * moment: which queues are connected, or which path leads to the namespace. It may also take over requests that a queue
 * has failed, and submit them again when there are other queues; by default it does not.
 *
 * <p>Any thread, unless said otherwise; nothing here blocks.
 */
public interface QueueSelector {

    /**
     * Chooses a queue for one command, which is {@linkplain #submit submitted} to it next.
     *
     * @return the queue; where none takes commands, one that fails them with the reason
     */
    HostQueue next();

    /**
     * Chooses queues for the commands of one stream, which spreads them evenly over these.
     *
     * @param most how many it can use, at least 1
     * @return 1..{@code most} different queues; the stream lives on the event loop of the first
     */
    List<HostQueue> forStream(int most);

    /**
     * Which queues there are: the number changes with them. A stream asks for others when it has changed.
     *
     * @return 0 for queues that never change
     */
    default int generation() {
        return 0;
    }

    /**
     * Submits a request.
     *
     * @param request to submit
     * @param queue what {@link #next} or {@link #forStream} has chosen, before
     */
    default void submit(Request request, HostQueue queue) {
        queue.submit(request);
    }

    /**
     * Offers a request that a queue has failed, to be submitted again. On the event loop of the queue.
     *
     * @param request has failed, and is in no queue
     * @param failure why
     * @param outcome what is known of it
     * @return null if the request was taken over, which will be completed, failed or dropped later; else what to tell
     *     whoever waits for it
     */
    default @Nullable RuntimeException takeOver(Request request, RuntimeException failure, CommandOutcome outcome) {
        return failure;
    }

    /**
     * Offers a request that was answered with an error, to be submitted again. On the event loop of the queue.
     *
     * @param request was answered, and is in no queue
     * @param answer the error
     * @return whether the request was taken over
     */
    default boolean takeOver(Request request, NvmeStatusException answer) {
        return false;
    }

    /**
     * Sees to it that something hears when a queue that it uses takes no more commands. On the event loop of the queue.
     *
     * @param listener hears of it on any thread, once or several times
     * @param queue one that it uses
     * @return why no commands are taken any more, null if they are
     */
    default @Nullable RuntimeException register(QueueListener listener, HostQueue queue) {
        return queue.register(listener);
    }

    /**
     * Undoes {@link #register}. On the event loop of the queue.
     *
     * @param listener hears nothing from now on
     * @param queue the queue that it was registered for
     */
    default void deregister(QueueListener listener, HostQueue queue) {
        queue.deregister(listener);
    }

    /**
     * Takes queues in turn, whoever asks. A stream gets all that it can use, beginning with the one whose turn it is.
     *
     * @param queues the queues, at least one
     * @return the selector
     * @throws IllegalArgumentException if there is no queue
     */
    static QueueSelector roundRobin(List<HostQueue> queues) {
        return new RoundRobin(queues);
    }
}
