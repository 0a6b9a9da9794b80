package io.nvmf.subsystem.engine;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.EventLoopTasks;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The commands that a queue has: their identifiers, how many they are and may be, and who waits until none is under
 * way. Event loop only unless a method says otherwise.
 *
 * <p>A command that is held, as an Asynchronous Event Request is, waits for an event and not for work, so it is
 * outstanding but not under way.
 */
final class QueueCommands {

    private final EventExecutor executor;
    private final CommandIds identifiers = new CommandIds();
    private int limit = 1;
    private int outstanding;
    private int held;
    private @Nullable List<MonoSink<Void>> awaitingIdle;

    QueueCommands(EventExecutor executor) {
        this.executor = executor;
    }

    /** Sets how many may be outstanding. */
    void limit(int commands) {
        limit = commands;
    }

    int limit() {
        return limit;
    }

    /** Whether one more would be too many. */
    boolean areAtLimit() {
        return outstanding == limit;
    }

    /** Whether one is under way. */
    boolean areUnderWay() {
        return outstanding > held;
    }

    /** Takes an identifier; false if a command has it. */
    boolean identify(int commandId) {
        return identifiers.add(commandId);
    }

    /** A command whose identifier was taken begins. */
    void begin() {
        outstanding++;
    }

    /** A command has ended. */
    void end(int commandId) {
        identifiers.remove(commandId);
        outstanding--;
        if (awaitingIdle != null && !areUnderWay()) {
            becomeIdle();
        }
    }

    void hold() {
        held++;
    }

    void unhold() {
        held--;
    }

    /**
     * Waits for the commands that are under way. Any thread.
     *
     * @return completes on the event loop when none is, which lasts as long as none comes
     */
    Mono<Void> idle() {
        return Mono.create(sink -> EventLoopTasks.run(executor, () -> awaitIdle(sink)));
    }

    private void awaitIdle(MonoSink<Void> sink) {
        if (!areUnderWay()) {
            sink.success();
            return;
        }
        List<MonoSink<Void>> waiting = awaitingIdle;
        if (waiting == null) {
            waiting = new ArrayList<>(1);
            awaitingIdle = waiting;
        }
        waiting.add(sink);
        List<MonoSink<Void>> all = waiting;
        sink.onCancel(() -> EventLoopTasks.run(executor, () -> all.remove(sink)));
    }

    private void becomeIdle() {
        List<MonoSink<Void>> waiting = awaitingIdle;
        awaitingIdle = null;
        if (waiting != null) {
            List.copyOf(waiting).forEach(MonoSink::success);
        }
    }
}
