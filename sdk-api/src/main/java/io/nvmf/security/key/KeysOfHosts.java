package io.nvmf.security.key;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import reactor.core.publisher.Mono;

/** A place for each host. */
final class KeysOfHosts implements KeyProvider {

    private final Map<String, KeyProvider> hosts;

    KeysOfHosts(Map<String, KeyProvider> hosts) {
        Map<String, KeyProvider> copy = new LinkedHashMap<>(hosts);
        copy.forEach((host, provider) -> {
            Objects.requireNonNull(host, "host");
            Objects.requireNonNull(provider, "provider");
        });
        this.hosts = Collections.unmodifiableMap(copy);
    }

    @Override
    public Mono<char[]> key(KeyRequest request) {
        KeyProvider provider = hosts.get(request.hostNqn());
        return provider == null ? Mono.empty() : provider.key(request);
    }

    @Override
    public String toString() {
        return "perHost:" + hosts;
    }
}
