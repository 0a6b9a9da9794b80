package io.nvmf.docs;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.nvmf.metrics.micrometer.NvmeMeters;
import io.nvmf.observation.micrometer.NvmeObservations;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The page about meters and observations: what stands between two marks is made from the enums that have them, the rest
 * is written by hand.
 */
final class ObservabilityPage {

    /** Begins and ends a part that is generated. */
    private static final Pattern GENERATED =
            Pattern.compile("(?s)(<!-- generated: ([\\w-]+) -->\n).*?(<!-- end of what is generated -->)");

    private static final Map<String, String> PARTS = parts();

    private ObservabilityPage() {}

    /**
     * Makes the generated parts of a page anew.
     *
     * @param page as it is
     * @return as it should be
     * @throws IllegalArgumentException if there is a mark for an unknown part, or none for a known one
     */
    static String generate(String page) {
        Matcher marks = GENERATED.matcher(page);
        Map<String, String> left = new LinkedHashMap<>(PARTS);
        String made = marks.replaceAll(mark -> {
            String part = left.remove(mark.group(2));
            if (part == null) {
                throw new IllegalArgumentException("there is nothing to generate for " + mark.group());
            }
            return Matcher.quoteReplacement(mark.group(1) + "\n" + part + "\n" + mark.group(3));
        });
        if (!left.isEmpty()) {
            throw new IllegalArgumentException("the page has no place for " + left.keySet());
        }
        return made;
    }

    private static Map<String, String> parts() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("meters", meters());
        parts.put("meter-tags", meterTags());
        parts.put("observations", observations());
        parts.put("keys", keys());
        return parts;
    }

    private static String meters() {
        StringBuilder table = new StringBuilder("| Meter | Type | Unit | Tags | What |\n|---|---|---|---|---|\n");
        for (NvmeMeters meter : NvmeMeters.values()) {
            row(
                    table,
                    code(meter.getName()),
                    type(meter.getType()),
                    meter.getBaseUnit(),
                    codes(meter.getKeyNames()),
                    meter.description());
        }
        return table.toString();
    }

    private static String type(Meter.Type type) {
        return type.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String meterTags() {
        StringBuilder table = new StringBuilder("| Tag | Values |\n|---|---|\n");
        for (NvmeMeters.Tag tag : NvmeMeters.Tag.values()) {
            row(table, code(tag.asString()), tag.description());
        }
        return table.toString();
    }

    private static String observations() {
        StringBuilder table = new StringBuilder(
                "| Observation | What | Low cardinality | High cardinality | Events |\n|---|---|---|---|---|\n");
        for (NvmeObservations observation : NvmeObservations.values()) {
            row(
                    table,
                    code(observation.getName()),
                    observation.description(),
                    codes(observation.getLowCardinalityKeyNames()),
                    codes(observation.getHighCardinalityKeyNames()),
                    Stream.of(observation.getEvents())
                            .map(event -> code(event.getName()))
                            .collect(Collectors.joining(" ")));
        }
        return table.toString();
    }

    private static String keys() {
        StringBuilder table = new StringBuilder("| Key | Cardinality | Values |\n|---|---|---|\n");
        for (NvmeObservations.LowKey key : NvmeObservations.LowKey.values()) {
            row(table, code(key.asString()), "low", key.description());
        }
        for (NvmeObservations.HighKey key : NvmeObservations.HighKey.values()) {
            row(table, code(key.asString()), "high", key.description());
        }
        table.append("\n| Event | What has happened |\n|---|---|\n");
        for (NvmeObservations.Event event : NvmeObservations.Event.values()) {
            row(table, code(event.getName()), event.description());
        }
        return table.toString();
    }

    private static String codes(KeyName[] keys) {
        return Arrays.stream(keys).map(key -> code(key.asString())).collect(Collectors.joining(" "));
    }

    private static String code(String text) {
        return '`' + text + '`';
    }

    private static void row(StringBuilder table, String... cells) {
        table.append(Arrays.stream(cells).collect(Collectors.joining(" | ", "| ", " |\n")));
    }
}
