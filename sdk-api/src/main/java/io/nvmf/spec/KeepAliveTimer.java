package io.nvmf.spec;

import java.time.Duration;

/**
 * Feature 0Fh: the keep alive timeout.
 *
 * @param millis KATO in milliseconds, 0..2^32-1; 0 turns the timer off
 */
public record KeepAliveTimer(long millis) {
    private static final long MAX_MILLIS = 0xFFFF_FFFFL;

    /**
     * Reads CDW11 of Set Features or dword 0 of the Get Features response.
     *
     * @param dword the dword
     * @return the timer
     */
    public static KeepAliveTimer decode(int dword) {
        return new KeepAliveTimer(dword & 0xFFFF_FFFFL);
    }

    /** {@return CDW11 of Set Features or dword 0 of the Get Features response} */
    public int encode() {
        Require.range("KATO", millis, 0, MAX_MILLIS);
        return (int) millis;
    }

    /**
     * The time a controller really uses.
     *
     * @param kas KAS of the Identify Controller structure, the granularity in units of 100 ms; 0 leaves the value as it
     *     is
     * @return this, rounded up to the granularity; the largest multiple of it where there is none above that KATO can
     *     state
     */
    public KeepAliveTimer roundedUp(int kas) {
        long granularity = Math.max(1, 100L * kas);
        long periods = Math.min((millis + granularity - 1) / granularity, MAX_MILLIS / granularity);
        return new KeepAliveTimer(periods * granularity);
    }

    /** {@return the timeout} */
    public Duration timeout() {
        return Duration.ofMillis(millis);
    }
}
