package io.nvmf.rdma.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.testing.TrackingAllocator;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import reactor.core.publisher.Mono;

/**
 * Connections of a provider under test, and whether all is well after the test: everything is closed, all memory must
 * have been given back, and no call-back may have broken the contract.
 */
abstract class RdmaKitFixture implements RdmaKit {

    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final List<RdmaEndpoint> endpoints = new CopyOnWriteArrayList<>();
    private final List<RdmaListener> listeners = new CopyOnWriteArrayList<>();
    private final TrackingAllocator allocator = new TrackingAllocator();
    private RdmaKitMemory memory;
    private RdmaProvider provider;

    /**
     * The provider under test; called before each test.
     *
     * @param buffers allocates what the provider needs, where it can be told to; must be empty after each test
     */
    protected abstract RdmaProvider newProvider(ByteBufAllocator buffers);

    /** Where to listen, with port 0. */
    protected abstract TransportAddress listenAddress();

    /**
     * Breaks a connection as a network does that fails; both ends have to notice. Only tests whose names begin with
     * {@code aCut} do that.
     */
    protected abstract void cut(RdmaConnection connection);

    /** Options of who connects. */
    protected TransportOptions connectOptions() {
        return TransportOptions.none();
    }

    /** Options of who listens. */
    protected TransportOptions listenOptions() {
        return TransportOptions.none();
    }

    /**
     * Whether the event loops are the test's own, so that it may shut them down: others than those of any other test,
     * and different ones at both ends.
     */
    protected boolean ownsEventLoops() {
        return false;
    }

    @BeforeEach
    final void prepare() {
        memory = new RdmaKitMemory();
        provider = newProvider(allocator);
    }

    @AfterEach
    final void everythingIsGivenBackAndNothingWasBroken() {
        endpoints.forEach(end -> end.connection().close().block(PATIENCE));
        listeners.forEach(listener -> listener.close().block(PATIENCE));
        endpoints.forEach(RdmaEndpoint::releaseKept);
        memory.release();
        allocator.assertNoLiveBuffers();
        assertThat(violations).isEmpty();
    }

    @Override
    public final RdmaProvider provider() {
        return provider;
    }

    @Override
    public final RdmaKitMemory memory() {
        return memory;
    }

    @Override
    public final TransportAddress address() {
        return listenAddress();
    }

    @Override
    public final ByteBufAllocator allocator(RdmaConnection connection) {
        return provider.capabilities().anyMemory() ? allocator : connection.allocator();
    }

    @Override
    public final RdmaListener listen(Consumer<RdmaIncoming> acceptor) {
        RdmaListener listener = RdmaKit.get(provider.listen(listenAddress(), listenOptions(), acceptor));
        listeners.add(listener);
        return listener;
    }

    @Override
    public final Mono<RdmaListener> listening(TransportAddress at) {
        return provider.listen(at, listenOptions(), incoming -> {});
    }

    @Override
    public final RdmaConnectRequest request(
            TransportAddress to, Duration timeout, ByteBuffer privateData, RdmaLimits limits) {
        return new RdmaConnectRequest(to, timeout, privateData, limits, connectOptions());
    }

    @Override
    public final RdmaEndpoint endpoint(RdmaConnection connection) {
        RdmaEndpoint endpoint = new RdmaEndpoint(connection, violations);
        endpoints.add(endpoint);
        return endpoint;
    }

    /** A pair of another provider than that of the test. */
    final RdmaPair openOver(RdmaProvider other) {
        provider = other;
        return open();
    }

    @Override
    public final RdmaPair open(RdmaLimits ofConnector, RdmaLimits ofAcceptor) {
        CompletableFuture<RdmaEndpoint> accepted = new CompletableFuture<>();
        RdmaListener listener = listen(incoming -> incoming.accept(NOTHING, ofAcceptor)
                .subscribe(connection -> accepted.complete(endpoint(connection)), accepted::completeExceptionally));
        RdmaEndpoint connector = endpoint(
                        RdmaKit.get(provider.connect(request(listener.address(), PATIENCE, NOTHING, ofConnector))))
                .listen();
        RdmaEndpoint acceptor = RdmaKit.get(Mono.fromFuture(accepted)).listen();
        exchange(connector, acceptor);
        connector.completed().clear();
        return new RdmaPair(connector, acceptor);
    }

    @Override
    public final void breakUp(RdmaConnection connection) {
        cut(connection);
    }

    @Override
    public final void endLoop(RdmaConnection connection, boolean withinATurn) {
        Assumptions.assumeTrue(ownsEventLoops(), "event loops are shared");
        EventExecutor loop = connection.executor();
        Runnable end = () -> loop.shutdownGracefully(0, PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (withinATurn) {
            loop.execute(end);
        } else {
            end.run();
        }
    }
}
