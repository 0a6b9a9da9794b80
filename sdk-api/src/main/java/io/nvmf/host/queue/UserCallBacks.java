package io.nvmf.host.queue;

import io.nvmf.transport.JvmFailures;
import reactor.util.context.Context;

/** Calls code of others, whose failure must not disturb the commands of everybody else. */
final class UserCallBacks {

    private UserCallBacks() {}

    /** Runs a call-back; what it throws is {@linkplain #failed dropped}. */
    static void run(Runnable callBack) {
        try {
            callBack.run();
        } catch (Throwable thrown) {
            failed(thrown);
        }
    }

    /** What a call-back has thrown is {@linkplain Dropped#error dropped}, unless the virtual machine is broken. */
    static void failed(Throwable thrown) {
        JvmFailures.throwIfJvmFailure(thrown);
        Dropped.error(thrown, Context.empty());
    }
}
