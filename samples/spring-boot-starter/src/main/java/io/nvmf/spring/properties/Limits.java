package io.nvmf.spring.properties;

import java.time.Duration;

/** Checks values against what is allowed; every message names property, limit and value, in the same words. */
final class Limits {

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final String prefix;

    /**
     * Limits for the properties of one prefix.
     *
     * @param prefix such as {@code nvmf.client}
     */
    Limits(String prefix) {
        this.prefix = prefix;
    }

    /** {@return the whole name of a property} */
    String name(String property) {
        return prefix + '.' + property;
    }

    long range(String property, long value, long least, long most) {
        if (value < least || value > most) {
            throw mustBe(property, least + ".." + most, value);
        }
        return value;
    }

    int notNegative(String property, int value) {
        if (value < 0) {
            throw mustBe(property, "0 or more", value);
        }
        return value;
    }

    Duration range(String property, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw mustBe(property, text(least) + ".." + text(most), text(value));
        }
        return value;
    }

    Duration zeroOrRange(String property, Duration value, Duration least, Duration most) {
        if (!value.isZero() && (value.compareTo(least) < 0 || value.compareTo(most) > 0)) {
            throw mustBe(property, "0 or " + text(least) + ".." + text(most), text(value));
        }
        return value;
    }

    Duration wholeMillis(String property, Duration value) {
        if (value.toNanosPart() % NANOS_PER_MILLI != 0) {
            throw mustBe(property, "a whole number of milliseconds", text(value));
        }
        return value;
    }

    void notLonger(String property, Duration value, String limit, Duration most) {
        if (value.compareTo(most) > 0) {
            throw new InvalidNvmePropertyException(
                    name(property) + " must not be longer than " + name(limit) + ", which is " + text(most)
                            + ", but is " + text(value),
                    name(property),
                    name(limit));
        }
    }

    InvalidNvmePropertyException mustBe(String property, String allowed, Object value) {
        return new InvalidNvmePropertyException(
                name(property) + " must be " + allowed + ", but is " + value, name(property));
    }

    /** For what the SDK refuses, with the SDK's reason. */
    InvalidNvmePropertyException refused(String property, Object value, IllegalArgumentException reason) {
        InvalidNvmePropertyException refused = new InvalidNvmePropertyException(
                name(property) + " cannot be " + value + ": " + reason.getMessage(), name(property));
        refused.initCause(reason);
        return refused;
    }

    /** {@return a time as people write it in properties} */
    static String text(Duration time) {
        long seconds = time.getSeconds();
        int nanos = time.getNano();
        if (time.isNegative()) {
            return time.toString();
        }
        if (nanos % 1_000 != 0) {
            return time.toNanos() + "ns";
        }
        if (nanos % NANOS_PER_MILLI != 0) {
            return time.toNanos() / 1_000 + "us";
        }
        if (nanos != 0) {
            return time.toMillis() + "ms";
        }
        if (seconds == 0) {
            return "0";
        }
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }
}
