package io.nvmf.host.queue;

/**
 * Something that uses a queue for longer than one command. It hears of the end of the queue whatever it is waiting for:
 * its source, its subscriber, or a command.
 */
public interface QueueListener {

    /**
     * The queue takes no commands from now on, because it is draining or has ended. Commands that were submitted before
     * end by themselves: those of a draining queue may still succeed, those of a queue that has ended have failed
     * already. Called on the event loop of the queue.
     *
     * @param failure why, made by {@link Failures}
     */
    void queueClosed(RuntimeException failure);
}
