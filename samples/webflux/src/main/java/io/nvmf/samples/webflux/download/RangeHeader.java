package io.nvmf.samples.webflux.download;

import io.nvmf.command.ByteRange;
import io.nvmf.samples.webflux.problem.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

/**
 * The {@code Range} of a request (RFC 9110, 14.1 and 14.2). What does not reach into the namespace is left out, as the
 * RFC says. Refused with 416 is a header that leaves nothing, one with more than {@value #MOST_RANGES} ranges, and one
 * that makes no sense: who asks for a range does not want ten gigabytes because of a typing error.
 */
final class RangeHeader {

    /** Each range of an answer with several costs a header and a read of its own. */
    static final int MOST_RANGES = 16;

    private static final String UNIT = "bytes=";
    private static final int LONGEST = 1_000;
    private static final Pattern RANGE = Pattern.compile("(\\d*)-(\\d*)");

    private RangeHeader() {}

    /** Whether the header is about bytes; a unit that is not known has to be ignored. */
    static boolean isAboutBytes(String header) {
        return header.regionMatches(true, 0, UNIT, 0, UNIT.length());
    }

    /**
     * Reads the header.
     *
     * @param header that {@link #isAboutBytes}
     * @param size of the namespace
     * @return at least one range, each within the namespace
     */
    static List<ByteRange> parse(String header, long size) {
        if (header.length() > LONGEST) {
            throw unsatisfiable("a Range of " + header.length() + " characters is too long", size);
        }
        List<ByteRange> ranges = new ArrayList<>();
        int given = 0;
        for (String text : header.substring(UNIT.length()).split(",", -1)) {
            String trimmed = text.strip();
            if (trimmed.isEmpty()) {
                continue; // lists may have empty elements
            }
            if (++given > MOST_RANGES) {
                throw unsatisfiable("more than " + MOST_RANGES + " ranges", size);
            }
            ByteRange range = parseOne(trimmed, size);
            if (range != null) {
                ranges.add(range);
            }
        }
        if (ranges.isEmpty()) {
            throw unsatisfiable("none of the ranges reaches into the namespace", size);
        }
        return ranges;
    }

    private static @Nullable ByteRange parseOne(String text, long size) {
        Matcher matcher = RANGE.matcher(text);
        if (!matcher.matches()
                || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
            throw unsatisfiable("'" + printable(text) + "' is not a range", size);
        }
        if (matcher.group(1).isEmpty()) {
            long length = Math.min(number(matcher.group(2)), size);
            return length == 0 ? null : new ByteRange(size - length, length);
        }
        long first = number(matcher.group(1));
        long last = matcher.group(2).isEmpty() ? Long.MAX_VALUE : number(matcher.group(2));
        if (last < first) {
            throw unsatisfiable("'" + text + "' ends before it begins", size);
        }
        return first >= size ? null : new ByteRange(first, Math.min(last, size - 1) - first + 1);
    }

    /** More digits than fit are beyond the end of any namespace anyway. */
    private static long number(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private static String printable(String text) {
        return text.replaceAll("[^ -~]", "?");
    }

    private static Refusal unsatisfiable(String detail, long size) {
        return Refusal.of(HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE, detail)
                .header(HttpHeaders.CONTENT_RANGE, "bytes */" + size);
    }
}
