package io.nvmf.host.queue;

import io.nvmf.transport.JvmFailures;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Failures that have nobody to go to, because a subscription has ended or because nothing may throw where they turn up.
 */
public final class Dropped {

    private static final Logger LOG = LoggerFactory.getLogger(Dropped.class);

    private Dropped() {}

    /**
     * Hands a failure to Reactor's hook for dropped errors. A hook that throws disturbs nobody.
     *
     * @param failure what happened
     * @param context of the subscriber
     */
    public static void error(Throwable failure, Context context) {
        try {
            Operators.onErrorDropped(failure, context);
        } catch (Throwable thrown) {
            JvmFailures.throwIfJvmFailure(thrown);
            LOG.warn("the hook for dropped errors has thrown", thrown);
        }
    }

    /**
     * Cancels a subscription of a user. What that throws has nobody to go to.
     *
     * @param subscription to cancel
     * @param context of the subscriber
     */
    public static void cancel(Subscription subscription, Context context) {
        try {
            subscription.cancel();
        } catch (Throwable thrown) {
            JvmFailures.throwIfJvmFailure(thrown);
            error(thrown, context);
        }
    }
}
