package io.nvmf.rdma;

import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.rdma.spi.RdmaRejectedException;
import io.nvmf.spec.CompletionQueueEntry;
import io.nvmf.transport.Handover;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
import java.net.ProtocolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** One attempt of a host to connect: what it asks for, and what it makes of the answer. */
final class RdmaConnect {

    private static final Logger LOG = LoggerFactory.getLogger(RdmaConnect.class);

    /** HRQSIZE has 16 bits. */
    private static final int MOST_RESPONSES = 0xFFFF;

    private final RdmaProvider provider;
    private final HostQueuePairParameters parameters;
    private final Handover<HostQueuePair> handover;

    private RdmaConnect(RdmaProvider provider, HostQueuePairParameters parameters, Handover<HostQueuePair> handover) {
        this.provider = provider;
        this.parameters = parameters;
        this.handover = handover;
    }

    /** Connects. Cold. */
    static Mono<HostQueuePair> over(RdmaProvider provider, HostQueuePairParameters parameters) {
        return Handover.create(
                handover -> new RdmaConnect(provider, parameters, handover).start(),
                unwanted -> unwanted.close().subscribe());
    }

    private void start() {
        int entries = parameters.queueSize();
        int responses = Math.min(entries, MOST_RESPONSES);
        CmRequest request = new CmRequest(parameters.queueId(), responses, entries - 1, parameters.controllerId());
        int reads = Math.min(
                provider.capabilities().maxReadsIn(), parameters.options().require(RdmaOptions.MAX_READS));
        RdmaLimits limits = new RdmaLimits(entries, responses, CompletionQueueEntry.LENGTH, reads, 0);
        Disposable connecting = provider.connect(new RdmaConnectRequest(
                        parameters.address(),
                        parameters.connectTimeout(),
                        request.encode(),
                        limits,
                        parameters.options()))
                .subscribe(this::connected, this::failed, null, handover.context());
        handover.onCancel(connecting::dispose);
    }

    /** On the event loop of the connection. */
    private void connected(RdmaConnection connection) {
        HostRdmaQueuePair queuePair;
        try {
            CmAccept accept = CmAccept.decode(connection.privateData());
            queuePair =
                    new HostRdmaQueuePair(connection, parameters, accept.receiveQueueSize(), provider.capabilities());
        } catch (ProtocolException e) {
            connection.abort(String.valueOf(e.getMessage()));
            handover.fail(new QueuePairTerminatedException(
                    Termination.ProtocolError.aboveTransport(Termination.Side.LOCAL, String.valueOf(e.getMessage()))));
            return;
        } catch (RuntimeException | Error e) { // without memory, for one
            connection.close().subscribe();
            handover.fail(new QueuePairTerminatedException(new Termination.IoFailure(e)));
            return;
        }
        LOG.debug(
                "[{}] queue {} is {} - {}",
                parameters.association(),
                parameters.queueId(),
                connection.localAddress(),
                connection.remoteAddress());
        connection.receiver(queuePair);
        handover.give(queuePair);
    }

    private void failed(Throwable failure) {
        handover.fail(failure instanceof RdmaRejectedException rejected ? explained(rejected) : failure);
    }

    private static RdmaRejectedException explained(RdmaRejectedException rejected) {
        RdmaRejectedException explained = new RdmaRejectedException(
                "the controller does not take the connection: " + CmReject.text(rejected.privateData()),
                rejected.privateData());
        explained.initCause(rejected);
        return explained;
    }
}
