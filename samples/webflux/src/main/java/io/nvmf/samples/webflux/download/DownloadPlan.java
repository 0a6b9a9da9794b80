package io.nvmf.samples.webflux.download;

import io.nvmf.command.ByteRange;
import io.nvmf.samples.webflux.problem.Refusal;
import io.nvmf.samples.webflux.transfer.EntityTags;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ETag;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;

/**
 * What a download is answered with, decided before anything is read, in the order of RFC 9110, 13.2.2.
 *
 * @param status 200, 206 or 304
 * @param ranges what is sent: one or more; none for 304
 */
record DownloadPlan(HttpStatus status, List<ByteRange> ranges) {

    /**
     * Decides.
     *
     * @param method GET or HEAD; ranges are for GET alone
     * @param headers of the request
     * @param size of the namespace, at least one byte
     * @param tag of the namespace, if it has one
     * @return the plan; a {@link Refusal} with 412 or 416 is thrown
     */
    static DownloadPlan of(HttpMethod method, HttpHeaders headers, long size, Optional<String> tag) {
        List<String> ifMatch = headers.getOrEmpty(HttpHeaders.IF_MATCH);
        if (!ifMatch.isEmpty() && !EntityTags.names(ifMatch, tag, true)) {
            throw Refusal.of(HttpStatus.PRECONDITION_FAILED, "the namespace has another entity tag");
        }
        List<String> ifNoneMatch = headers.getOrEmpty(HttpHeaders.IF_NONE_MATCH);
        if (!ifNoneMatch.isEmpty() && EntityTags.names(ifNoneMatch, tag, false)) {
            return new DownloadPlan(HttpStatus.NOT_MODIFIED, List.of());
        }
        String range = headers.getFirst(HttpHeaders.RANGE);
        if (range == null
                || !HttpMethod.GET.equals(method)
                || !RangeHeader.isAboutBytes(range)
                || !isSame(headers.getFirst(HttpHeaders.IF_RANGE), tag)) {
            return new DownloadPlan(HttpStatus.OK, List.of(new ByteRange(0, size)));
        }
        return new DownloadPlan(HttpStatus.PARTIAL_CONTENT, RangeHeader.parse(range, size));
    }

    /** A date never is the same, because a namespace has none. */
    private static boolean isSame(@Nullable String ifRange, Optional<String> tag) {
        if (ifRange == null) {
            return true;
        }
        List<ETag> asked = ETag.parse(ifRange);
        return asked.size() == 1
                && !asked.get(0).isWildcard()
                && tag.map(current -> ETag.create(current).compare(asked.get(0), true))
                        .orElse(false);
    }

    /** {@return how many bytes of the namespace that are} */
    long bytes() {
        return ranges.stream().mapToLong(ByteRange::length).sum();
    }
}
