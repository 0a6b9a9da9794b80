package io.nvmf.host.queue;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is known of memory that is used up. Before the JDK says that there is no direct memory left, it collects garbage
 * and sleeps, for half a second and more, on the event loop that asked. If each command asked, the connections of that
 * event loop would stand still, and Keep Alive with them. So after an attempt that took long, nobody asks for as much
 * again for a while: commands are refused at once. Thread safe.
 */
final class MemoryShortage {

    /** The one of this JVM, as its direct memory is one. */
    static final MemoryShortage OF_THIS_JVM = new MemoryShortage(System::nanoTime);

    /** An attempt that takes as long is one that slept: the JDK sleeps for 511 ms. */
    static final Duration LONG = Duration.ofMillis(400);

    /** How long nobody asks, as a multiple of what the last attempt took. */
    static final int PAUSE = 4;

    private final LongSupplier nanoTime;

    /** What the last attempt ended with; null if there is no shortage. */
    private volatile @Nullable OutOfMemoryError last;

    /** The least size that found no memory. */
    private volatile int least;

    /** When to ask again. */
    private volatile long next;

    /**
     * @param nanoTime as {@link System#nanoTime()}
     */
    MemoryShortage(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Whether an attempt has failed and none that wanted as much has succeeded since. The only question otherwise. */
    boolean isSuspected() {
        return last != null;
    }

    /**
     * Why nobody should ask for so many bytes now.
     *
     * @return null if an attempt may be made
     */
    @Nullable
    OutOfMemoryError refusal(int bytes) {
        return bytes >= least && next - nanoTime.getAsLong() > 0 ? last : null;
    }

    /** When an attempt begins, for {@link #failed}. */
    long begin() {
        return nanoTime.getAsLong();
    }

    /**
     * An attempt has failed.
     *
     * @param began {@link #begin()}, or -1 if nobody looked at the clock, and the next attempt tells how long they take
     */
    void failed(int bytes, long began, OutOfMemoryError exhausted) {
        long now = nanoTime.getAsLong();
        long took = began == -1 ? 0 : now - began;
        least = last == null ? bytes : Math.min(least, bytes);
        next = took >= LONG.toNanos() ? now + PAUSE * took : now;
        last = exhausted;
    }

    /** An attempt has succeeded. */
    void succeeded(int bytes) {
        if (bytes >= least) {
            last = null;
        }
    }
}
