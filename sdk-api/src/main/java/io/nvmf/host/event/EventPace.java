package io.nvmf.host.event;

import java.util.concurrent.TimeUnit;

/**
 * How often event requests may be sent again at once: some in a row, and ten in a second for ever. A controller that
 * answers each of them immediately must not keep this host busy. Event loop only.
 */
final class EventPace {

    /** How many may follow each other without a pause. */
    static final int BURST = 32;

    private static final long NANOS_PER_REQUEST = TimeUnit.MILLISECONDS.toNanos(100);

    /** When everything would be paid for that was taken. */
    private long paidAt;

    private boolean used;

    /**
     * Asks to send a request.
     *
     * @param now a time in nanoseconds
     * @return false if it has to wait
     */
    boolean take(long now) {
        long from = used && paidAt - now > 0 ? paidAt : now;
        if (from - now > (BURST - 1) * NANOS_PER_REQUEST) {
            return false;
        }
        used = true;
        paidAt = from + NANOS_PER_REQUEST;
        return true;
    }
}
