package io.nvmf.host.queue;

import java.time.Duration;
import reactor.core.scheduler.Schedulers;

/** Queues whose commands do not fail. */
public final class BenchmarkQueues {

    private BenchmarkQueues() {}

    /**
     * Parameters of a queue whose commands do not fail either by passing a limit or in time; they do have a deadline, as they
     * always have, but it is too far away to be looked at during a benchmark.
     *
     * @param slots number of command slots
     * @return the parameters
     */
    public static QueueParameters parameters(int slots) {
        return new QueueParameters(
                1,
                slots + 1,
                0,
                Integer.MAX_VALUE,
                Duration.ofDays(1),
                Schedulers.parallel(),
                (queueId, commandId, done) -> {
                    done.run();
                    return AbortSender.Ticket.NONE;
                });
    }
}
