package io.nvmf.samples.webflux.upload;

import io.nvmf.samples.webflux.problem.Refusal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

/**
 * Where a body goes and how long it is, known before its first byte.
 *
 * @param offset of the first byte in the namespace
 * @param length bytes
 */
record UploadPlan(long offset, long length) {

    private static final Pattern OFFSET = Pattern.compile("[0-9]{1,18}");
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/(\\*|[0-9]{1,18})");

    /**
     * Reads what the request says.
     *
     * @param headers of the request
     * @param offsetParameter the query parameter, if there is one
     * @param size of the namespace
     * @param limit largest body
     * @return the plan
     * @throws Refusal with 400, 411, 413 or 415 if there is none
     */
    static UploadPlan of(HttpHeaders headers, @Nullable String offsetParameter, long size, long limit) {
        requirePlainBytes(headers);
        long length = headers.getContentLength();
        if (length < 0) {
            throw Refusal.of(HttpStatus.LENGTH_REQUIRED, "an upload needs a Content-Length");
        }
        if (length > limit) {
            throw Refusal.of(HttpStatus.valueOf(413), length + " bytes are more than the limit of " + limit);
        }
        long offset = offset(headers.getFirst(HttpHeaders.CONTENT_RANGE), offsetParameter, length);
        if (offset > size - length) {
            throw Refusal.of(
                    HttpStatus.valueOf(413),
                    length + " bytes from offset " + offset + " do not fit into a namespace of " + size);
        }
        return new UploadPlan(offset, length);
    }

    private static void requirePlainBytes(HttpHeaders headers) {
        String encoding = headers.getFirst(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw Refusal.of(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                    "a body with a Content-Encoding would be stored as it is encoded");
        }
        MediaType type = headers.getContentType();
        if (type != null && type.getType().equals("multipart")) {
            throw Refusal.of(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE, "a form would be stored as it is; send the bytes as the body");
        }
    }

    private static long offset(@Nullable String contentRange, @Nullable String parameter, long length) {
        if (parameter != null && !OFFSET.matcher(parameter).matches()) {
            throw Refusal.of(HttpStatus.BAD_REQUEST, "offset has to be a number of bytes, 0 or more");
        }
        if (contentRange == null) {
            return parameter == null ? 0 : Long.parseLong(parameter);
        }
        Matcher matcher = CONTENT_RANGE.matcher(contentRange);
        if (!matcher.matches()) {
            throw Refusal.of(HttpStatus.BAD_REQUEST, "Content-Range has to be like 'bytes 0-4095/*'");
        }
        long first = Long.parseLong(matcher.group(1));
        if (Long.parseLong(matcher.group(2)) - first + 1 != length) {
            throw Refusal.of(HttpStatus.BAD_REQUEST, "Content-Range and Content-Length disagree");
        }
        if (parameter != null && Long.parseLong(parameter) != first) {
            throw Refusal.of(HttpStatus.BAD_REQUEST, "Content-Range and offset disagree");
        }
        return first;
    }
}
