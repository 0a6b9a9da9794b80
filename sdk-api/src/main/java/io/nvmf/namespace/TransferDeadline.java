package io.nvmf.namespace;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.host.queue.HostQueue;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;

/** The time that a whole stream has. The timer's thread does nothing but wake the event loop of the stream. */
final class TransferDeadline implements Runnable {

    private final StreamSubscription stream;
    private final Duration time;
    private final Disposable.Swap timer = Disposables.swap();
    private volatile boolean over;

    TransferDeadline(StreamSubscription stream, Duration time) {
        this.stream = stream;
        this.time = time;
    }

    /** Starts the clock. A timer that takes no tasks any more leaves the stream no time at all. */
    void start(HostQueue home) {
        long nanos = time.compareTo(HostQueue.LONGEST_TIME) > 0 ? HostQueue.LONGEST_TIME.toNanos() : time.toNanos();
        try {
            timer.update(home.timer().schedule(this, nanos, TimeUnit.NANOSECONDS));
        } catch (RejectedExecutionException disposed) {
            run();
        }
    }

    /** Stops the clock, which may not have been started yet. */
    void stop() {
        timer.dispose();
    }

    @Override
    public void run() {
        over = true;
        stream.signal();
    }

    /** Why the stream ends, null while it has time. */
    @Nullable
    NvmeException failure() {
        return over
                ? new NvmeTimeoutException(
                        "the stream had not ended after " + time.toMillis() + " ms" + stream.waitsFor(),
                        CommandOutcome.UNKNOWN,
                        time)
                : null;
    }
}
