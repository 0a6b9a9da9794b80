package io.nvmf.host.queue;

import java.util.List;

/**
 * Chooses the queue of a command at the moment the command is dispatched, not when its publisher is assembled. So a
 * publisher that is subscribed to again takes another queue, and an implementation can answer by what is true at that
 * moment: which queues are connected, or which path leads to the namespace.
 */
public interface QueueSelector {

    /**
     * Chooses a queue for one command, which is submitted to it next. Any thread; does not block.
     *
     * @return the queue; where none takes commands, one that fails them with the reason
     */
    HostQueue next();

    /**
     * Chooses queues for the commands of one stream, which spreads them evenly over these. Any thread; does not block.
     *
     * @param most how many it can use, at least 1
     * @return 1..{@code most} different queues; the stream lives on the event loop of the first
     */
    List<HostQueue> forStream(int most);

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
