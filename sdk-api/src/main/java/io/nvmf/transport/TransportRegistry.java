package io.nvmf.transport;

import io.nvmf.security.TlsPsk;
import io.nvmf.spec.TransportType;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The transports that can be used, by type and priority. Thread safe.
 */
public final class TransportRegistry {

    private static final class Registration {

        final TransportProvider provider;
        final AtomicInteger live = new AtomicInteger();

        Registration(TransportProvider provider) {
            this.provider = provider;
        }

        <Q extends QueuePair> Q track(Q queuePair) {
            live.incrementAndGet();
            queuePair.termination().subscribe(end -> live.decrementAndGet());
            return queuePair;
        }
    }

    private final CopyOnWriteArrayList<Registration> registrations = new CopyOnWriteArrayList<>();

    private TransportRegistry() {}

    /**
     * A registry without providers.
     *
     * @return a new registry
     */
    public static TransportRegistry empty() {
        return new TransportRegistry();
    }

    /**
     * A registry with all providers that {@link ServiceLoader} finds.
     *
     * @return a new registry
     */
    public static TransportRegistry load() {
        TransportRegistry registry = new TransportRegistry();
        ServiceLoader.load(TransportProvider.class).forEach(registry::register);
        return registry;
    }

    /**
     * Adds a provider.
     *
     * @param provider the provider
     * @return this registry
     */
    public TransportRegistry register(TransportProvider provider) {
        registrations.add(new Registration(provider));
        return this;
    }

    /**
     * Removes a provider.
     *
     * @param provider a registered provider
     * @throws IllegalStateException if queue pairs of this provider are alive
     */
    public void unregister(TransportProvider provider) {
        for (Registration registration : registrations) {
            if (registration.provider == provider) {
                int live = registration.live.get();
                if (live > 0) {
                    throw new IllegalStateException(
                            live + " queue pairs of the " + provider.transportType() + " transport are alive");
                }
                registrations.remove(registration);
                return;
            }
        }
    }

    /**
     * The providers of a type.
     *
     * @param type the transport type
     * @return highest priority first
     */
    public List<TransportProvider> providers(TransportType type) {
        return ofType(type).stream().map(registration -> registration.provider).toList();
    }

    /**
     * The options of the providers of a type, so that they can be set by name.
     *
     * @param type the transport type
     * @return those of the provider with the highest priority first
     */
    public List<TransportOption<?>> options(TransportType type) {
        return providers(type).stream()
                .<TransportOption<?>>flatMap(provider -> provider.options().stream())
                .toList();
    }

    /**
     * Connects with the first suitable provider.
     *
     * @param type the transport type
     * @param parameters where and how
     * @return the queue pair; {@link UnsupportedTransportException} when no provider is registered or none is suitable
     */
    public Mono<HostQueuePair> connect(TransportType type, HostQueuePairParameters parameters) {
        return firstSuitable(
                type,
                parameters.address(),
                registration -> registration.provider.connect(parameters).map(registration::track));
    }

    /**
     * Connects over TLS with the first suitable provider.
     *
     * @param type the transport type
     * @param parameters where and how
     * @param keys see {@link TransportProvider#connect(HostQueuePairParameters, List)}
     * @return the queue pair; {@link UnsupportedTransportException} when no provider is registered or none is suitable,
     *     {@link UnsupportedTlsException} when the provider does no TLS
     */
    public Mono<HostQueuePair> connect(TransportType type, HostQueuePairParameters parameters, List<TlsPsk> keys) {
        return firstSuitable(
                type,
                parameters.address(),
                registration -> registration.provider.connect(parameters, keys).map(registration::track));
    }

    /**
     * Listens with the first suitable provider.
     *
     * @param type the transport type
     * @param address where to listen
     * @param options options of the transport
     * @param acceptor see {@link TransportProvider#listen}
     * @return the listener; {@link UnsupportedTransportException} when no provider is registered or none is suitable
     */
    public Mono<TransportListener> listen(
            TransportType type,
            TransportAddress address,
            TransportOptions options,
            Consumer<ControllerQueuePair> acceptor) {
        return firstSuitable(
                type,
                address,
                registration -> registration.provider.listen(address, options, tracking(registration, acceptor)));
    }

    /**
     * Listens for TLS with the first suitable provider.
     *
     * @param type the transport type
     * @param address where to listen
     * @param options options of the transport
     * @param tls the keys, and whether there may be connections without
     * @param acceptor see {@link TransportProvider#listen}
     * @return the listener; {@link UnsupportedTransportException} when no provider is registered or none is suitable,
     *     {@link UnsupportedTlsException} when the provider does no TLS
     */
    public Mono<TransportListener> listen(
            TransportType type,
            TransportAddress address,
            TransportOptions options,
            TlsListening tls,
            Consumer<ControllerQueuePair> acceptor) {
        return firstSuitable(
                type,
                address,
                registration -> registration.provider.listen(address, options, tls, tracking(registration, acceptor)));
    }

    private static Consumer<ControllerQueuePair> tracking(
            Registration registration, Consumer<ControllerQueuePair> acceptor) {
        if (!(acceptor instanceof ConnectionGate gate)) {
            return queuePair -> acceptor.accept(registration.track(queuePair));
        }
        return new ConnectionGate() {
            @Override
            public boolean connected(ControllerQueuePair queuePair, @Nullable InetAddress remote) {
                return gate.connected(queuePair, remote);
            }

            @Override
            public void disconnected(ControllerQueuePair queuePair) {
                gate.disconnected(queuePair);
            }

            @Override
            public void accept(ControllerQueuePair queuePair) {
                gate.accept(registration.track(queuePair));
            }
        };
    }

    private <T> Mono<T> firstSuitable(
            TransportType type, TransportAddress address, Function<Registration, Mono<T>> attempt) {
        return Mono.defer(() -> firstSuitable(ofType(type).iterator(), attempt)
                .switchIfEmpty(Mono.error(() -> new UnsupportedTransportException(type, address))));
    }

    /** Made of operators that pass on what they get, even late: else a queue pair would be nobody's. */
    private static <T> Mono<T> firstSuitable(Iterator<Registration> rest, Function<Registration, Mono<T>> attempt) {
        return rest.hasNext()
                ? attempt.apply(rest.next()).switchIfEmpty(Mono.defer(() -> firstSuitable(rest, attempt)))
                : Mono.empty();
    }

    private List<Registration> ofType(TransportType type) {
        List<Registration> matching = new ArrayList<>(registrations);
        matching.removeIf(registration -> registration.provider.transportType() != type);
        matching.sort(Comparator.comparingInt((Registration registration) -> registration.provider.priority())
                .reversed());
        return matching;
    }
}
