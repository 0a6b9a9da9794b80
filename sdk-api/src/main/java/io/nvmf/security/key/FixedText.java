package io.nvmf.security.key;

import reactor.core.publisher.Mono;

/** Text that was given to the program. */
final class FixedText implements KeyProvider {

    private final char[] text;

    FixedText(char[] text) {
        this.text = text.clone();
    }

    @Override
    public Mono<char[]> key(KeyRequest request) {
        return Mono.fromSupplier(text::clone);
    }

    @Override
    public String toString() {
        return "text";
    }
}
