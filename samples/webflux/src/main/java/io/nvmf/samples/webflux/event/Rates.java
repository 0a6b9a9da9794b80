package io.nvmf.samples.webflux.event;

import org.jspecify.annotations.Nullable;

/** What moves, once for each second. */
interface Rates {

    /** {@return the rates since the last call} */
    View next();

    /**
     * Rates as JSON.
     *
     * @param readBytes read per second
     * @param writeBytes written per second
     * @param readP50 median time of a read command in ms; null if there was none
     * @param readP99 99th percentile of the same
     * @param writeP50 median time of a write command in ms; null if there was none
     * @param writeP99 99th percentile of the same
     * @param inFlight commands that have left and are not answered
     */
    record View(
            double readBytes,
            double writeBytes,
            @Nullable Double readP50,
            @Nullable Double readP99,
            @Nullable Double writeP50,
            @Nullable Double writeP99,
            long inFlight) {}
}
