package io.nvmf.spring.properties;

import io.nvmf.recovery.Recovery;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Makes a {@link Recovery} of properties. */
final class RecoveryMapping {

    /** Names of the properties, with those of the same settings in a URI. */
    private static final Map<String, String> IN_URI = Map.of(
            "enabled", "recovery",
            "first-delay", "reconnect-delay",
            "max-delay", "max-reconnect-delay",
            "loss-timeout", "loss-timeout",
            "fail-fast", "fail-fast",
            "quiesce-time", "quiesce-time",
            "repeat-writes", "repeat-writes",
            "status-retries", "status-retries");

    private static final Duration LEAST = Duration.ofMillis(1);

    private final RecoveryProperties properties;
    private final Limits limits;

    RecoveryMapping(String prefix, RecoveryProperties properties) {
        this.properties = properties;
        this.limits = new Limits(prefix + ".recovery");
    }

    /** {@return the names of the properties that are set, with their names in a URI} */
    Map<String, String> set() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("enabled", Optional.ofNullable(properties.enabled()));
        values.put("first-delay", Optional.ofNullable(properties.firstDelay()));
        values.put("max-delay", Optional.ofNullable(properties.maxDelay()));
        values.put("loss-timeout", Optional.ofNullable(properties.lossTimeout()));
        values.put("fail-fast", Optional.ofNullable(properties.failFast()));
        values.put("quiesce-time", Optional.ofNullable(properties.quiesceTime()));
        values.put("repeat-writes", Optional.ofNullable(properties.repeatWrites()));
        values.put("status-retries", Optional.ofNullable(properties.statusRetries()));
        Map<String, String> set = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            if (!value.equals(Optional.empty())) {
                set.put(limits.name(name), Objects.requireNonNull(IN_URI.get(name)));
            }
        });
        return set;
    }

    /** {@return the recovery, checked as a whole} */
    Recovery recovery() {
        boolean none = Boolean.FALSE.equals(properties.enabled());
        Recovery recovery = none ? Recovery.none() : Recovery.defaults();
        if (properties.firstDelay() != null) {
            recovery =
                    recovery.firstDelay(limits.range("first-delay", properties.firstDelay(), LEAST, Recovery.MAX_TIME));
        }
        if (properties.maxDelay() != null) {
            recovery = recovery.maxDelay(limits.range("max-delay", properties.maxDelay(), LEAST, Recovery.MAX_TIME));
        }
        if (properties.lossTimeout() != null) {
            recovery = recovery.lossTimeout(
                    limits.range("loss-timeout", properties.lossTimeout(), LEAST, Recovery.MAX_TIME));
        }
        if (properties.failFast() != null) {
            recovery =
                    recovery.failFast(limits.zeroOrRange("fail-fast", properties.failFast(), LEAST, Recovery.MAX_TIME));
        }
        if (properties.quiesceTime() != null) {
            recovery = recovery.quiesceTime(
                    limits.zeroOrRange("quiesce-time", properties.quiesceTime(), LEAST, Recovery.MAX_TIME));
        }
        if (properties.repeatWrites() != null) {
            recovery = recovery.repeatWrites(properties.repeatWrites());
        }
        if (properties.statusRetries() != null) {
            recovery = recovery.statusRetries(
                    (int) limits.range("status-retries", properties.statusRetries(), 0, Recovery.MAX_STATUS_RETRIES));
        }
        limits.notLonger("first-delay", recovery.firstDelay(), "max-delay", recovery.maxDelay());
        limits.notLonger("first-delay", recovery.firstDelay(), "loss-timeout", recovery.lossTimeout());
        limits.notLonger(
                "fail-fast", recovery.failFast().orElse(Duration.ZERO), "loss-timeout", recovery.lossTimeout());
        return recovery;
    }
}
