package io.nvmf.security.key;

import reactor.core.publisher.Mono;

/**
 * Says where keys come from: a file, a vault, a service. Called on any thread, by several at a time.
 * {@link KeyProviders} has the usual places.
 *
 * <p>Errors and {@link io.nvmf.security.Security#toString} name the place by its {@code toString}. A provider of one's own
 * says there where it looks, and nothing secret; a record shows all of its components unless it says otherwise.
 */
@FunctionalInterface
public interface KeyProvider {

    /**
     * Gets a key. Cold: each subscription looks anew, so that a key that was replaced is used from then on. What blocks
     * belongs on a scheduler that may, such as {@code Schedulers.boundedElastic()}.
     *
     * @param request which one
     * @return its text in the form that goes with its use, in an array that belongs to the subscriber, who overwrites
     *     it; empty if there is none, which refuses whoever needed it. An error is logged and told with its message, so
     *     that has nothing secret
     */
    Mono<char[]> key(KeyRequest request);
}
