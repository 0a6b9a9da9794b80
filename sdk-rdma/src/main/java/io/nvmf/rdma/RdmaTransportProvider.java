package io.nvmf.rdma;

import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * NVMe/RDMA (NVMe RDMA Transport Specification 1.0) for host and controller, found by
 * {@link io.nvmf.transport.TransportRegistry#load()}. Options are in {@link RdmaOptions}; those of the providers of RDMA
 * come with them. Thread safe.
 *
 * <p>It is not suitable where no provider of RDMA can work. A connection that the controller refuses fails with
 * {@link io.nvmf.rdma.spi.RdmaRejectedException}, whose message says why.
 */
public final class RdmaTransportProvider implements TransportProvider {

    /** Highest priority first. */
    private final List<RdmaProvider> providers;

    /** Creates a transport over the providers of RDMA that {@link ServiceLoader} finds. */
    public RdmaTransportProvider() {
        this(loaded());
    }

    /**
     * Creates a transport over one provider of RDMA.
     *
     * @param provider the only one
     */
    public RdmaTransportProvider(RdmaProvider provider) {
        this(List.of(provider));
    }

    /** Over some of several, in any order. */
    RdmaTransportProvider(List<RdmaProvider> providers) {
        this.providers = providers.stream()
                .sorted(Comparator.comparingInt(RdmaProvider::priority).reversed())
                .toList();
    }

    private static List<RdmaProvider> loaded() {
        List<RdmaProvider> found = new ArrayList<>();
        ServiceLoader.load(RdmaProvider.class).forEach(found::add);
        return found;
    }

    @Override
    public TransportType transportType() {
        return TransportType.RDMA;
    }

    @Override
    public List<TransportOption<?>> options() {
        List<TransportOption<?>> all = new ArrayList<>(RdmaOptions.all());
        providers.forEach(provider -> all.addAll(provider.options()));
        return List.copyOf(all);
    }

    @Override
    public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
        return Mono.defer(() -> {
            RdmaProvider provider = provider(parameters.options());
            return provider == null ? Mono.empty() : RdmaConnect.over(provider, parameters);
        });
    }

    @Override
    public Mono<TransportListener> listen(
            TransportAddress address, TransportOptions options, Consumer<ControllerQueuePair> acceptor) {
        return Mono.defer(() -> {
            RdmaProvider provider = provider(options);
            return provider == null
                    ? Mono.empty()
                    : provider.listen(address, options, new RdmaAccept(provider.capabilities(), options, acceptor))
                            .map(Listener::new);
        });
    }

    /** The provider that is named, or the first that can work; null if none can. */
    private @Nullable RdmaProvider provider(TransportOptions options) {
        String name = options.require(RdmaOptions.PROVIDER);
        for (RdmaProvider provider : providers) {
            if (name.isEmpty() ? provider.isAvailable() : provider.name().equals(name)) {
                return available(provider);
            }
        }
        if (name.isEmpty()) {
            return null;
        }
        throw new IllegalArgumentException("there is no provider of RDMA with the name '" + name + "' among "
                + providers.stream().map(RdmaProvider::name).toList());
    }

    private static RdmaProvider available(RdmaProvider provider) {
        if (!provider.isAvailable()) {
            throw new IllegalStateException(
                    "the provider of RDMA '" + provider.name() + "' cannot work on this machine");
        }
        return provider;
    }

    /** A provider that listens. */
    private static final class Listener implements TransportListener {

        private final RdmaListener listener;

        Listener(RdmaListener listener) {
            this.listener = listener;
        }

        @Override
        public TransportAddress address() {
            return listener.address();
        }

        @Override
        public Mono<Void> close() {
            return listener.close();
        }
    }
}
