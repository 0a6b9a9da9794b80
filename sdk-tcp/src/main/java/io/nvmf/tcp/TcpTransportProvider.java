package io.nvmf.tcp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.nvmf.security.TlsPsk;
import io.nvmf.spec.TransportType;
import io.nvmf.tcp.tls.TlsFront;
import io.nvmf.tcp.tls.TlsListener;
import io.nvmf.transport.ConnectionGate;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.EventLoopWatch;
import io.nvmf.transport.Handover;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.SharedAllocator;
import io.nvmf.transport.TlsListening;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportProvider;
import io.nvmf.transport.support.ScopedAddress;
import io.nvmf.transport.support.SocketAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/**
 * NVMe/TCP (NVMe/TCP Transport Specification 1.1) for host and controller, found by
 * {@link io.nvmf.transport.TransportRegistry#load()}. Options are in {@link TcpOptions}.
 *
 * <p>Reactor Netty connects and listens. Connections are spread over the event loops in turn. Thread safe.
 */
public final class TcpTransportProvider implements TransportProvider {

    private static final Logger LOG = LoggerFactory.getLogger(TcpTransportProvider.class);

    /**
     * Bytes waiting for the socket that stop, and resume, conversion of capsules: enough for a socket buffer, little
     * enough that capsules can still be taken back.
     */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(256 * 1024, 1024 * 1024);

    /** Creates the provider. */
    public TcpTransportProvider() {}

    @Override
    public TransportType transportType() {
        return TransportType.TCP;
    }

    @Override
    public List<TransportOption<?>> options() {
        return TcpOptions.all();
    }

    /**
     * {@inheritDoc}
     *
     * <p>The addresses of a host name are tried one after the other until one takes the connection. The connect timeout
     * bounds each step on its own: resolving the name, connecting to each of its addresses, and waiting for the ICResp.
     * Fails with {@link io.nvmf.transport.QueuePairTerminatedException} when the handshake fails.
     */
    @Override
    public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
        return connecting(parameters, List.of());
    }

    /**
     * {@inheritDoc}
     *
     * <p>TLS follows the TCP connection and comes before the ICReq, and the connect timeout bounds this step on its own,
     * too. It fails with {@link io.nvmf.transport.QueuePairTerminatedException}: the controller has none of the keys, or
     * no TLS, or it does not answer in time. Needs BouncyCastle, {@code org.bouncycastle:bctls-jdk18on} and
     * {@code org.bouncycastle:bcprov-jdk18on}; without it, nothing is connected to.
     *
     * @throws IllegalArgumentException if there are no keys
     */
    @Override
    public Mono<HostQueuePair> connect(HostQueuePairParameters parameters, List<TlsPsk> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("TLS needs at least one key");
        }
        List<TlsPsk> offered = List.copyOf(keys);
        return Mono.defer(() -> {
            TlsSupport.require();
            return connecting(parameters, offered);
        });
    }

    private static Mono<HostQueuePair> connecting(HostQueuePairParameters parameters, List<TlsPsk> keys) {
        return Mono.defer(() -> {
            TransportOptions options = parameters.options();
            TcpOptions.validate(options);
            JvmAdvice.logOnce();
            TcpClient client = TcpClient.create(ConnectionProvider.newConnection())
                    .host(parameters.address().host())
                    .port(parameters.address().port())
                    .runOn(loops(options))
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(
                            Integer.MAX_VALUE,
                            Math.max(1, parameters.connectTimeout().toMillis())))
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.AUTO_READ, false)
                    .option(ChannelOption.ALLOCATOR, SharedAllocator.INSTANCE)
                    .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
            InetSocketAddress scoped = scoped(parameters.address());
            return TcpConnect.over(scoped == null ? client : client.remoteAddress(() -> scoped), parameters, keys);
        });
    }

    @Override
    public Mono<TransportListener> listen(
            TransportAddress address, TransportOptions options, Consumer<ControllerQueuePair> acceptor) {
        return listening(address, options, null, acceptor);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The first byte of a connection says whether it begins with TLS. Until the key of a host has been chosen, nothing
     * is computed for it and little is held; {@link TcpOptions#INITIALIZATION_TIMEOUT} runs from the beginning, and is
     * for TLS and the ICReq together. Needs BouncyCastle, {@code org.bouncycastle:bctls-jdk18on} and
     * {@code org.bouncycastle:bcprov-jdk18on}; without it, nobody listens.
     */
    @Override
    public Mono<TransportListener> listen(
            TransportAddress address,
            TransportOptions options,
            TlsListening tls,
            Consumer<ControllerQueuePair> acceptor) {
        Mono<TransportListener> listening = listening(address, options, tls, acceptor);
        return Mono.defer(() -> {
            TlsSupport.require();
            return TlsSupport.isReady()
                    ? listening
                    : Handover.of(
                            TlsSupport.prepare().then(listening),
                            unwanted -> unwanted.close().subscribe());
        });
    }

    private static Mono<TransportListener> listening(
            TransportAddress address,
            TransportOptions options,
            @Nullable TlsListening tls,
            Consumer<ControllerQueuePair> acceptor) {
        return Mono.defer(() -> {
            TcpOptions.validate(options);
            JvmAdvice.logOnce();
            InetSocketAddress scoped = scoped(address);
            TcpServer server = TcpServer.create();
            return (scoped == null
                            ? server.host(address.host()).port(address.port())
                            : server.bindAddress(() -> scoped))
                    .runOn(loops(options))
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childOption(ChannelOption.SO_KEEPALIVE, true)
                    .childOption(ChannelOption.AUTO_READ, false)
                    .childOption(ChannelOption.ALLOCATOR, SharedAllocator.INSTANCE)
                    .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                    .doOnConnection(connection -> accept(connection, options, tls, acceptor))
                    .bind()
                    .map(bound -> new Listener(bound, scoped == null ? null : address.host()));
        });
    }

    private static void accept(
            Connection connection,
            TransportOptions options,
            @Nullable TlsListening tls,
            Consumer<ControllerQueuePair> acceptor) {
        Channel channel = connection.channel();
        LOG.debug("accepted {}", channel);
        ControllerTcpQueuePair queuePair = new ControllerTcpQueuePair(channel, options, acceptor);
        Duration limit = options.require(TcpOptions.INITIALIZATION_TIMEOUT);
        TlsFront front = tls == null ? null : front(queuePair, tls, limit);
        if (front != null) {
            connection.addHandlerLast("nvme-tls-front", front);
        }
        Capturing.install(connection, queuePair, options, false);
        connection.addHandlerLast("nvme-tcp", queuePair.connection());
        if (acceptor instanceof ConnectionGate gate) {
            if (!gate.connected(queuePair, remote(channel))) {
                channel.close();
                return;
            }
            channel.closeFuture().addListener(closed -> gate.disconnected(queuePair));
        }
        EventLoopWatch.over(queuePair, queuePair.connection()::loopEnded);
        if (front != null) {
            EventLoopWatch.over(queuePair, front::loopEnded);
        }
        queuePair.connection().start(limit);
    }

    private static TlsFront front(ControllerTcpQueuePair queuePair, TlsListening tls, Duration limit) {
        return new TlsFront(tls.required(), tls.keys(), limit, new TlsListener() {
            @Override
            public void secured(String identity) {
                queuePair.secured(identity);
            }

            @Override
            public void failed(Throwable failure) {
                LOG.debug("no TLS with {}: {}", queuePair.remoteAddress(), failure.toString());
                queuePair.connection().failed(failure);
            }
        });
    }

    /** Null for an address without a scope; what this throws Reactor hands on as its cause. */
    private static @Nullable InetSocketAddress scoped(TransportAddress address) {
        try {
            return ScopedAddress.of(address);
        } catch (UnknownHostException e) {
            throw Exceptions.propagate(e);
        }
    }

    private static @Nullable InetAddress remote(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress socket ? socket.getAddress() : null;
    }

    private static LoopResources loops(TransportOptions options) {
        LoopResources given = options.get(TcpOptions.LOOP_RESOURCES);
        if (given != null) {
            return given;
        }
        return options.require(TcpOptions.BUSY_POLL).isZero() ? EventLoops.shared() : BusyPollingLoops.shared();
    }

    /** The bound server. */
    private static final class Listener implements TransportListener {

        private final DisposableServer server;

        /** As it was given, null if it has no scope; who connects on this machine needs that. */
        private final @Nullable String scopedHost;

        Listener(DisposableServer server, @Nullable String scopedHost) {
            this.server = server;
            this.scopedHost = scopedHost;
        }

        @Override
        public TransportAddress address() {
            TransportAddress address =
                    Objects.requireNonNull(SocketAddresses.of(server.address()), "a bound server has an address");
            return scopedHost == null ? address : new TransportAddress(scopedHost, address.service());
        }

        @Override
        public Mono<Void> close() {
            return Mono.defer(() -> {
                server.dispose();
                return server.onDispose();
            });
        }
    }
}
