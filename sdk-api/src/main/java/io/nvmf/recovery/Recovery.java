package io.nvmf.recovery;

import io.nvmf.spec.Require;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What happens when the association with a controller is lost. Immutable: every method that sets something returns a
 * new value. All timers are here, and they are checked together when the value is given to a client.
 *
 * <pre>
 * lost        first attempt             attempts, at most every maxDelay                      given up
 *  |------------|-----|---------|-----------------|-----------------|------- ... --------------|
 *  0         at once  firstDelay  2x              maxDelay          maxDelay              lossTimeout
 *  |----------------- failFast -----------------|  waiting commands fail, attempts go on
 *  |--------- quiesce time ---------|  writes whose outcome is unknown are sent again from here on
 * </pre>
 *
 * <p>While there is no association, commands wait. A command that has not left is sent when there is a new one. So is a
 * read, and everything else without effect, whose outcome is unknown. A write whose outcome is unknown is sent again,
 * too, but only once the lost association can no longer carry it out, and before any later write to the same blocks.
 */
public final class Recovery {

    /** {@link #firstDelay(Duration)} when nothing is set. */
    public static final Duration DEFAULT_FIRST_DELAY = Duration.ofMillis(100);

    /** {@link #maxDelay(Duration)} when nothing is set. */
    public static final Duration DEFAULT_MAX_DELAY = Duration.ofSeconds(10);

    /** {@link #lossTimeout(Duration)} when nothing is set. */
    public static final Duration DEFAULT_LOSS_TIMEOUT = Duration.ofMinutes(10);

    /** {@link #statusRetries(int)} when nothing is set. */
    public static final int DEFAULT_STATUS_RETRIES = 5;

    /** The longest time that can be set. */
    public static final Duration MAX_TIME = Duration.ofDays(365);

    /** Most {@link #statusRetries(int)}. */
    public static final int MAX_STATUS_RETRIES = 1_000;

    private static final Duration LEAST_TIME = Duration.ofMillis(1);
    private static final Recovery DEFAULTS = new Recovery();
    private static final Recovery NONE = DEFAULTS.with(changed -> {
        changed.enabled = false;
        changed.statusRetries = 0;
    });

    // Set while this is being made only.
    private boolean enabled = true;
    private Duration firstDelay = DEFAULT_FIRST_DELAY;
    private Duration maxDelay = DEFAULT_MAX_DELAY;
    private Duration lossTimeout = DEFAULT_LOSS_TIMEOUT;
    private Duration failFast = Duration.ZERO;
    private Duration quiesceTime = Duration.ZERO;
    private boolean repeatWrites = true;
    private int statusRetries = DEFAULT_STATUS_RETRIES;
    private boolean patientConnect;

    private Recovery() {}

    private Recovery(Recovery original) {
        enabled = original.enabled;
        firstDelay = original.firstDelay;
        maxDelay = original.maxDelay;
        lossTimeout = original.lossTimeout;
        failFast = original.failFast;
        quiesceTime = original.quiesceTime;
        repeatWrites = original.repeatWrites;
        statusRetries = original.statusRetries;
        patientConnect = original.patientConnect;
    }

    /**
     * Ten minutes of attempts.
     *
     * @return what clients have when nothing is set
     */
    public static Recovery defaults() {
        return DEFAULTS;
    }

    /**
     * No recovery: the end of an association is the end of its controller, and no command is sent twice.
     *
     * @return the value
     */
    public static Recovery none() {
        return NONE;
    }

    private Recovery with(Consumer<Recovery> change) {
        Recovery changed = new Recovery(this);
        change.accept(changed);
        return changed;
    }

    /**
     * Sets the time between the first attempt, which is made at once, and the second. Each further time is twice as
     * long, and shortened by up to a quarter at random, so that hosts do not come all at the same moment.
     *
     * @param delay 1 ms..{@link #MAX_TIME}, {@link #DEFAULT_FIRST_DELAY} when nothing is set
     * @return a new value
     */
    public Recovery firstDelay(Duration delay) {
        Require.range("firstDelay", delay, LEAST_TIME, MAX_TIME);
        return with(changed -> changed.firstDelay = delay);
    }

    /**
     * Sets the longest time between two attempts.
     *
     * @param delay 1 ms..{@link #MAX_TIME}, {@link #DEFAULT_MAX_DELAY} when nothing is set
     * @return a new value
     */
    public Recovery maxDelay(Duration delay) {
        Require.range("maxDelay", delay, LEAST_TIME, MAX_TIME);
        return with(changed -> changed.maxDelay = delay);
    }

    /**
     * Sets how long attempts are made until the controller is given up (the controller loss timeout).
     *
     * @param timeout 1 ms..{@link #MAX_TIME}, {@link #DEFAULT_LOSS_TIMEOUT} when nothing is set
     * @return a new value
     */
    public Recovery lossTimeout(Duration timeout) {
        Require.range("lossTimeout", timeout, LEAST_TIME, MAX_TIME);
        return with(changed -> changed.lossTimeout = timeout);
    }

    /**
     * Sets how long commands wait for a new association before they fail, while attempts go on (the fast I/O fail
     * timeout). Commands that come later fail at once, until there is an association again.
     *
     * @param timeout zero to let them wait until the controller is given up, else 1 ms..{@link #MAX_TIME}; zero when
     *     nothing is set
     * @return a new value
     */
    public Recovery failFast(Duration timeout) {
        Require.zeroOrRange("failFast", timeout, LEAST_TIME, MAX_TIME);
        return with(changed -> changed.failFast = timeout);
    }

    /**
     * Sets whether writes whose outcome is unknown are sent again. If not, they fail with that outcome.
     *
     * @param repeat true when nothing is set
     * @return a new value
     */
    public Recovery repeatWrites(boolean repeat) {
        return with(changed -> changed.repeatWrites = repeat);
    }

    /**
     * Sets after which time a lost association can no longer carry out a command, for those who know their controller.
     * When nothing is set it follows from what the controller has said: its keep alive timeout, after which it has
     * noticed the loss whatever happens to the network (twice that with traffic based keep alive), and its Command
     * Quiesce Time (CQT) if it reports one. How the connections ended makes no difference, because what resets them may
     * stand in between. Without keep alive nothing is known, and no write is sent again.
     *
     * @param time zero for what the controller says, else 1 ms..{@link #MAX_TIME}
     * @return a new value
     */
    public Recovery quiesceTime(Duration time) {
        Require.zeroOrRange("quiesceTime", time, LEAST_TIME, MAX_TIME);
        return with(changed -> changed.quiesceTime = time);
    }

    /**
     * Sets how often a command is sent again that was answered with an error which can go away (DNR is 0, and the code
     * says so), each time after the delay that the controller has asked for (CRD).
     *
     * @param retries 0..{@link #MAX_STATUS_RETRIES}, {@link #DEFAULT_STATUS_RETRIES} when nothing is set
     * @return a new value
     */
    public Recovery statusRetries(int retries) {
        Require.range("statusRetries", retries, 0, MAX_STATUS_RETRIES);
        return with(changed -> changed.statusRetries = retries);
    }

    /**
     * Sets whether the first connect is made as patiently as every later one. If not, it fails with its first attempt.
     * It does so, too, where an authentication shows that a secret does not match, or a place has no key or something
     * else ({@link io.nvmf.command.NvmeAuthenticationException} without a cause that may pass). A place that fails, as
     * one does whose file is missing, is asked again, and so is a controller that ends the TLS handshake.
     *
     * @param patient false when nothing is set
     * @return a new value
     */
    public Recovery patientConnect(boolean patient) {
        return with(changed -> changed.patientConnect = patient);
    }

    /**
     * Whether a lost association is made anew.
     *
     * @return false for {@link #none()}
     */
    public boolean isEnabled() {
        return enabled;
    }

    /**
     * Time between the first two attempts.
     *
     * @return see {@link #firstDelay(Duration)}
     */
    public Duration firstDelay() {
        return firstDelay;
    }

    /**
     * Most time between two attempts.
     *
     * @return see {@link #maxDelay(Duration)}
     */
    public Duration maxDelay() {
        return maxDelay;
    }

    /**
     * Time of all attempts.
     *
     * @return see {@link #lossTimeout(Duration)}
     */
    public Duration lossTimeout() {
        return lossTimeout;
    }

    /**
     * Time that commands wait.
     *
     * @return empty if they wait as long as attempts are made
     */
    public Optional<Duration> failFast() {
        return failFast.isZero() ? Optional.empty() : Optional.of(failFast);
    }

    /**
     * Time after which a lost association carries out nothing.
     *
     * @return empty if it follows from what the controller says
     */
    public Optional<Duration> quiesceTime() {
        return quiesceTime.isZero() ? Optional.empty() : Optional.of(quiesceTime);
    }

    /**
     * Whether writes whose outcome is unknown are sent again.
     *
     * @return see {@link #repeatWrites(boolean)}
     */
    public boolean repeatWrites() {
        return repeatWrites;
    }

    /**
     * How often a command with an error that can go away is sent again.
     *
     * @return see {@link #statusRetries(int)}
     */
    public int statusRetries() {
        return statusRetries;
    }

    /**
     * Whether the first connect is repeated.
     *
     * @return see {@link #patientConnect(boolean)}
     */
    public boolean patientConnect() {
        return patientConnect;
    }

    /**
     * Checks that the times fit together.
     *
     * @return this
     * @throws IllegalArgumentException if two contradict each other; the message names both
     */
    public Recovery validated() {
        requireNotLonger("firstDelay", firstDelay, "maxDelay", maxDelay);
        requireNotLonger("firstDelay", firstDelay, "lossTimeout", lossTimeout);
        requireNotLonger("failFast", failFast, "lossTimeout", lossTimeout);
        if (patientConnect && !enabled) {
            throw new IllegalArgumentException("patientConnect needs recovery, and there is none");
        }
        return this;
    }

    private static void requireNotLonger(String name, Duration time, String limitName, Duration limit) {
        if (time.compareTo(limit) > 0) {
            throw new IllegalArgumentException(name + ' ' + time + " is longer than " + limitName + ' ' + limit
                    + ", so it would never be reached");
        }
    }

    @Override
    public String toString() {
        if (!enabled) {
            return "Recovery[none]";
        }
        return "Recovery[firstDelay=" + firstDelay + ", maxDelay=" + maxDelay + ", lossTimeout=" + lossTimeout
                + ", failFast=" + failFast + ", quiesceTime=" + quiesceTime + ", repeatWrites=" + repeatWrites
                + ", statusRetries=" + statusRetries + ", patientConnect=" + patientConnect + ']';
    }
}
