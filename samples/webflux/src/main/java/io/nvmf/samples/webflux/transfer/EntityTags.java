package io.nvmf.samples.webflux.transfer;

import java.util.List;
import java.util.Optional;
import org.springframework.http.ETag;

/** Comparisons of entity tags with the lists of {@code If-Match} and {@code If-None-Match} (RFC 9110, 8.8.3 and 13.1). */
public final class EntityTags {

    private EntityTags() {}

    /**
     * Whether a list names the tag that something has.
     *
     * @param header list of tags, or {@code *}, which is anything that exists
     * @param current the tag, with its quotes; empty for something that exists and has none
     * @param strong whether weak tags are never equal
     * @return true if it does
     */
    public static boolean names(List<String> header, Optional<String> current, boolean strong) {
        return header.stream()
                .flatMap(line -> ETag.parse(line).stream())
                .anyMatch(tag -> tag.isWildcard()
                        || current.map(text -> ETag.create(text).compare(tag, strong))
                                .orElse(false));
    }
}
