package io.nvmf.samples.replicate;

import java.util.Locale;

/**
 * A number of bytes as people write it: {@code 4096}, {@code 128K}, {@code 1G}; K is 1024.
 *
 * @param bytes 0 or more
 */
record ByteSize(long bytes) {

    private static final String UNITS = "KMGT";
    private static final int BITS_OF_A_UNIT = 10;

    /**
     * Reads the text.
     *
     * @throws IllegalArgumentException if it is no number of bytes, or too large a one
     */
    static ByteSize parse(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        int unit = upper.isEmpty() ? -1 : UNITS.indexOf(upper.charAt(upper.length() - 1));
        String digits = unit < 0 ? upper : upper.substring(0, upper.length() - 1);
        try {
            long value = Math.multiplyExact(Long.parseLong(digits), 1L << BITS_OF_A_UNIT * (unit + 1));
            if (value >= 0) {
                return new ByteSize(value);
            }
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is no number of bytes", e);
        }
        throw new IllegalArgumentException("'" + text + "' is less than zero");
    }
}
