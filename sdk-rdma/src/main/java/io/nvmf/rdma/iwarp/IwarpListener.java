package io.nvmf.rdma.iwarp;

import io.netty.channel.Channel;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
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

    private volatile @Nullable DisposableServer server;
    private volatile boolean closed;

    IwarpListener(TransportOptions options, Consumer<? super RdmaIncoming> acceptor) {
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
        return Objects.requireNonNull(SocketAddresses.of(server().address()), "a bound server has an address");
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
