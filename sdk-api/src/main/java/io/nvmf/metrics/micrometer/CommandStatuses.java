package io.nvmf.metrics.micrometer;

import io.nvmf.metrics.QueueMetrics.Unanswered;
import io.nvmf.spec.CommandSet;
import io.nvmf.spec.StatusCode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What can become of a command, as values of a tag and as indexes of arrays: nothing that is told by the controller
 * comes first, then {@value #OTHER}, then the status codes that the SDK knows.
 */
final class CommandStatuses {

    static final String SUCCESS = "success";

    private static final List<Unanswered> UNANSWERED = List.of(Unanswered.values());

    /** A status code that the SDK does not know. */
    static final String OTHER = "other";

    /** Index of {@link #OTHER}. */
    static final int OTHER_INDEX = UNANSWERED.size();

    /** From here on the controller chooses. */
    static final int FIRST_BOUNDED = OTHER_INDEX + 1;

    private static final StatusCode[] CODES = StatusCode.values();

    /** Number of indexes. */
    static final int COUNT = FIRST_BOUNDED + CODES.length;

    private static final int TYPES = 8;
    private static final int CODES_PER_TYPE = 256;

    /** Index of the status of a command that is none of Fabrics, by type and code. */
    private static final short[] INDEX = indexes(false);

    private static final short[] FABRICS_INDEX = indexes(true);

    private CommandStatuses() {}

    private static short[] indexes(boolean fabrics) {
        short[] indexes = new short[TYPES * CODES_PER_TYPE];
        Arrays.fill(indexes, (short) OTHER_INDEX);
        for (int i = 0; i < CODES.length; i++) {
            StatusCode code = CODES[i];
            boolean ofFabrics = code.commandSet() == CommandSet.FABRICS;
            int place = code.type() * CODES_PER_TYPE + code.code();
            if (ofFabrics == fabrics || (!ofFabrics && indexes[place] == OTHER_INDEX)) {
                indexes[place] = (short) (FIRST_BOUNDED + i);
            }
        }
        return indexes;
    }

    static int index(int type, int code, boolean fabrics) {
        return (fabrics ? FABRICS_INDEX : INDEX)[type * CODES_PER_TYPE + code];
    }

    static int index(Unanswered why) {
        return UNANSWERED.indexOf(why);
    }

    static String name(int index) {
        if (index < OTHER_INDEX) {
            return lowerCase(UNANSWERED.get(index));
        }
        return index == OTHER_INDEX ? OTHER : lowerCase(CODES[index - FIRST_BOUNDED]);
    }

    static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
