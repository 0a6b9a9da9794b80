package io.nvmf.host.queue;

import io.nvmf.transport.HostQueuePair;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * What becomes of signals that operators of the SDK cannot pass on because their subscriber has gone: errors are logged
 * at debug level instead of reaching the application's hooks, and queue pairs are closed. Reactor's operators look in
 * the context first.
 */
public final class LateSignals {

    private static final Logger LOG = LoggerFactory.getLogger(Dropped.class);

    /**
     * Names under which operators look for what to do; {@link Operators#onErrorDropped} and
     * {@link Operators#onNextDropped}.
     */
    private static final String ERROR_DROPPED = "reactor.onErrorDropped.local";

    private static final String NEXT_DROPPED = "reactor.onNextDropped.local";

    private LateSignals() {}

    /**
     * Adds to a context what operators upstream do with late signals.
     *
     * @param context of the subscriber
     * @return the context for what is upstream
     */
    public static Context handledIn(Context context) {
        Consumer<Object> closing = LateSignals::value;
        Consumer<Throwable> logging = LateSignals::error;
        return Operators.enableOnDiscard(context.put(ERROR_DROPPED, logging).put(NEXT_DROPPED, closing), closing);
    }

    private static void error(Throwable error) {
        LOG.debug("nobody waits for this failure any more", error);
    }

    private static void value(Object value) {
        if (value instanceof HostQueuePair queuePair) {
            queuePair.close().subscribe();
        }
    }
}
