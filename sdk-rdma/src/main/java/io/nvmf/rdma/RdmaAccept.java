package io.nvmf.rdma;

import io.netty.util.NetUtil;
import io.nvmf.rdma.spi.RdmaCapabilities;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.ConnectionGate;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import java.net.InetAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** What a controller does with a host that asks to be connected. */
final class RdmaAccept implements Consumer<RdmaIncoming> {

    private static final Logger LOG = LoggerFactory.getLogger(RdmaAccept.class);

    /** Writes and responses under way at once for each entry of the queue. */
    private static final int SENDS_PER_ENTRY = 2;

    private final RdmaCapabilities capabilities;
    private final TransportOptions options;
    private final Consumer<ControllerQueuePair> acceptor;

    RdmaAccept(RdmaCapabilities capabilities, TransportOptions options, Consumer<ControllerQueuePair> acceptor) {
        this.capabilities = capabilities;
        this.options = options;
        this.acceptor = acceptor;
    }

    @Override
    public void accept(RdmaIncoming incoming) {
        CmRequest request;
        try {
            request = CmRequest.decode(incoming.privateData(), options.require(RdmaOptions.MAX_QUEUE_SIZE));
            if (incoming.peerReadsIn() < 1) {
                throw new CmRequest.Invalid(RejectReason.INVALID_READS_IN, "the host serves no RDMA reads");
            }
        } catch (CmRequest.Invalid invalid) {
            LOG.info("{}: a connection is refused: {}", incoming.remoteAddress(), invalid.getMessage());
            incoming.reject(new CmReject(invalid.reason().code()).encode());
            return;
        }
        incoming.accept(new CmAccept(request.queueSize()).encode(), limits(request))
                .subscribe(
                        connection -> accepted(connection, request),
                        failure -> LOG.debug("{}: a connection was not made", incoming.remoteAddress(), failure));
    }

    private RdmaLimits limits(CmRequest request) {
        int reads = Math.min(capabilities.maxReadsOut(), options.require(RdmaOptions.MAX_READS));
        int inCapsule = request.queueId() == 0 ? 0 : options.require(RdmaOptions.IN_CAPSULE_DATA);
        return new RdmaLimits(
                SENDS_PER_ENTRY * request.queueSize() + reads,
                request.queueSize(),
                SubmissionQueueEntry.LENGTH + inCapsule,
                0,
                reads);
    }

    /** On the event loop of the connection. */
    private void accepted(RdmaConnection connection, CmRequest request) {
        ControllerRdmaQueuePair queuePair;
        try {
            queuePair = new ControllerRdmaQueuePair(connection, request, options, capabilities);
        } catch (RuntimeException | Error e) { // without memory, for one
            LOG.warn("{}: a connection cannot be used", connection.remoteAddress(), e);
            connection.close().subscribe();
            return;
        }
        LOG.debug("accepted {} for queue {}", connection.remoteAddress(), request.queueId());
        try {
            if (!(acceptor instanceof ConnectionGate gate) || admitted(gate, queuePair)) {
                acceptor.accept(queuePair);
            }
        } catch (RuntimeException | Error e) {
            queuePair.fail(e);
        }
        // The last, so that nothing comes before it is known who counts it; an end that was earlier is told now.
        connection.receiver(queuePair);
    }

    private static boolean admitted(ConnectionGate gate, ControllerRdmaQueuePair queuePair) {
        RdmaConnection connection = queuePair.connection();
        if (!gate.connected(queuePair, address(connection.remoteAddress()))) {
            queuePair.close().subscribe();
            return false;
        }
        queuePair
                .termination()
                .then(Mono.defer(connection::close))
                .subscribe(nothing -> {}, failure -> {}, () -> gate.disconnected(queuePair));
        return true;
    }

    private static @Nullable InetAddress address(@Nullable TransportAddress remote) {
        return remote == null ? null : NetUtil.createInetAddressFromIpAddressString(remote.host());
    }
}
