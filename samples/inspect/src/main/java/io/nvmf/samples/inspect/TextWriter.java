package io.nvmf.samples.inspect;

import java.util.ArrayList;
import java.util.List;

/** Shows reports as tables. Text that comes from a controller is shown without its control characters. */
final class TextWriter {

    private static final String GAP = "  ";

    private TextWriter() {}

    /** {@return the lines of all parts, with titles if there are several} */
    static String write(List<? extends Part> parts) {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            if (parts.size() > 1) {
                text.append(text.isEmpty() ? "" : "\n").append(part.title()).append('\n');
            }
            table(lines(part), text);
        }
        return text.toString();
    }

    private static List<List<String>> lines(Part part) {
        List<List<String>> lines = new ArrayList<>();
        if (part instanceof Part.One one) {
            for (Field field : one.fields()) {
                lines.add(List.of(field.name(), field.text()));
            }
        } else if (part instanceof Part.Many many) {
            lines.add(many.columns());
            for (List<Field> row : many.rows()) {
                lines.add(row.stream().map(Field::text).toList());
            }
            if (many.rows().isEmpty()) {
                lines.set(0, List.of("none"));
            }
        }
        return lines;
    }

    private static void table(List<List<String>> lines, StringBuilder text) {
        List<Integer> widths = new ArrayList<>();
        for (List<String> line : lines) {
            for (int i = 0; i < line.size(); i++) {
                int width = printable(line.get(i)).length();
                if (i < widths.size()) {
                    widths.set(i, Math.max(widths.get(i), width));
                } else {
                    widths.add(width);
                }
            }
        }
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < line.size(); i++) {
                String cell = printable(line.get(i));
                row.append(i == 0 ? "" : GAP).append(cell).append(" ".repeat(widths.get(i) - cell.length()));
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
    }

    /** A terminal obeys control characters. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
