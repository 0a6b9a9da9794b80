package io.nvmf.rdma.testing;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.nvmf.rdma.spi.RdmaCapabilities;
import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.Handover;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import java.net.BindException;
import java.net.ConnectException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * RDMA within one JVM. Each instance is a world of its own: who connects reaches the listeners of the same instance
 * only. Thread safe.
 */
public final class MemoryRdmaProvider implements RdmaProvider {

    private static final Logger LOG = LoggerFactory.getLogger(MemoryRdmaProvider.class);
    private static final int FIRST_FREE_PORT = 49_152;

    private final MemoryRdmaSettings settings;
    private final ConcurrentMap<TransportAddress, Listener> listeners = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<MemoryRdmaLink> links = new CopyOnWriteArrayList<>();
    private final AtomicInteger nextPort = new AtomicInteger(FIRST_FREE_PORT);

    /** A provider with {@link MemoryRdmaSettings#defaults()}. */
    public MemoryRdmaProvider() {
        this(MemoryRdmaSettings.defaults());
    }

    public MemoryRdmaProvider(MemoryRdmaSettings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public RdmaCapabilities capabilities() {
        return settings.capabilities();
    }

    /** The connections that live, for tests that disturb them; a snapshot, oldest first. */
    public List<MemoryRdmaLink> links() {
        return List.copyOf(links);
    }

    /** The connection with this end. */
    public MemoryRdmaLink link(RdmaConnection end) {
        return links.stream()
                .filter(link -> link.connector() == end || link.acceptor() == end)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public Mono<RdmaConnection> connect(RdmaConnectRequest request) {
        return Handover.create(
                handover -> connect(request, handover),
                unwanted -> unwanted.close().subscribe());
    }

    private void connect(RdmaConnectRequest request, Handover<RdmaConnection> handover) {
        MemoryRdmaIncoming.requireLimits(request.limits());
        Listener listener = listeners.get(request.address());
        if (listener == null) {
            handover.fail(new ConnectException("nobody listens at " + request.address()));
            return;
        }
        TransportAddress from = TransportAddress.of("memory", nextPort.getAndIncrement());
        MemoryRdmaIncoming incoming = new MemoryRdmaIncoming(settings, request, from, handover, this::connected);
        Future<?> deadline = deadline(request, () -> {
            incoming.forget();
            handover.fail(new TimeoutException("not connected within " + request.timeout()));
        });
        incoming.whenOver(() -> deadline.cancel(false));
        handover.onCancel(incoming::forget);
        listener.ask(incoming);
    }

    /** Whoever is told runs where he may take his time, not on the thread of the timer. */
    private static Future<?> deadline(RdmaConnectRequest request, Runnable passed) {
        return GlobalEventExecutor.INSTANCE.schedule(
                () -> Schedulers.parallel().schedule(passed), request.timeout().toNanos(), TimeUnit.NANOSECONDS);
    }

    private void connected(MemoryRdmaLink link) {
        links.add(link);
        Mono.when(link.ends()).subscribe(never -> {}, failure -> {}, () -> links.remove(link));
    }

    @Override
    public Mono<RdmaListener> listen(
            TransportAddress address, TransportOptions options, Consumer<RdmaIncoming> acceptor) {
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

    private final class Listener implements RdmaListener {

        private final TransportAddress address;
        private final Consumer<RdmaIncoming> acceptor;
        private final Set<MemoryRdmaIncoming> asking = ConcurrentHashMap.newKeySet();

        Listener(TransportAddress address, Consumer<RdmaIncoming> acceptor) {
            this.address = address;
            this.acceptor = acceptor;
        }

        void ask(MemoryRdmaIncoming incoming) {
            asking.removeIf(other -> !other.isOpen());
            asking.add(incoming);
            EventLoopTasks.later(incoming.executor(), () -> {
                if (listeners.get(address) != this) {
                    incoming.close(address + " takes no more connections");
                } else if (incoming.isOpen()) {
                    accept(incoming);
                }
            });
        }

        private void accept(MemoryRdmaIncoming incoming) {
            try {
                acceptor.accept(incoming);
            } catch (RuntimeException | Error e) {
                LOG.warn("an acceptor failed", e);
                incoming.close(address + " has failed");
            }
        }

        @Override
        public TransportAddress address() {
            return address;
        }

        @Override
        public Mono<Void> close() {
            return Mono.fromRunnable(() -> {
                listeners.remove(address, this);
                asking.forEach(incoming -> incoming.close(address + " takes no more connections"));
                asking.clear();
            });
        }
    }
}
