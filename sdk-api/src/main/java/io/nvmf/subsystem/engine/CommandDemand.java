package io.nvmf.subsystem.engine;

import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.EventLoopTasks;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Mono;

/**
 * How many commands a queue asks its queue pair for. Event loop of the queue pair only.
 *
 * <p>The demand is what a rightful host can have outstanding and one more, so that the one too many is seen, and what
 * is renewed at once; so a rightful host's commands never wait for demand, with data behind them that others need. It
 * is renewed only while the connection takes responses, so that a host that does not read them cannot pile them up
 * here.
 */
final class CommandDemand {

    private final ControllerQueuePair queuePair;
    private @Nullable Subscription subscription;
    private int renewedAtOnce = 1;
    private int most;
    private int ended;
    private boolean stopped;

    CommandDemand(ControllerQueuePair queuePair) {
        this.queuePair = queuePair;
    }

    /** Begins with the one command that has to be Connect. */
    void start(Subscription commands) {
        subscription = commands;
        commands.request(1);
    }

    /** So many commands may be outstanding from now on, which is not less than before. */
    void limit(int commands) {
        int before = most;
        renewedAtOnce = (commands + 1) / 2;
        most = commands + 1 + renewedAtOnce;
        int more = most - before + ended;
        ended = 0;
        if (more > 0) {
            request(more);
        }
    }

    /** A command has ended, so that the host may send another one. */
    void commandEnded() {
        ended++;
        if (ended == renewedAtOnce) {
            ended = 0;
            renew(renewedAtOnce);
        }
    }

    /** No more commands are asked for. */
    void stop() {
        stopped = true;
    }

    private void renew(int more) {
        Mono<Void> writable = queuePair.writable();
        if (writable instanceof Callable) {
            request(more);
        } else {
            writable.subscribe(
                    nothing -> {}, failure -> {}, () -> EventLoopTasks.run(queuePair.executor(), () -> renew(more)));
        }
    }

    private void request(int more) {
        Subscription commands = subscription;
        if (commands != null && !stopped) {
            commands.request(more);
        }
    }
}
