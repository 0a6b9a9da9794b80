package io.nvmf.testing;

import io.nvmf.spec.TransportType;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportProvider;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/** A transport that is another but for what a test does to its connections. */
public interface DelegatingTransport extends TransportProvider {

    /** The other. */
    TransportProvider inner();

    @Override
    default TransportType transportType() {
        return inner().transportType();
    }

    @Override
    default Mono<TransportListener> listen(
            TransportAddress address, TransportOptions options, Consumer<ControllerQueuePair> acceptor) {
        return inner().listen(address, options, acceptor);
    }
}
