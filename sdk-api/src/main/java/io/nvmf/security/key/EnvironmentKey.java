package io.nvmf.security.key;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Text in a variable of the environment. */
final class EnvironmentKey implements KeyProvider {

    private final String name;
    private final Function<String, @Nullable String> environment;

    EnvironmentKey(String name, Function<String, @Nullable String> environment) {
        if (name.isEmpty() || name.chars().anyMatch(character -> "=:\0".indexOf(character) >= 0)) {
            // without it, as it may be the key itself, where somebody has read the variable already
            throw new IllegalArgumentException("that is no name of a variable of the environment");
        }
        this.name = name;
        this.environment = environment;
    }

    @Override
    public Mono<char[]> key(KeyRequest request) {
        return Mono.fromSupplier(() -> {
            String value = environment.apply(name);
            if (value == null || value.isEmpty()) {
                throw new IllegalStateException("the environment has no variable " + name + ", or it is empty");
            }
            return value.toCharArray();
        });
    }

    @Override
    public String toString() {
        return "env:" + name;
    }
}
