package io.nvmf.samples.inspect;

import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;

/** How numbers are shown to people. */
final class Units {

    private static final double KELVIN_AT_ZERO_CELSIUS = 273;
    private static final long UNIT = 1024;
    private static final String[] BINARY = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Units() {}

    /** {@return a number with its unit} */
    static LongFunction<String> of(String unit) {
        return value -> Long.toUnsignedString(value) + ' ' + unit;
    }

    /** {@return a number that counts units of so many} */
    static LongFunction<String> times(int factor, String unit) {
        return value -> value + " (" + value * factor + ' ' + unit + ')';
    }

    /** {@return a 0's based number} */
    static LongFunction<String> zeroBased() {
        return value -> value + " (" + (value + 1) + ", 0's based)";
    }

    /** {@return bits} */
    static LongFunction<String> hex(int bytes) {
        return value -> Field.hex(value, bytes);
    }

    /** {@return bits with names} */
    static LongFunction<String> flags(int bytes, Map<Integer, String> names) {
        Flags flags = new Flags(names);
        return value -> flags.text(value, bytes);
    }

    /** {@return a number some values of which have names} */
    static LongFunction<String> named(Map<Long, String> names) {
        return value -> names.containsKey(value) ? value + " (" + names.get(value) + ')' : Long.toString(value);
    }

    /** {@return a temperature; zero says nothing} */
    static String kelvin(long value) {
        return value == 0 ? "0" : String.format(Locale.ROOT, "%d K (%.0f °C)", value, value - KELVIN_AT_ZERO_CELSIUS);
    }

    /** {@return a number of bytes, exactly and in a unit that says more} */
    static String bytes(long value) {
        int unit = 0;
        double scaled = value;
        while (scaled >= UNIT && unit < BINARY.length - 1) {
            scaled /= UNIT;
            unit++;
        }
        String exact = Long.toUnsignedString(value) + " bytes";
        return value < UNIT ? exact : exact + String.format(Locale.ROOT, " (%.4g %s)", scaled, BINARY[unit]);
    }
}
