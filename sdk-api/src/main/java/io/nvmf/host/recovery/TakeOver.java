package io.nvmf.host.recovery;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.host.association.Association;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.Repetition;
import io.nvmf.host.queue.Request;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.Retry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/** Decides which requests are taken over from the queues that have failed them. Any thread. */
final class TakeOver {

    /** Least delay before a command with an error that can go away is sent again; twice as long each time. */
    private static final Duration LEAST_RETRY_DELAY = Duration.ofMillis(10);

    private static final int MOST_DOUBLINGS = 10;

    private final Recovery policy;
    private final Scheduler timer;
    private final SerialTasks tasks;
    private final HeldCommands held;
    private final Supplier<Association> association;
    private final BooleanSupplier resetting;

    /** Whether anything is taken over. */
    private volatile boolean on;

    /**
     * @param association the one that there is or was last
     * @param resetting whether the controller is being reset, so that it aborts what it was doing
     */
    TakeOver(
            Recovery policy,
            Scheduler timer,
            SerialTasks tasks,
            HeldCommands held,
            Supplier<Association> association,
            BooleanSupplier resetting) {
        this.policy = policy;
        this.timer = timer;
        this.tasks = tasks;
        this.held = held;
        this.association = association;
        this.resetting = resetting;
        this.on = policy.isEnabled();
    }

    boolean isOn() {
        return on;
    }

    /** From now on everything, or nothing, is taken over. */
    void turn(boolean value) {
        on = value;
    }

    /** Whether a failure is one of the connection. */
    static boolean isLoss(Throwable failure) {
        return failure instanceof NvmeConnectionException || failure instanceof NvmeProtocolException;
    }

    /** See {@link io.nvmf.host.queue.QueueSelector#takeOver(Request, RuntimeException, CommandOutcome)}. */
    @Nullable
    RuntimeException takeOver(RecoveringQueues by, Request request, RuntimeException failure, CommandOutcome outcome) {
        HeldCommand before = request.place() instanceof HeldCommand taken ? taken : null;
        if (before != null && before.isGivenUp()) {
            return failure;
        }
        HeldCommand command = before == null ? heldBy(by, request) : before;
        if (command != null
                && isLoss(failure, command.queue())
                && mayRepeat(request, outcome)
                && held.count(command) == null) {
            take(command, failure, outcome, 0);
            return null;
        }
        if (before == null) {
            return failure;
        }
        tasks.run(() -> held.giveUp(before, failure, outcome));
        return null;
    }

    private @Nullable HeldCommand heldBy(RecoveringQueues by, Request request) {
        return request.place() instanceof HostQueue queue ? new HeldCommand(held, request, by, queue) : null;
    }

    /** A queue that fails commands while its association lives would only fail them again. */
    private boolean isLoss(RuntimeException failure, HostQueue queue) {
        Association current = association.get();
        return isLoss(failure) && !(current.isLive() && current.owns(queue));
    }

    private boolean mayRepeat(Request request, CommandOutcome outcome) {
        if (!on || !request.repetition().allowedAfter(outcome)) {
            return false;
        }
        if (outcome == CommandOutcome.UNKNOWN && request.repetition() == Repetition.AFTER_QUIESCE) {
            return policy.repeatWrites()
                    && QuiesceTime.of(policy, association.get()).isPresent();
        }
        return true;
    }

    /** See {@link io.nvmf.host.queue.QueueSelector#takeOver(Request, NvmeStatusException)}. */
    boolean takeOver(RecoveringQueues by, Request request, NvmeStatusException answer) {
        Repetition repetition = request.repetition();
        boolean repeatable = repetition == Repetition.ALWAYS || repetition == Repetition.AFTER_QUIESCE;
        if (!repeatable || !on || !canGoAway(answer)) {
            return false;
        }
        HeldCommand command = request.place() instanceof HeldCommand taken ? taken : heldBy(by, request);
        if (command == null
                || command.isGivenUp()
                || command.statusRetries >= policy.statusRetries()
                || held.count(command) != null) {
            return false;
        }
        Duration least = LEAST_RETRY_DELAY.multipliedBy(1L << Math.min(command.statusRetries, MOST_DOUBLINGS));
        Duration asked = answer.retryDelay();
        long delay = (asked.compareTo(least) > 0 ? asked : least).toNanos();
        command.statusRetries++;
        take(command, answer, CommandOutcome.ANSWERED, delay);
        return true;
    }

    /** Takes a command from the queue that has failed it, on the event loop of which this is called. */
    private void take(HeldCommand command, RuntimeException failure, CommandOutcome outcome, long delayNanos) {
        int used = command.queue().usedTicks(command.request);
        command.request.place(command);
        tasks.run(() -> {
            command.usedTicks = used;
            command.failed(failure, outcome);
            command.notBefore = timer.now(TimeUnit.NANOSECONDS) + delayNanos;
            held.add(command);
        });
    }

    private boolean canGoAway(NvmeStatusException answer) {
        Retry retry = answer.retry();
        return retry == Retry.SAME_PATH
                || retry == Retry.OTHER_PATH
                || (resetting.getAsBoolean() && retry == Retry.AMBIGUOUS);
    }
}
