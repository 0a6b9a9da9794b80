package io.nvmf.tcp;

import io.nvmf.security.TlsPsk;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.TlsListening;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportProvider;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/** NVMe/TCP that does nothing without TLS, whoever asks for it, with one key at both ends. */
final class OverTls implements TransportProvider {

    static final String NAMES = " nqn.2026-01.com.example:host nqn.2026-01.com.example:subsystem digest";
    static final String IDENTITY = "NVMe1R01" + NAMES;

    private final TcpTransportProvider tcp = new TcpTransportProvider();

    /** A key of its own for each call. */
    static TlsPsk key() {
        return key(IDENTITY, 7);
    }

    static TlsPsk key(String identity, int fill) {
        byte[] key = new byte[identity.startsWith("02", 6) ? 48 : 32];
        Arrays.fill(key, (byte) fill);
        return TlsPsk.of(identity, key);
    }

    static Mono<TlsPsk> choose(List<String> identities) {
        return identities.contains(IDENTITY) ? Mono.fromSupplier(OverTls::key) : Mono.empty();
    }

    static Mono<HostQueuePair> connect(HostQueuePairParameters parameters, TlsPsk... keys) {
        return new TcpTransportProvider()
                .connect(parameters, List.of(keys))
                .doFinally(end -> Arrays.asList(keys).forEach(TlsPsk::close));
    }

    @Override
    public TransportType transportType() {
        return TransportType.TCP;
    }

    @Override
    public List<TransportOption<?>> options() {
        return tcp.options();
    }

    @Override
    public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
        return Mono.defer(() -> connect(parameters, key()));
    }

    @Override
    public Mono<TransportListener> listen(
            TransportAddress address, TransportOptions options, Consumer<ControllerQueuePair> acceptor) {
        return tcp.listen(address, options, new TlsListening(true, OverTls::choose), acceptor);
    }
}
