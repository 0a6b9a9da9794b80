package io.nvmf.rdma.iwarp;

import io.netty.channel.Channel;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.support.SocketAddresses;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;

/** Where peers connect to. It knows those that have no answer yet. Thread safe. */
final class IwarpListener implements RdmaListener {

    private final TransportOptions options;
    private final Consumer<? super RdmaIncoming> acceptor;
    private final Set<MpaResponder> starting = ConcurrentHashMap.newKeySet();

    /** As it was given, null if it has no scope; who connects on this machine needs that. */
    private final @Nullable String scopedHost;

    private volatile @Nullable DisposableServer server;
    private volatile boolean closed;

    IwarpListener(TransportOptions options, Consumer<? super RdmaIncoming> acceptor, @Nullable String scopedHost) {
        this.scopedHost = scopedHost;
        this.options = options;
        this.acceptor = acceptor;
    }

    /** It listens now. */
    IwarpListener bound(DisposableServer listening) {
        server = listening;
        return this;
    }

    /** A peer is there; on its event loop. */
    void connected(Connection connection) {
        Channel channel = connection.channel();
        MpaResponder responder = new MpaResponder(channel, options, acceptor);
        starting.add(responder);
        channel.closeFuture().addListener(gone -> starting.remove(responder));
        connection.addHandlerLast("iwarp", responder);
        responder.start();
        if (closed) {
            responder.abandon();
        }
    }

    private DisposableServer server() {
        return Objects.requireNonNull(server, "a listener is handed out when it is bound");
    }

    @Override
    public TransportAddress address() {
        TransportAddress address =
                Objects.requireNonNull(SocketAddresses.of(server().address()), "a bound server has an address");
        return scopedHost == null ? address : new TransportAddress(scopedHost, address.service());
    }

    @Override
    public Mono<Void> close() {
        return Mono.defer(() -> {
            closed = true;
            server().dispose();
            starting.forEach(MpaResponder::abandon);
            return server().onDispose();
        });
    }
}
