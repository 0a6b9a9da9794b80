package io.nvmf.tcp;

/**
 * Learns whether an event loop should look for input for a short time before it sleeps. It pays where most waits end
 * within that time: a thread that is woken has lost more time than that, and has cost more. Where waits are longer,
 * looking is time lost, so it is tried again less and less often.
 *
 * <p>Two things end it at once: all processors but one are being polled on already, or the operating system has given
 * this processor to somebody else meanwhile, who needs it more. Times are those of {@link System#nanoTime}. Event loop
 * only.
 */
final class PollingHabit {

    /** A sleeping thread, and one at the other end perhaps, take so much longer to answer than two that look. */
    static final long WAKE_UP_NANOS = 100_000;

    /** Short waits in a row before it is tried. */
    static final int FIRST_TRIAL = 8;

    /** The same after many trials that failed. */
    static final int LAST_TRIAL = 8192;

    /** What a trial may lose; every wait that ended in time adds one to it. */
    static final int TRIAL = 16;

    /** As much as can be lost before it ends, when it has paid for long. */
    static final int MOST_CREDIT = 64;

    /** What a wait that was too long takes away: four of five have to end in time. */
    static final int MISS = 4;

    /** Between two looks; the thread has not run meanwhile. Interrupts are shorter. */
    static final long DESCHEDULED_NANOS = 500_000;

    /** Longer than anybody's time slice: the whole process has been stopped, which means nothing. */
    static final long STOPPED_NANOS = 20_000_000;

    static final long FIRST_PAUSE_NANOS = 100_000_000;
    static final long LAST_PAUSE_NANOS = 6_400_000_000L;

    private final SpareProcessors processors;

    private boolean on;
    private int credit;
    private int trial = FIRST_TRIAL;
    private int shortWaits;

    /** This loop polls on one of the processors. */
    private boolean holdsProcessor;

    private long lookedAt;
    private boolean paused;
    private long pausedUntil;
    private long pause = FIRST_PAUSE_NANOS;

    PollingHabit(SpareProcessors processors) {
        this.processors = processors;
    }

    /** Whether looking has paid so far. */
    boolean isOn() {
        return on;
    }

    /** Nothing is there: whether to look for it. */
    boolean begin(long now) {
        lookedAt = now;
        if (on && !holdsProcessor) {
            holdsProcessor = processors.take();
        }
        return on && holdsProcessor;
    }

    /** Still nothing is there: whether to look again. */
    boolean goOn(long now) {
        long since = now - lookedAt;
        lookedAt = now;
        if (since > DESCHEDULED_NANOS && since < STOPPED_NANOS) {
            pause(now);
            return false;
        }
        return true;
    }

    private void pause(long now) {
        // Undisturbed for long: the beginning of something new.
        boolean again = now - pausedUntil < LAST_PAUSE_NANOS;
        pause = paused && again ? Math.min(2 * pause, LAST_PAUSE_NANOS) : FIRST_PAUSE_NANOS;
        paused = true;
        pausedUntil = now + pause;
        on = false;
        shortWaits = 0;
    }

    /** What was looked for has come. */
    void found() {
        if (credit < MOST_CREDIT) {
            credit++;
        } else {
            trial = FIRST_TRIAL;
        }
    }

    /** It was looked for in vain. */
    void missed() {
        credit -= MISS;
        if (on && credit < 0) {
            on = false;
            shortWaits = 0;
            trial = Math.min(2 * trial, LAST_TRIAL);
        }
    }

    /** The loop goes to sleep, and leaves the processor to others. */
    void sleeps() {
        if (holdsProcessor) {
            holdsProcessor = false;
            processors.giveBack();
        }
    }

    /**
     * What was not looked for has come.
     *
     * @param nanos how long the loop has slept
     * @param limit how long it would have looked
     * @param now the time
     */
    void slept(long nanos, long limit, long now) {
        if (nanos > limit + WAKE_UP_NANOS) {
            shortWaits = Math.max(0, shortWaits - MISS);
        } else if (limit > 0 && ++shortWaits >= trial && !(paused && now - pausedUntil < 0)) {
            on = true;
            credit = TRIAL;
        }
    }
}
