package io.nvmf.tcp;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one connection expects of its peer that is worth polling for: answers to commands, or commands of a host. Event
 * loop only.
 */
final class ExpectedInput {

    /** Null unless the connection makes its event loop poll. */
    private @Nullable BusyPolling loop;

    private int expected;

    /** Makes the event loop poll for so long, if it can and the time is not zero. */
    void poll(Duration limit) {
        BusyPolling current = limit.isZero() ? null : BusyPolling.current();
        if (current != null) {
            current.limit(limit.toNanos());
            loop = current;
        }
    }

    /** Something more is expected, or less. */
    void change(int by) {
        BusyPolling polling = loop;
        if (polling != null) {
            expected += by;
            polling.expect(by);
        }
    }

    /** The connection ends: nothing is expected any more. */
    void end() {
        change(-expected);
        loop = null;
    }
}
