package io.nvmf.tcp;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * Decides for one event loop whether it may sleep. While something is expected on one of its connections, it looks for
 * input without waiting, until it has found none for the time that has been set; then it sleeps until there is some.
 * Event loop only.
 */
final class BusyPolling implements SelectStrategy {

    private static final FastThreadLocal<BusyPolling> CURRENT = new FastThreadLocal<>();

    private boolean known;
    private int expected;
    private long limitNanos;
    private boolean quiet;
    private long quietSince;

    /** That of the event loop this is called on; null if the loop cannot poll. */
    static @Nullable BusyPolling current() {
        return CURRENT.get();
    }

    /** Of all connections of the loop, the latest to say so decides. */
    void limit(long nanos) {
        limitNanos = nanos;
    }

    /** Changes the number of things that are expected: commands to be answered, hosts to send commands. */
    void expect(int change) {
        expected += change;
    }

    int expected() {
        return expected;
    }

    @Override
    public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
        if (!known) {
            // The loop's thread, whose connections are going to ask.
            known = true;
            CURRENT.set(this);
        }
        if (expected == 0 && !hasTasks) {
            return SELECT;
        }
        int ready = selectNow.get();
        if (ready > 0 || hasTasks) {
            quiet = false;
            return ready;
        }
        long now = System.nanoTime();
        if (!quiet) {
            quiet = true;
            quietSince = now;
        } else if (now - quietSince >= limitNanos) {
            quiet = false;
            return SELECT;
        }
        return ready;
    }
}
