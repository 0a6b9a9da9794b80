package io.nvmf.samples.inspect;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the bits of a number mean.
 *
 * @param names by bit
 */
record Flags(Map<Integer, String> names) {

    private static final int BITS = 64;

    /** {@return the number with the names of its bits; bits without a name as they are} */
    String text(long value, int bytes) {
        List<String> words = new ArrayList<>();
        for (int bit = 0; bit < BITS; bit++) {
            if ((value >>> bit & 1) != 0) {
                words.add(names.getOrDefault(bit, "bit " + bit));
            }
        }
        return Field.hex(value, bytes) + (words.isEmpty() ? "" : ": " + String.join(", ", words));
    }
}
