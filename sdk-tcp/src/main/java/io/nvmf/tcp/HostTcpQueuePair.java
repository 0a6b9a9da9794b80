package io.nvmf.tcp;

import io.netty.channel.Channel;
import io.nvmf.tcp.pdu.ConnectionParameters;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.support.ScopedAddress;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The queue pair of a host: one connection, and the host's side of the protocol on it. */
final class HostTcpQueuePair extends TcpQueuePair implements HostQueuePair {

    private final HostQueuePairParameters parameters;
    private final Optional<TransportAddress> remoteAddress;
    private final TcpConnection<HostProtocol> connection;

    /**
     * Creates a queue pair that begins with {@link TcpConnection#start}, when its connection is in the pipeline.
     *
     * @param channel connected
     * @param parameters of the queue pair
     * @param whenInitialized called when ICReq and ICResp have been exchanged
     */
    HostTcpQueuePair(Channel channel, HostQueuePairParameters parameters, Runnable whenInitialized) {
        this.parameters = parameters;
        this.remoteAddress = remoteAddress(channel);
        this.connection = new TcpConnection<>(
                false, channel, parameters.options(), of -> new HostProtocol(of, parameters, whenInitialized));
    }

    @Override
    TcpConnection<HostProtocol> connection() {
        return connection;
    }

    /** As long as the connection lives, for afterwards nobody knows any more. */
    private static Optional<TransportAddress> remoteAddress(Channel channel) {
        return Optional.ofNullable(ScopedAddress.reached(channel.remoteAddress(), channel.localAddress()));
    }

    @Override
    public Optional<TransportAddress> remoteAddress() {
        return remoteAddress;
    }

    @Override
    public String agreement() {
        ConnectionParameters agreed = connection.agreed();
        return agreed == null
                ? ""
                : "header digest " + (agreed.headerDigest() ? "on" : "off") + ", data digest "
                        + (agreed.dataDigest() ? "on" : "off") + ", MAXH2CDATA " + agreed.maxH2CData() + " bytes"
                        + (tlsIdentity() == null ? "" : ", TLS 1.3");
    }

    @Override
    public boolean admin() {
        return parameters.admin();
    }

    @Override
    public long maxTransferSize() {
        return UNLIMITED;
    }

    @Override
    public Flux<ResponseCapsule> responses() {
        return connection.protocol().responses();
    }

    @Override
    public Mono<Void> transmit(CommandCapsule capsule) {
        return connection.protocol().unsent().transmit(capsule);
    }

    @Override
    public void submit(CommandCapsule capsule) {
        connection.protocol().unsent().submit(capsule);
    }

    @Override
    public boolean withdraw(CommandCapsule capsule) {
        return connection.protocol().unsent().withdraw(capsule);
    }

    @Override
    public boolean discardData(CommandCapsule capsule) {
        connection.protocol().discardData(capsule);
        return true;
    }
}
