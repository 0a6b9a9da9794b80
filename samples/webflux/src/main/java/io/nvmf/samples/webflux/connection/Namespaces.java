package io.nvmf.samples.webflux.connection;

import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.samples.webflux.problem.Refusal;
import io.nvmf.spring.NvmeConnection;
import java.util.regex.Pattern;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The namespaces of the subsystem, by the number that a path has. */
public final class Namespaces {

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");
    private static final long LARGEST = 0xFFFF_FFFEL;

    private final NvmeConnection connection;
    private final AssociationStatus status;

    /**
     * Creates it.
     *
     * @param connection where the namespaces are
     * @param status that says whether it is worth while to ask
     */
    public Namespaces(NvmeConnection connection, AssociationStatus status) {
        this.connection = connection;
        this.status = status;
    }

    /**
     * Opens a namespace.
     *
     * @param nsid a number, as a client has written it
     * @return the namespace; a {@link Refusal} with 400 for what is no number, 404 for a number that none can have, 503
     *     without an association, or what the controller says
     */
    public Mono<NvmeNamespace> open(String nsid) {
        return Mono.defer(() -> {
            int number = parse(nsid);
            status.requireHope();
            return connection.namespace(number);
        });
    }

    /** {@return all that can be used, by number} */
    public Flux<NvmeNamespace> all() {
        return Flux.defer(() -> {
            status.requireHope();
            return connection.controller().flatMapMany(NvmeController::namespaces);
        });
    }

    private static int parse(String nsid) {
        if (!NUMBER.matcher(nsid).matches()) {
            throw Refusal.of(HttpStatus.BAD_REQUEST, "a namespace has a number from 1 to " + LARGEST);
        }
        long number = Long.parseLong(nsid);
        if (number == 0 || number > LARGEST) {
            throw Refusal.of(HttpStatus.NOT_FOUND, "namespaces have numbers from 1 to " + LARGEST);
        }
        return (int) number;
    }
}
