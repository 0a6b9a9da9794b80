package io.nvmf.samples.inspect;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Shows reports as JSON (RFC 8259). Numbers are exact, which may be more than a program's floating point holds. */
final class JsonWriter {

    private static final String INDENT = "  ";
    private static final int FIRST_PRINTABLE = 0x20;

    private JsonWriter() {}

    /** {@return the value of a single part, or an object of all parts by their titles} */
    static String write(List<? extends Part> parts) {
        if (parts.size() == 1) {
            return text(value(parts.get(0)), "\n");
        }
        Map<String, Object> all = new LinkedHashMap<>();
        for (Part part : parts) {
            all.put(Field.key(part.title()), value(part));
        }
        return text(all, "\n");
    }

    /** {@return an object in one line} */
    static String line(List<Field> fields) {
        return text(object(fields), "");
    }

    private static Object value(Part part) {
        if (part instanceof Part.One one) {
            return object(one.fields());
        }
        return ((Part.Many) part).rows().stream().map(JsonWriter::object).toList();
    }

    /** {@return the values by their names for programs} */
    static Map<String, Object> object(List<Field> fields) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (Field field : fields) {
            object.put(field.key(), field.value());
        }
        return object;
    }

    /**
     * Writes a value.
     *
     * @param newLine what begins a line, with the indent; empty for everything in one line
     */
    private static String text(Object value, String newLine) {
        String inner = newLine.isEmpty() ? "" : newLine + INDENT;
        if (value instanceof Map<?, ?> map) {
            return list(
                    '{',
                    map.entrySet().stream()
                            .map(entry -> quoted(entry.getKey().toString()) + ": " + text(entry.getValue(), inner))
                            .toList(),
                    '}',
                    newLine);
        }
        if (value instanceof List<?> values) {
            return list(
                    '[', values.stream().map(element -> text(element, inner)).toList(), ']', newLine);
        }
        return value instanceof Number || value instanceof Boolean ? value.toString() : quoted(value.toString());
    }

    private static String list(char open, List<String> elements, char close, String newLine) {
        if (elements.isEmpty()) {
            return "" + open + close;
        }
        boolean oneLine = newLine.isEmpty();
        return open
                + (oneLine ? "" : newLine + INDENT)
                + String.join(oneLine ? ", " : ',' + newLine + INDENT, elements)
                + newLine
                + close;
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '"' || character == '\\') {
                quoted.append('\\').append(character);
            } else if (character < FIRST_PRINTABLE || Character.isSurrogate(character) || character == 0x7F) {
                quoted.append(String.format("\\u%04x", (int) character));
            } else {
                quoted.append(character);
            }
        }
        return quoted.append('"').toString();
    }
}
