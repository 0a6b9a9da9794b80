package io.nvmf.spec;

import java.time.Duration;

/**
 * The checks of numbers and times that arguments have in common: always name, value and bounds, and always the same
 * words. For the SDK's own modules and for transports, which have options of their own; applications do not need it.
 *
 * <p>Every method returns the value, or throws {@link IllegalArgumentException} with the name, the value and what is
 * allowed.
 */
public final class Require {
    private Require() {}

    /**
     * Fails unless a number is within its bounds.
     *
     * @param name what the number is
     * @param value the number
     * @param least smallest that is allowed
     * @param most largest that is allowed
     * @return the number
     */
    public static int range(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw outside(name, value, least, most);
        }
        return value;
    }

    /**
     * Fails unless a number is within its bounds.
     *
     * @param name what the number is
     * @param value the number
     * @param least smallest that is allowed
     * @param most largest that is allowed
     * @return the number
     */
    public static long range(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw outside(name, value, least, most);
        }
        return value;
    }

    /**
     * Fails unless a time is within its bounds.
     *
     * @param name what the time is
     * @param value the time
     * @param least shortest that is allowed
     * @param most longest that is allowed
     * @return the time
     */
    public static Duration range(String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw outside(name, value, least, most);
        }
        return value;
    }

    /**
     * Fails unless a time is zero or within its bounds.
     *
     * @param name what the time is
     * @param value the time
     * @param least shortest that is allowed besides zero
     * @param most longest that is allowed
     * @return the time
     */
    public static Duration zeroOrRange(String name, Duration value, Duration least, Duration most) {
        if (!value.isZero() && (value.compareTo(least) < 0 || value.compareTo(most) > 0)) {
            throw new IllegalArgumentException(
                    name + ' ' + value + " is outside " + least + ".." + most + " and not zero");
        }
        return value;
    }

    /**
     * Fails for a number below 1.
     *
     * @param name what the number is
     * @param value the number
     * @return the number
     */
    public static int positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ' ' + value + " is not positive");
        }
        return value;
    }

    /**
     * Fails for a time that is zero or negative.
     *
     * @param name what the time is
     * @param value the time
     * @return the time
     */
    public static Duration positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + ' ' + value + " is not positive");
        }
        return value;
    }

    /**
     * Fails for a time that is zero, negative or too long.
     *
     * @param name what the time is
     * @param value the time
     * @param most longest that is allowed
     * @return the time
     */
    public static Duration positive(String name, Duration value, Duration most) {
        if (value.isNegative() || value.isZero() || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(name + ' ' + value + " is not positive and at most " + most);
        }
        return value;
    }

    /**
     * Fails for a number below 0.
     *
     * @param name what the number is
     * @param value the number
     * @return the number
     */
    public static long notNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + ' ' + value + " is negative");
        }
        return value;
    }

    /**
     * Fails for a negative time.
     *
     * @param name what the time is
     * @param value the time
     * @return the time
     */
    public static Duration notNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + ' ' + value + " is negative");
        }
        return value;
    }

    /**
     * Fails unless a number is a multiple of another.
     *
     * @param name what the number is
     * @param value the number
     * @param unit what it has to be a multiple of
     * @return the number
     */
    public static int multiple(String name, int value, int unit) {
        if (value % unit != 0) {
            throw new IllegalArgumentException(name + ' ' + value + " is not a multiple of " + unit);
        }
        return value;
    }

    private static IllegalArgumentException outside(String name, Object value, Object least, Object most) {
        return new IllegalArgumentException(name + ' ' + value + " is outside " + least + ".." + most);
    }
}
