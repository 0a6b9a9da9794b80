package io.nvmf.tcp;

import io.netty.channel.Channel;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.DataAccount;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.support.SocketAddresses;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The queue pair of a controller: one connection, and the controller's side of the protocol on it. */
final class ControllerTcpQueuePair extends TcpQueuePair implements ControllerQueuePair {

    private final @Nullable TransportAddress localAddress;
    private final @Nullable TransportAddress remoteAddress;
    private final TcpConnection<ControllerProtocol> connection;

    /**
     * Creates a queue pair that begins with {@link TcpConnection#start}, when its connection is in the pipeline.
     *
     * @param channel connected
     * @param options of the transport
     * @param acceptor gets the queue pair when ICReq and ICResp have been exchanged
     */
    ControllerTcpQueuePair(Channel channel, TransportOptions options, Consumer<ControllerQueuePair> acceptor) {
        this.localAddress = SocketAddresses.of(channel.localAddress());
        this.remoteAddress = SocketAddresses.of(channel.remoteAddress());
        this.connection = new TcpConnection<>(
                true, channel, options, of -> new ControllerProtocol(of, () -> acceptor.accept(this)));
    }

    @Override
    TcpConnection<ControllerProtocol> connection() {
        return connection;
    }

    @Override
    public boolean admin() {
        return connection.protocol().admin();
    }

    @Override
    public @Nullable TransportAddress localAddress() {
        return localAddress;
    }

    @Override
    public @Nullable TransportAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public Flux<ReceivedCommand> commands() {
        return connection.protocol().commands();
    }

    @Override
    public void configure(ControllerQueuePairParameters agreed) {
        connection.protocol().configure(agreed);
    }

    @Override
    public Mono<Void> transmit(ResponseCapsule response) {
        return connection.protocol().unsent().transmit(response);
    }

    @Override
    public void submit(ResponseCapsule response) {
        connection.protocol().unsent().submit(response);
    }

    @Override
    public boolean account(DataAccount told) {
        connection.protocol().account(told);
        return true;
    }

    @Override
    public Mono<Void> writable() {
        return connection.protocol().writable();
    }
}
