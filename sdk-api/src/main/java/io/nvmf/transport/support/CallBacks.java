package io.nvmf.transport.support;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs call-backs of others where one that throws must not keep the rest from running. */
public final class CallBacks {

    private static final Logger LOG = LoggerFactory.getLogger(CallBacks.class);

    private CallBacks() {}

    /**
     * Runs one of several call-backs, for example while a queue pair ends. What it throws is logged.
     *
     * @param callBack runs on the calling thread
     */
    public static void guarded(Runnable callBack) {
        try {
            callBack.run();
        } catch (RuntimeException | Error e) {
            LOG.warn("a call-back failed", e);
        }
    }
}
