package io.nvmf.tcp;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides for one event loop whether it may sleep. While something is expected on one of its connections, it looks for
 * input without waiting, until it has found none for the time that has been set; then it sleeps until there is some.
 * Connections either make it look always, or only where {@link PollingHabit} finds that this pays.
 *
 * <p>While it looks on behalf of a single connection, it reads from that connection's socket without asking epoll first.
 * Event loop only.
 */
final class BusyPolling implements SelectStrategy {

    /** A connection that expects something. */
    interface Input {

        /**
         * Reads from the socket as if epoll had said that there is something to read.
         *
         * @return false if there was nothing, or the connection takes no input
         */
        boolean read();
    }

    private static final FastThreadLocal<BusyPolling> CURRENT = new FastThreadLocal<>();

    /** Reads of the only connection's socket before epoll is asked for everything else there may be. */
    private static final int STRAIGHT_READS = 8;

    private final PollingHabit habit;
    private final LongSupplier clock;
    private boolean known;

    /** Things expected by connections that poll always. */
    private int expectedAlways;

    /** Things expected by connections that poll where it pays. */
    private int expectedMaybe;

    private long alwaysNanos;
    private long maybeNanos;

    /** Connections that expect anything. */
    private int expecting;

    /** The connection that expects something if there is only one; null while it is not known which. */
    private @Nullable Input only;

    /** Nothing has come since {@link #waitingSince}. */
    private boolean waiting;

    private long waitingSince;

    /** The loop sleeps, or has slept and does not know yet what woke it. */
    private boolean asleep;

    /** It looked for the whole time before it went to sleep. */
    private boolean looked;

    /** A connection has read something. */
    private boolean arrived;

    BusyPolling() {
        this(new PollingHabit(SpareProcessors.OF_THIS_JVM), System::nanoTime);
    }

    BusyPolling(PollingHabit habit, LongSupplier clock) {
        this.habit = habit;
        this.clock = clock;
    }

    /** That of the event loop this is called on; null if the loop cannot poll. */
    static @Nullable BusyPolling current() {
        return CURRENT.get();
    }

    /** Of all connections that poll always, the latest to say so decides how long. */
    void limit(long nanos) {
        alwaysNanos = nanos;
    }

    /** Of all connections that poll where it pays, the latest to say so decides how long. */
    void adaptiveLimit(long nanos) {
        maybeNanos = nanos;
    }

    /**
     * Changes the number of things that are expected: commands to be answered, hosts to send commands.
     *
     * @param connection whose they are
     * @param always whether the connection polls always
     * @param before what the connection has expected so far
     * @param now what it expects from now on
     */
    void expect(Input connection, boolean always, int before, int now) {
        if (always) {
            expectedAlways += now - before;
        } else {
            expectedMaybe += now - before;
        }
        if (before == 0 && now > 0) {
            expecting++;
        } else if (before > 0 && now == 0) {
            expecting--;
        }
        if (expecting != 1) {
            only = null;
        } else if (now > 0) {
            only = connection;
        }
    }

    /** A connection has ended, and expects nothing any more. The loop may end with it, and never come to sleep. */
    void ended() {
        if (expected() == 0) {
            habit.sleeps();
        }
    }

    int expected() {
        return expectedAlways + expectedMaybe;
    }

    /** A connection has read something. */
    void arrived() {
        arrived = true;
        if (asleep) {
            woken();
        }
    }

    @Override
    public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
        if (!known) {
            // The loop's thread, whose connections are going to ask.
            known = true;
            CURRENT.set(this);
        }
        if (asleep) {
            // By a task or a timer, or a connection that expects nothing.
            woken();
        }
        if (!hasTasks && !looks()) {
            // What has come meanwhile ends the sleep before it begins.
            waiting = expected() > 0;
            if (waiting) {
                waitingSince = clock.getAsLong();
                looked = false;
            }
            return sleep();
        }
        arrived = false;
        if (!hasTasks) {
            readStraight();
        }
        int ready = selectNow.get();
        if (ready > 0 || hasTasks || arrived) {
            cameWhileLooking();
            return ready;
        }
        return looksOn(clock.getAsLong()) ? ready : sleep();
    }

    private boolean looks() {
        return expectedAlways > 0 || (expectedMaybe > 0 && habit.isOn());
    }

    /** What else there may be waits for a few reads at most. */
    private void readStraight() {
        Input connection = only;
        for (int reads = 0; reads < STRAIGHT_READS && connection != null && connection.read(); reads++) {
            // Until there is nothing more to read.
            connection = only;
        }
    }

    private void cameWhileLooking() {
        if (waiting) {
            waiting = false;
            if (expectedAlways == 0) {
                habit.found();
            }
        }
    }

    /** Nothing is there: whether to look again, or to sleep. */
    private boolean looksOn(long now) {
        if (!waiting) {
            waiting = true;
            waitingSince = now;
            looked = false;
            return expectedAlways > 0 || habit.begin(now);
        }
        if (expectedAlways > 0) {
            return now - waitingSince < alwaysNanos;
        }
        looked = true;
        return habit.goOn(now) && now - waitingSince < maybeNanos;
    }

    private int sleep() {
        asleep = true;
        habit.sleeps();
        return SELECT;
    }

    private void woken() {
        asleep = false;
        if (waiting) {
            waiting = false;
            if (looked) {
                habit.missed();
            } else {
                long now = clock.getAsLong();
                habit.slept(now - waitingSince, maybeNanos, now);
            }
        }
    }
}
