package io.nvmf.security;

import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyRequest;
import java.util.Arrays;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** Makes keys of the text that providers have, and leaves none of it. */
final class KeyText {

    private KeyText() {}

    static <K> Mono<K> read(KeyProvider provider, KeyRequest request, Function<char[], K> parse) {
        return Mono.defer(() -> provider.key(request))
                .map(text -> {
                    try {
                        return parse.apply(text);
                    } catch (IllegalArgumentException e) {
                        throw new IllegalArgumentException(provider + ": " + e.getMessage(), e);
                    } finally {
                        wipe(text);
                    }
                })
                .doOnDiscard(char[].class, KeyText::wipe);
    }

    private static void wipe(char[] text) {
        Arrays.fill(text, '\0');
    }
}
