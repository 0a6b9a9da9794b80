package io.nvmf.spring.endpoint;

import io.nvmf.spring.NvmeConnections;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The endpoint {@code nvmf}: all connections, with their controllers and namespaces. It makes no connection. */
@Endpoint(id = "nvmf")
public final class NvmeEndpoint {

    /** How long it takes to ask controllers for their namespaces, at most. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final NvmeConnections connections;
    private final ConnectionDescription description;

    /**
     * The endpoint.
     *
     * @param connections what it tells of
     */
    public NvmeEndpoint(NvmeConnections connections) {
        this(connections, LIMIT);
    }

    NvmeEndpoint(NvmeConnections connections, Duration limit) {
        this.connections = connections;
        this.description = new ConnectionDescription(limit);
    }

    /**
     * Tells of all connections. Cold; costs a few commands for each live controller, and none for others.
     *
     * @return under {@code connections}, what there is to say of each, by its name; within 5 s, never an error
     */
    @ReadOperation
    public Mono<Map<String, Object>> connections() {
        return Flux.defer(() -> Flux.fromIterable(connections.all().entrySet()))
                .flatMapSequential(
                        named -> description
                                .of(named.getValue())
                                .map(description -> Map.entry(named.getKey(), description)),
                        Integer.MAX_VALUE)
                .collectMap(Map.Entry::getKey, Map.Entry::getValue, LinkedHashMap::new)
                .map(all -> Map.of("connections", all));
    }
}
