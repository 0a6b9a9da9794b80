package io.nvmf.samples.inspect;

import io.nvmf.spec.Structure;
import io.nvmf.spec.StructureField;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/** Turns the fields of a data structure into named values, and shows as hex what no field covers. */
final class StructureText {

    private static final int LINE = 16;

    /** More of it is left out: vendors have a quarter of some structures. */
    private static final int MOST_LINES = 16;

    private StructureText() {}

    /**
     * Names and values of all fields.
     *
     * @param meanings how numbers are shown to people, by the name of their field; others are shown as they are
     */
    static <F extends Enum<F> & StructureField> List<Field> fields(
            Structure<F, ?> structure, F[] fields, Map<String, LongFunction<String>> meanings) {
        List<Field> values = new ArrayList<>();
        for (F field : fields) {
            String name = field.name();
            LongFunction<String> meaning = meanings.getOrDefault(name, Long::toUnsignedString);
            BigInteger value = structure.getBig(field);
            boolean fits = value.bitLength() <= Long.SIZE;
            values.add(new Field(name, value, fits ? meaning.apply(value.longValue()) : value.toString()));
        }
        return values;
    }

    /**
     * Bytes other than zero that are in none of the ranges.
     *
     * @param known for each byte of the structure whether somebody shows it
     * @return a value for each 16 bytes
     */
    static List<Field> unknown(Structure<?, ?> structure, boolean[] known) {
        List<Field> lines = new ArrayList<>();
        for (int at = 0; at < known.length && lines.size() < MOST_LINES; at += LINE) {
            byte[] bytes = new byte[Math.min(LINE, known.length - at)];
            boolean any = false;
            for (int i = 0; i < bytes.length; i++) {
                if (!known[at + i]) {
                    bytes[i] = structure.buffer().getByte(structure.index() + at + i);
                    any |= bytes[i] != 0;
                }
            }
            if (any) {
                String hex = HexFormat.ofDelimiter(" ").formatHex(bytes);
                lines.add(Field.of("bytes " + at + " to " + (at + bytes.length - 1), hex));
            }
        }
        return lines;
    }

    /** Marks what fields cover. */
    static boolean[] covered(int length, StructureField[] fields) {
        boolean[] known = new boolean[length];
        for (StructureField field : fields) {
            cover(known, field.offset(), field.size());
        }
        return known;
    }

    static void cover(boolean[] known, int offset, int length) {
        Arrays.fill(known, offset, Math.min(known.length, offset + length), true);
    }
}
