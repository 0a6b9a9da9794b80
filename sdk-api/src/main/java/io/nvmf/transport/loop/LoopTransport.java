package io.nvmf.transport.loop;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.ConnectionGate;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.Handover;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportProvider;
import java.net.BindException;
import java.net.ConnectException;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Connects hosts and controllers of one JVM without a network. Each instance is a world of its own: hosts reach the
 * listeners of the same instance only, so tests with the same addresses do not meet.
 *
 * <p>Not found by {@link java.util.ServiceLoader}; register an instance in a
 * {@link io.nvmf.transport.TransportRegistry}. Thread safe.
 */
public final class LoopTransport implements TransportProvider {

    private static final int FIRST_FREE_PORT = 49_152;

    private final LoopTransportOptions options;
    private final ConcurrentMap<TransportAddress, Listener> listeners = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<LoopConnection> connections = new CopyOnWriteArrayList<>();
    private final AtomicInteger nextPort = new AtomicInteger(FIRST_FREE_PORT);

    /** A transport with {@link LoopTransportOptions#defaults()}. */
    public LoopTransport() {
        this(LoopTransportOptions.defaults());
    }

    /**
     * A transport.
     *
     * @param options what it works with
     */
    public LoopTransport(LoopTransportOptions options) {
        this.options = options;
    }

    @Override
    public TransportType transportType() {
        return TransportType.LOOP;
    }

    @Override
    public List<TransportOption<?>> options() {
        return List.of(LoopTransportOptions.MAX_RECEIVES);
    }

    /**
     * The connections that live, for tests that disturb them.
     *
     * @return a snapshot, oldest first
     */
    public List<LoopConnection> connections() {
        return List.copyOf(connections);
    }

    @Override
    public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
        return Handover.create(
                handover -> connect(parameters, handover),
                unwanted -> unwanted.close().subscribe());
    }

    private void connect(HostQueuePairParameters parameters, Handover<HostQueuePair> handover) {
        Listener listener = listeners.get(parameters.address());
        if (listener == null) {
            handover.fail(new ConnectException("nobody listens at " + parameters.address()));
            return;
        }
        LoopTransportOptions.requireMaxReceives(parameters.options().require(LoopTransportOptions.MAX_RECEIVES));
        EventExecutor controllerExecutor = options.controllerExecutors().next();
        EventExecutor hostExecutor = options.hostExecutors().next();
        LoopControllerQueuePair controller =
                new LoopControllerQueuePair(options, parameters, hostExecutor, controllerExecutor);
        LoopHostQueuePair host = controller.host();
        LoopConnection connection = new LoopConnection(controller);
        connections.add(connection);
        Mono.when(host.termination(), controller.termination())
                .subscribe(both -> {}, error -> {}, () -> connections.remove(connection));
        host.watchExecutor();
        controller.watchExecutor();
        Future<?> deadline = deadline(parameters, () -> {
            host.close().subscribe();
            handover.fail(new TimeoutException(
                    "the executors of both sides took no turn within " + parameters.connectTimeout()));
        });
        handover.onCancel(() -> {
            deadline.cancel(false);
            host.close().subscribe();
        });
        controller.run(() -> {
            try {
                if (listener.acceptor instanceof ConnectionGate gate) {
                    if (!gate.connected(controller, null)) {
                        controller.close().subscribe();
                        deadline.cancel(false);
                        handover.fail(new ConnectException(parameters.address() + " takes no more connections"));
                        return;
                    }
                    controller.termination().subscribe(end -> gate.disconnected(controller));
                }
                listener.acceptor.accept(controller);
            } catch (RuntimeException | Error e) {
                controller.fail(e);
            }
            host.run(() -> {
                deadline.cancel(false);
                handover.give(host);
            });
        });
    }

    /** Whoever is told runs where he may take his time, not on the thread of the timer. */
    private static Future<?> deadline(HostQueuePairParameters parameters, Runnable passed) {
        return GlobalEventExecutor.INSTANCE.schedule(
                () -> Schedulers.parallel().schedule(passed),
                parameters.connectTimeout().toNanos(),
                TimeUnit.NANOSECONDS);
    }

    @Override
    public Mono<TransportListener> listen(
            TransportAddress address, TransportOptions transportOptions, Consumer<ControllerQueuePair> acceptor) {
        return Mono.fromCallable(() -> {
            Listener listener;
            if (address.service().equals("0")) {
                do {
                    listener = new Listener(TransportAddress.of(address.host(), nextPort.getAndIncrement()), acceptor);
                } while (listeners.putIfAbsent(listener.address, listener) != null);
            } else {
                listener = new Listener(address, acceptor);
                if (listeners.putIfAbsent(address, listener) != null) {
                    throw new BindException("somebody listens at " + address + " already");
                }
            }
            return listener;
        });
    }

    private final class Listener implements TransportListener {

        private final TransportAddress address;
        private final Consumer<ControllerQueuePair> acceptor;

        Listener(TransportAddress address, Consumer<ControllerQueuePair> acceptor) {
            this.address = address;
            this.acceptor = acceptor;
        }

        @Override
        public TransportAddress address() {
            return address;
        }

        @Override
        public Mono<Void> close() {
            return Mono.fromRunnable(() -> listeners.remove(address, this));
        }
    }
}
