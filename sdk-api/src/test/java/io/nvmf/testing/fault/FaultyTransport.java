package io.nvmf.testing.fault;

import io.nvmf.testing.DelegatingTransport;
import io.nvmf.transport.ConnectionGate;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.loop.LoopConnection;
import io.nvmf.transport.loop.LoopTransport;
import java.net.ConnectException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The in-JVM transport with connections that fail as a {@link FaultPlan} says. For one thread that drives the event loops of both
 * sides by hand.
 */
public final class FaultyTransport implements DelegatingTransport {

    private final LoopTransport inner;
    private final FaultPlan plan;
    private final List<FaultyConnection> connections = new ArrayList<>();
    private final IdentityHashMap<HostQueuePair, FaultyConnection> byHost = new IdentityHashMap<>();

    /** A transport over another whose connections nobody else disturbs. */
    public FaultyTransport(LoopTransport inner, FaultPlan plan) {
        this.inner = inner;
        this.plan = plan;
    }

    @Override
    public LoopTransport inner() {
        return inner;
    }

    @Override
    public List<TransportOption<?>> options() {
        return inner.options();
    }

    /** All connections that there have been, oldest first. */
    public List<FaultyConnection> connections() {
        return connections;
    }

    @Override
    public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
        return Mono.defer(() -> plan.refuses()
                ? Mono.error(new ConnectException("refused by the plan"))
                : inner.connect(parameters).map(host -> new FaultyHostQueuePair(host, plan, byHost.remove(host))));
    }

    @Override
    public Mono<TransportListener> listen(
            TransportAddress address, TransportOptions options, Consumer<ControllerQueuePair> acceptor) {
        return inner.listen(address, options, new Gate(acceptor));
    }

    private FaultyConnection opened(ControllerQueuePair controller) {
        LoopConnection made = inner.connections().stream()
                .filter(one -> one.controller() == controller)
                .findFirst()
                .orElseThrow();
        FaultyConnection connection = new FaultyConnection(made, connections.size());
        connections.add(connection);
        byHost.put(made.host(), connection);
        plan.opened(connection);
        return connection;
    }

    /** Tells the target of connections as they are seen through this. */
    private final class Gate implements ConnectionGate {

        private final Consumer<ControllerQueuePair> acceptor;
        private final IdentityHashMap<ControllerQueuePair, ControllerQueuePair> seen = new IdentityHashMap<>();

        Gate(Consumer<ControllerQueuePair> acceptor) {
            this.acceptor = acceptor;
        }

        private ControllerQueuePair seen(ControllerQueuePair controller) {
            return seen.computeIfAbsent(
                    controller, one -> new FaultyControllerQueuePair(one, plan, opened(controller)));
        }

        @Override
        public boolean connected(ControllerQueuePair controller, @Nullable InetAddress remote) {
            return !(acceptor instanceof ConnectionGate gate) || gate.connected(seen(controller), remote);
        }

        @Override
        public void accept(ControllerQueuePair controller) {
            acceptor.accept(seen(controller));
        }

        @Override
        public void disconnected(ControllerQueuePair controller) {
            ControllerQueuePair gone = seen.remove(controller);
            if (acceptor instanceof ConnectionGate gate && gone != null) {
                gate.disconnected(gone);
            }
        }
    }
}
