package io.nvmf.rdma.testing;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.rdma.spi.RdmaCapabilities;
import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaRejectedException;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.Handover;
import io.nvmf.transport.TransportAddress;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/** A request to connect, until it is answered or given up. Thread safe. */
final class MemoryRdmaIncoming implements RdmaIncoming {

    private enum State {
        ASKED,
        ANSWERED,
        GONE
    }

    private final MemoryRdmaSettings settings;
    private final RdmaConnectRequest request;
    private final TransportAddress from;
    private final EventExecutor connectorExecutor;
    private final EventExecutor executor;
    private final Handover<RdmaConnection> connector;
    private final Consumer<MemoryRdmaLink> connected;
    private final ByteBuffer privateData;
    private final AtomicReference<State> state = new AtomicReference<>(State.ASKED);

    /** Runs when it is answered or given up; written before the request is told to anybody. */
    private Runnable over = () -> {};

    MemoryRdmaIncoming(
            MemoryRdmaSettings settings,
            RdmaConnectRequest request,
            TransportAddress from,
            Handover<RdmaConnection> connector,
            Consumer<MemoryRdmaLink> connected) {
        this.settings = settings;
        this.request = request;
        this.from = from;
        this.connectorExecutor = settings.connectorLoops().next();
        this.executor = settings.acceptorLoops().next();
        this.connector = connector;
        this.connected = connected;
        this.privateData = readOnly(sent(request.privateData()));
    }

    void whenOver(Runnable action) {
        over = action;
    }

    private boolean leave(State next) {
        boolean left = state.compareAndSet(State.ASKED, next);
        if (left) {
            over.run();
        }
        return left;
    }

    @Override
    public EventExecutor executor() {
        return executor;
    }

    @Override
    public ByteBuffer privateData() {
        return privateData.duplicate();
    }

    @Override
    public int peerReadsIn() {
        return Math.min(request.limits().readsIn(), settings.capabilities().maxReadsIn());
    }

    @Override
    public TransportAddress localAddress() {
        return request.address();
    }

    @Override
    public TransportAddress remoteAddress() {
        return from;
    }

    @Override
    public Mono<RdmaConnection> accept(ByteBuffer answer, RdmaLimits limits) {
        return Handover.create(
                acceptor -> EventLoopTasks.run(executor, () -> accept(answer, limits, acceptor)),
                unwanted -> unwanted.close().subscribe());
    }

    private void accept(ByteBuffer answer, RdmaLimits limits, Handover<RdmaConnection> acceptor) {
        MemoryRdmaLink link;
        try {
            byte[] sent = sent(answer);
            requireLimits(limits);
            if (!leave(State.ANSWERED)) {
                acceptor.fail(
                        state.get() == State.GONE
                                ? new ConnectException("the peer does not wait any more")
                                : new IllegalStateException("answered already"));
                return;
            }
            RdmaCapabilities able = settings.capabilities();
            RdmaLimits asked = request.limits();
            int readsOfAcceptor = Math.min(Math.min(limits.readsOut(), able.maxReadsOut()), peerReadsIn());
            int readsToAcceptor = Math.min(limits.readsIn(), able.maxReadsIn());
            int readsOfConnector = Math.min(Math.min(asked.readsOut(), able.maxReadsOut()), readsToAcceptor);
            link = new MemoryRdmaLink(
                    new MemoryRdmaConnection.Setup(
                            connectorExecutor,
                            with(asked, peerReadsIn(), readsOfConnector),
                            readOnly(sent),
                            from,
                            request.address()),
                    new MemoryRdmaConnection.Setup(
                            executor,
                            with(limits, readsToAcceptor, readsOfAcceptor),
                            privateData,
                            request.address(),
                            from),
                    settings);
        } catch (IllegalArgumentException wrong) {
            acceptor.fail(wrong);
            return;
        }
        connected.accept(link);
        link.watchLoops();
        EventLoopTasks.later(connectorExecutor, () -> connector.give(link.connector()));
        acceptor.give(link.acceptor());
    }

    private static RdmaLimits with(RdmaLimits limits, int readsIn, int readsOut) {
        return new RdmaLimits(limits.sends(), limits.receives(), limits.receiveSize(), readsIn, readsOut);
    }

    static void requireLimits(RdmaLimits limits) {
        if (limits.sends() < 1
                || limits.receives() < 1
                || limits.receiveSize() < 1
                || limits.readsIn() < 0
                || limits.readsOut() < 0) {
            throw new IllegalArgumentException("limits: " + limits);
        }
    }

    private static ByteBuffer readOnly(byte[] bytes) {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    /** Private data as the other side sees it. */
    private byte[] sent(ByteBuffer data) {
        ByteBuffer source = data.duplicate();
        int length = source.remaining();
        int most = settings.capabilities().maxPrivateData();
        if (length > most) {
            throw new IllegalArgumentException(length + " bytes of private data, the most is " + most);
        }
        byte[] sent = new byte[Math.min(most, length + settings.padding())];
        source.get(sent, 0, length);
        return sent;
    }

    @Override
    public void reject(ByteBuffer why) {
        byte[] said = sent(why);
        if (leave(State.ANSWERED)) {
            failConnector(new RdmaRejectedException(request.address() + " has rejected the connection", said));
        }
    }

    /** The connector gives up. */
    void forget() {
        leave(State.GONE);
    }

    /** Nobody answers. */
    void close(String why) {
        if (leave(State.GONE)) {
            failConnector(new ConnectException(why));
        }
    }

    boolean isOpen() {
        return state.get() == State.ASKED;
    }

    private void failConnector(Exception failure) {
        EventLoopTasks.later(connectorExecutor, () -> connector.fail(failure));
    }
}
