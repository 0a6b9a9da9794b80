package io.nvmf.samples.inspect;

import java.util.Locale;

/**
 * A named value.
 *
 * @param name in the specification's words
 * @param value for programs: a number, a text, a truth value, or a list of these
 * @param text for people
 */
record Field(String name, Object value, String text) {

    static Field of(String name, Object value) {
        return new Field(name, value, value.toString());
    }

    /** Bits: a number for programs, digits for people. */
    static Field bits(String name, long value, int bytes) {
        return new Field(name, value, hex(value, bytes));
    }

    /** {@return the number as the specification writes it} */
    static String hex(long value, int bytes) {
        int digits = 2 * bytes;
        String all = String.format("%016X", value);
        return all.substring(all.length() - digits) + 'h';
    }

    /** {@return the name for programs} */
    String key() {
        return key(name);
    }

    static String key(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_").replaceAll("^_|_$", "");
    }
}
