package io.nvmf.host.recovery;

import io.nvmf.host.association.Association;
import io.nvmf.host.queue.LateSignals;
import io.nvmf.recovery.Recovery;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/**
 * The attempts to make one association: when each is made, and when it is enough. Confined to the tasks; can be started
 * again when it has ended.
 */
final class Reconnection {

    /** Hears how it goes, in the tasks. */
    interface Progress {

        /** The next attempt has a time. */
        void waiting(int attempt, Duration delay, @Nullable Throwable reason);

        /** An attempt is made. */
        void attempting(int attempt);

        /** The last attempt has succeeded: the end, for this time. */
        void connected(Association association);

        /** The time is up: the end. */
        void gaveUp();
    }

    private final Recovery policy;
    private final Mono<Association> connect;
    private final SerialTasks tasks;
    private final Scheduler timer;
    private final Backoff backoff;
    private final Progress progress;

    /** The next attempt, or the one that is made. */
    private final Disposable.Swap next = Disposables.swap();

    private final Disposable.Swap limit = Disposables.swap();

    /** Counts starts and stops: what belongs to an older one has no effect. */
    private int turn;

    private int attempt;

    /** When the last attempt succeeded. */
    private long connectedAt;

    /**
     * @param chance 0 to 1, for the times between attempts
     * @param connect makes one attempt; cancelling it closes what it has opened
     */
    Reconnection(
            Recovery policy,
            DoubleSupplier chance,
            Mono<Association> connect,
            SerialTasks tasks,
            Scheduler timer,
            Progress progress) {
        this.policy = policy;
        this.connect = connect;
        this.tasks = tasks;
        this.timer = timer;
        this.backoff = new Backoff(policy, chance);
        this.progress = progress;
    }

    /** Starts with the first attempt, unless the last association was lost too soon: then attempts go on as before. */
    void start(@Nullable Throwable reason) {
        int mine = ++turn;
        if (timer.now(TimeUnit.NANOSECONDS) - connectedAt > policy.maxDelay().toNanos()) {
            attempt = 0;
        }
        limit.update(later(policy.lossTimeout(), () -> {
            if (mine == turn) {
                stop();
                progress.gaveUp();
            }
        }));
        schedule(mine, reason);
    }

    void stop() {
        turn++;
        limit.update(Disposables.disposed());
        next.update(Disposables.disposed());
    }

    private void schedule(int mine, @Nullable Throwable reason) {
        attempt++;
        Duration delay = backoff.before(attempt);
        progress.waiting(attempt, delay, reason);
        if (delay.isZero()) {
            make(mine);
        } else {
            next.update(later(delay, () -> make(mine)));
        }
    }

    private void make(int mine) {
        if (mine != turn) {
            return;
        }
        progress.attempting(attempt);
        next.update(connect.subscribe(
                association -> tasks.run(() -> made(mine, association)),
                failure -> tasks.run(() -> failed(mine, failure)),
                null,
                LateSignals.handledIn(Context.empty())));
    }

    private void made(int mine, Association association) {
        if (mine != turn) {
            association.close().subscribe();
            return;
        }
        turn++;
        connectedAt = timer.now(TimeUnit.NANOSECONDS);
        limit.update(Disposables.disposed());
        progress.connected(association);
    }

    private void failed(int mine, Throwable failure) {
        if (mine == turn) {
            schedule(mine, failure);
        }
    }

    private Disposable later(Duration delay, Runnable task) {
        try {
            return timer.schedule(() -> tasks.run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException disposed) {
            // without a clock nothing can be tried again
            tasks.run(task);
            return Disposables.disposed();
        }
    }
}
