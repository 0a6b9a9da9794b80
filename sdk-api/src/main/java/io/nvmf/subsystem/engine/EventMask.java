package io.nvmf.subsystem.engine;

import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.AsyncEventConfiguration;

/** Which bits of Asynchronous Event Configuration (feature 0Bh) an event depends on. */
final class EventMask {

    /** OAES of an I/O controller. */
    static final int IO_EVENTS =
            AsyncEventConfiguration.NAMESPACE_ATTRIBUTE | AsyncEventConfiguration.FIRMWARE_ACTIVATION;

    /** OAES of a discovery controller. */
    static final long DISCOVERY_EVENTS = AsyncEventConfiguration.DISCOVERY_LOG_CHANGE & 0xFFFF_FFFFL;

    private static final int SPARE = 1;
    private static final int TEMPERATURE = 1 << 1;

    /** Reliability degraded, media read only, backup of volatile memory failed, persistent memory unreliable. */
    private static final int RELIABILITY = 0x3C;

    /** Notices from this one up to 06h follow one another as their bits do. */
    private static final int LAST_NOTICE = 6;

    private EventMask() {}

    /**
     * The bits of which the host has to have set one.
     *
     * @return 0 for an event that cannot be masked
     */
    static int of(AsyncEvent event) {
        if (event.type() == AsyncEvent.TYPE_SMART_HEALTH) {
            return switch (event.information()) {
                case 0 -> RELIABILITY;
                case 1 -> TEMPERATURE;
                case 2 -> SPARE;
                default -> 0;
            };
        }
        if (event.type() != AsyncEvent.TYPE_NOTICE) {
            return 0;
        }
        if (event.information() == AsyncEvent.INFO_NOTICE_DISCOVERY_CHANGED) {
            return AsyncEventConfiguration.DISCOVERY_LOG_CHANGE;
        }
        return event.information() <= LAST_NOTICE
                ? AsyncEventConfiguration.NAMESPACE_ATTRIBUTE << event.information()
                : 0;
    }
}
