package io.nvmf.host.queue;

import io.nvmf.command.CommandOutcome;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * A time limit of single commands in place of their queue's. Each command has a timer of its own, so it costs more than
 * the ticks of a queue. Immutable; any thread.
 */
public final class CallDeadline {

    /** How long to wait for a thread that is just dispatching the command. */
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Duration time;
    private final Scheduler timer;
    private final Failures failures;

    /**
     * A limit for any number of commands.
     *
     * @param time zero for none at all, else up to {@link HostQueue#LONGEST_TIME}
     * @param timer its threads run no code of users
     * @param failures of commands on I/O queues
     */
    public CallDeadline(Duration time, Scheduler timer, Failures failures) {
        this.time = time;
        this.timer = timer;
        this.failures = failures;
    }

    /**
     * Puts the clock between a command and who waits for it.
     *
     * @param actual who waits
     * @param <T> what it waits for
     * @return what is subscribed in its place, and gets a {@link CommandSubscription}
     */
    @SuppressWarnings("unchecked") // no limit: the subscriber itself, which takes any T
    public <T> CoreSubscriber<T> watch(CoreSubscriber<? super T> actual) {
        return time.isZero() ? (CoreSubscriber<T>) actual : new Watch<>(this, actual);
    }

    /** One command. What the command tells comes serially and once; so this only has to stop the clock. */
    private static final class Watch<T> implements CoreSubscriber<T>, Subscription, Runnable {

        private final CallDeadline deadline;
        private final CoreSubscriber<? super T> actual;
        private final Disposable.Swap clock = Disposables.swap();

        /** Comes first, with {@link #onSubscribe}. */
        @SuppressWarnings("NullAway.Init")
        private CommandSubscription<?> command;

        Watch(CallDeadline deadline, CoreSubscriber<? super T> actual) {
            this.deadline = deadline;
            this.actual = actual;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            command = (CommandSubscription<?>) subscription;
            actual.onSubscribe(this);
            try {
                start(deadline.time.toNanos());
            } catch (RejectedExecutionException noClock) {
                command.fail(deadline.failures.terminated(
                        "a command with a time limit", new Termination.IoFailure(noClock), CommandOutcome.NOT_SENT));
            }
        }

        private void start(long nanos) {
            clock.update(deadline.timer.schedule(this, nanos, TimeUnit.NANOSECONDS));
        }

        /** On the timer's thread, where no code of users runs. */
        @Override
        public void run() {
            RequestPlace place = command.place();
            if (place == null) {
                Schedulers.parallel().schedule(this::over);
            } else {
                place.leaveTimer(this::over);
            }
        }

        private void over() {
            RequestPlace place = command.place();
            if (place != null) {
                place.timeOut(command, deadline.time);
            } else if (!command.fail(deadline.failures.timeout(
                            "a command that nobody has asked for", deadline.time, CommandOutcome.NOT_SENT))
                    && !clock.isDisposed()) {
                try {
                    start(AGAIN_NANOS);
                } catch (RejectedExecutionException noClock) {
                    // Whoever is dispatching it finds a timer that takes no tasks, too.
                }
            }
        }

        @Override
        public void onNext(T element) {
            actual.onNext(element);
        }

        @Override
        public void onError(Throwable failure) {
            clock.dispose();
            actual.onError(failure);
        }

        @Override
        public void onComplete() {
            clock.dispose();
            actual.onComplete();
        }

        @Override
        public void request(long n) {
            command.request(n);
        }

        @Override
        public void cancel() {
            clock.dispose();
            command.cancel();
        }
    }
}
