package io.nvmf.security.key;

import java.nio.file.Path;
import java.util.Objects;
import reactor.core.publisher.Mono;

/** Text in a file. */
final class FileKey implements KeyProvider {

    private final Path path;

    FileKey(Path path) {
        this.path = Objects.requireNonNull(path, "path");
    }

    @Override
    public Mono<char[]> key(KeyRequest request) {
        return KeyProviders.elsewhere(() -> KeyFile.text(path), () -> {});
    }

    @Override
    public String toString() {
        return "file:" + path;
    }
}
