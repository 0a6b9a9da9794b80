package io.nvmf.rdma.iwarp;

import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.nvmf.rdma.spi.RdmaCapabilities;
import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.spec.Require;
import io.nvmf.transport.SharedAllocator;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.support.ScopedAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/**
 * iWARP in software over TCP, with no device and no privilege. Speaks with itself, with Linux' siw and with network cards
 * that speak iWARP. Options are in {@link IwarpOptions}. Thread safe.
 *
 * <p>As an iWARP stack of the kernel, it neither encrypts nor authenticates. A peer reaches only the windows of its own
 * connection. Markers are neither asked for nor sent; a peer that wants them is rejected.
 */
public final class IwarpProvider implements RdmaProvider {

    private static final RdmaCapabilities CAPABILITIES =
            new RdmaCapabilities(MpaFrame.MOST_PRIVATE, IwarpOptions.MAX_READS, IwarpOptions.MAX_READS, true, true);

    /**
     * Bytes waiting for the socket that stop, and resume, the making of FPDUs: enough for a socket buffer, little enough
     * that a message need not wait long behind data.
     */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(256 * 1024, 1024 * 1024);

    /** Creates the provider. */
    public IwarpProvider() {
        KeySource.prepare();
    }

    @Override
    public String name() {
        return "iwarp";
    }

    @Override
    public RdmaCapabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public List<TransportOption<?>> options() {
        return IwarpOptions.all();
    }

    @Override
    public Mono<RdmaConnection> connect(RdmaConnectRequest request) {
        return Mono.defer(() -> {
            Require.range("private data", request.privateData().remaining(), 0, CAPABILITIES.maxPrivateData());
            Require.range("readsIn", request.limits().readsIn(), 0, CAPABILITIES.maxReadsIn());
            Require.range("readsOut", request.limits().readsOut(), 0, CAPABILITIES.maxReadsOut());
            TcpClient client = TcpClient.create(ConnectionProvider.newConnection())
                    .host(request.address().host())
                    .port(request.address().port())
                    .runOn(loops(request.options()))
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(
                            Integer.MAX_VALUE, Math.max(1, request.timeout().toMillis())))
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.AUTO_READ, false)
                    .option(ChannelOption.ALLOCATOR, SharedAllocator.INSTANCE)
                    .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
            InetSocketAddress scoped = scoped(request.address());
            return IwarpConnect.over(scoped == null ? client : client.remoteAddress(() -> scoped), request);
        });
    }

    @Override
    public Mono<RdmaListener> listen(
            TransportAddress address, TransportOptions options, Consumer<RdmaIncoming> acceptor) {
        return Mono.defer(() -> {
            InetSocketAddress scoped = scoped(address);
            IwarpListener listener = new IwarpListener(options, acceptor, scoped == null ? null : address.host());
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
                    .doOnConnection(listener::connected)
                    .bind()
                    .map(listener::bound);
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

    private static LoopResources loops(TransportOptions options) {
        LoopResources given = options.get(IwarpOptions.LOOP_RESOURCES);
        return given == null ? EventLoops.shared() : given;
    }
}
