package io.nvmf.host.queue;

import io.nvmf.transport.JvmFailures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** Calls code of others, whose failure must not disturb the commands of everybody else. */
final class UserCallBacks {

    private static final Logger LOG = LoggerFactory.getLogger(UserCallBacks.class);

    private UserCallBacks() {}

    /** Runs a call-back; what it throws is {@linkplain #failed dropped}. */
    static void run(Runnable callBack) {
        try {
            callBack.run();
        } catch (Throwable thrown) {
            failed(thrown);
        }
    }

    /** Hands what a call-back has thrown to Reactor's hook for dropped errors, unless the virtual machine is broken. */
    static void failed(Throwable thrown) {
        JvmFailures.throwIfJvmFailure(thrown);
        try {
            Operators.onErrorDropped(thrown, Context.empty());
        } catch (Throwable fromHook) {
            LOG.warn("a call-back failed, and so did the hook for dropped errors", fromHook);
        }
    }
}
