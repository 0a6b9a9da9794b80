package io.nvmf.transport.support;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Short names for what comes and goes, such as associations, so that all lines of the log about one can be found. Six
 * lower case letters and digits: no two are equal in one JVM before a thousand million were made, and it is unlikely
 * that those of two JVMs are. Thread safe.
 */
public final class ShortId {

    /** Without i, l, o and u, which are read as others. */
    private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

    private static final int LENGTH = 6;
    private static final int BITS_PER_DIGIT = 5;

    /** Odd, so that what follows one number looks like another, and none comes twice in a round. */
    private static final int STEP = 0x2545F491;

    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt());

    private ShortId() {}

    /**
     * The next one.
     *
     * @return six characters
     */
    public static String next() {
        int number = NEXT.getAndAdd(STEP);
        StringBuilder id = new StringBuilder(LENGTH);
        for (int digit = 0; digit < LENGTH; digit++) {
            id.append(DIGITS.charAt(number & DIGITS.length() - 1));
            number >>>= BITS_PER_DIGIT;
        }
        return id.toString();
    }
}
