package io.nvmf.subsystem.engine;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.security.TlsPsk;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.DelegatingTransport;
import io.nvmf.testing.ForwardingQueuePair;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.DataAccount;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SglSupport;
import io.nvmf.transport.TlsListening;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.loop.LoopTransport;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** An in-JVM transport that says of connections by which keys they are protected, and protects nothing. */
final class TlsLoopTransport implements DelegatingTransport {

    private final LoopTransport inner;

    /** How the target listens. */
    volatile @Nullable TlsListening listening;

    /** What the next connections say; null for none. */
    volatile @Nullable String identity;

    TlsLoopTransport(LoopTransport inner) {
        this.inner = inner;
    }

    @Override
    public LoopTransport inner() {
        return inner;
    }

    @Override
    public TransportType transportType() {
        return TransportType.LOOP;
    }

    @Override
    public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
        return inner.connect(parameters);
    }

    @Override
    public Mono<TransportListener> listen(
            TransportAddress address,
            TransportOptions options,
            TlsListening tls,
            Consumer<ControllerQueuePair> acceptor) {
        listening = tls;
        return inner.listen(address, options, queuePair -> acceptor.accept(new Named(queuePair, identity)));
    }

    /** The identity of the key that the target chooses, as a handshake would. */
    @Nullable
    String choose(String... identities) {
        TlsListening tls = listening;
        if (tls == null) {
            throw new AssertionError("the target listens without TLS");
        }
        try (TlsPsk chosen = tls.keys().choose(List.of(identities)).block(RawQueue.PATIENCE)) {
            return chosen == null ? null : chosen.identity();
        }
    }

    private static final class Named extends ForwardingQueuePair<ControllerQueuePair> implements ControllerQueuePair {

        private final @Nullable String identity;

        Named(ControllerQueuePair inner, @Nullable String identity) {
            super(inner);
            this.identity = identity;
        }

        @Override
        public @Nullable String tlsIdentity() {
            return identity;
        }

        @Override
        public Flux<ReceivedCommand> commands() {
            return inner.commands();
        }

        @Override
        public @Nullable TransportAddress localAddress() {
            return inner.localAddress();
        }

        @Override
        public @Nullable TransportAddress remoteAddress() {
            return inner.remoteAddress();
        }

        @Override
        public SglSupport sglSupport() {
            return inner.sglSupport();
        }

        @Override
        public EventExecutor executor() {
            return inner.executor();
        }

        @Override
        public void configure(ControllerQueuePairParameters parameters) {
            inner.configure(parameters);
        }

        @Override
        public boolean account(DataAccount account) {
            return inner.account(account);
        }

        @Override
        public Mono<Void> transmit(ResponseCapsule response) {
            return inner.transmit(response);
        }

        @Override
        public void submit(ResponseCapsule response) {
            inner.submit(response);
        }

        @Override
        public Mono<Void> writable() {
            return inner.writable();
        }
    }
}
