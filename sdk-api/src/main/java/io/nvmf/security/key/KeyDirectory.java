package io.nvmf.security.key;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Files named by hosts. */
final class KeyDirectory implements KeyProvider {

    /** A name without a separator in any file system, which is neither this directory nor the one above. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9:_-][A-Za-z0-9.:_-]{0,222}");

    private final Path directory;

    KeyDirectory(Path directory) {
        this.directory = Objects.requireNonNull(directory, "path");
    }

    @Override
    public Mono<char[]> key(KeyRequest request) {
        if (!NAME.matcher(request.hostNqn()).matches()) {
            return Mono.empty();
        }
        return KeyProviders.elsewhere(() -> read(request.hostNqn()), () -> {});
    }

    private char @Nullable [] read(String name) throws IOException {
        KeyFile.requireDirectory(directory);
        try {
            return KeyFile.text(directory.resolve(name));
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public String toString() {
        return "directory:" + directory;
    }
}
