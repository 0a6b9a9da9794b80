package io.nvmf.security;

import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyRequest;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/** A key that the caller has made, whoever asks. */
final class FixedKey implements KeyProvider {

    private final Supplier<char[]> text;
    private final String description;

    private FixedKey(Supplier<char[]> text, String description) {
        this.text = text;
        this.description = description;
    }

    static KeyProvider of(DhChapSecret secret) {
        return new FixedKey(secret::format, secret.toString());
    }

    static KeyProvider of(ConfiguredPsk key) {
        return new FixedKey(key::toInterchangeFormat, key.toString());
    }

    @Override
    public Mono<char[]> key(KeyRequest request) {
        return Mono.fromSupplier(text);
    }

    /** What it is, and nothing of it. */
    @Override
    public String toString() {
        return description;
    }
}
