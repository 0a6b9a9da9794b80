package io.nvmf.host.queue;

import java.time.Duration;

/**
 * Where a request is, as far as those who have submitted it are concerned: with a queue, or, once it had to be taken
 * over from one that failed it, with whoever submits it again.
 */
public interface RequestPlace {

    /**
     * Cancels a request that is here; see {@link HostQueue#cancel}. Any thread.
     *
     * @param request submitted by way of this place
     */
    void cancel(Request request);

    /**
     * Gives up a request that is here because its own time is up: it fails with that. Any thread.
     *
     * @param request submitted by way of this place
     * @param time how long it had
     */
    void timeOut(Request request, Duration time);

    /**
     * Runs a task for a timer, on whose thread no code of users may run. Any thread.
     *
     * @param task what to run elsewhere
     */
    void leaveTimer(Runnable task);

    /**
     * A request that is here is over: it was answered, has failed for good, or was dropped. On the thread that says so.
     * Does nothing by default.
     *
     * @param request submitted by way of this place
     */
    default void over(Request request) {}
}
