package io.nvmf.spring.health;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the health of a connection.
 *
 * @param verdict in one word
 * @param details by name, in the order in which people look for them
 * @param failure what went wrong, if that is known
 */
public record HealthReport(
        Verdict verdict,
        Map<String, Object> details,
        @Nullable Throwable failure) {

    /** The words that Spring Boot has, too. */
    public enum Verdict {
        /** Commands go to the controller. */
        UP,
        /** They do not. */
        DOWN,
        /** The controller can be used, but should not be, because of what it says of itself. */
        OUT_OF_SERVICE,
        /** Nobody has tried. */
        UNKNOWN
    }

    /**
     * Copies the details.
     *
     * @param verdict in one word
     * @param details by name
     * @param failure what went wrong
     */
    public HealthReport {
        details = new LinkedHashMap<>(details);
    }
}
