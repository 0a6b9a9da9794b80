package io.nvmf.subsystem.engine.auth;

import io.netty.buffer.Unpooled;
import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.dhchap.ControllerTransaction;
import io.nvmf.security.dhchap.DhChapParameters;
import io.nvmf.security.dhchap.TransactionFailure;
import io.nvmf.security.dhchap.TransactionState;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyRequest;
import io.nvmf.security.key.KeyUse;
import io.nvmf.spec.auth.AuthenticationMessage;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.SecureChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One authentication of a host. The secrets are asked for when its first message has come, and overwritten when it is
 * over. A host that nobody has a secret of is refused like one whose secret is wrong, with the same messages in the same
 * order: it is measured against a random secret, so the answers do not tell which hosts there are.
 *
 * <p>One step at a time: the next one may be subscribed to when the one before has ended. {@link #close} may come at any
 * moment, from any thread, and no step brings anything any more.
 */
public final class HostAuthentication implements AutoCloseable {

    /** How long the secrets may take. */
    static final Duration LOOKUP_TIMEOUT = Duration.ofSeconds(10);

    private static final int SC_C = 6;

    private enum Use {
        IDLE,
        WORKING,
        /** Closed while a step computes, which cleans up when it is through. */
        CLOSING,
        CLOSED
    }

    private final HostAuthenticator authenticator;
    private final AuthenticationPeer peer;
    private final List<SecureChannel> channels;
    private final AtomicReference<Use> use = new AtomicReference<>(Use.IDLE);
    private final List<DhChapSecret> secrets = new ArrayList<>();
    private boolean secretsClosed;

    /** Made by the first step; the steps follow each other. */
    private volatile @Nullable ControllerTransaction transaction;

    private volatile boolean counted;

    HostAuthentication(HostAuthenticator authenticator, AuthenticationPeer peer, List<SecureChannel> channels) {
        this.authenticator = authenticator;
        this.peer = peer;
        this.channels = channels;
    }

    /**
     * Takes the data of an Authentication Send.
     *
     * @param message nobody else's from now on
     * @return completes when all is computed that has to be, whatever came of it; empty if the transaction is closed
     */
    public Mono<TransactionState> receive(byte[] message) {
        return step(channel(message), running -> {
            running.receive(Unpooled.wrappedBuffer(message), 0, message.length);
            return running.state();
        });
    }

    /**
     * The message that Authentication Receive asks for.
     *
     * @return the message; empty if the transaction is closed
     */
    public Mono<AuthenticationMessage> next() {
        return step(channels.get(0), ControllerTransaction::next);
    }

    /** {@return where the transaction is; between two steps} */
    public TransactionState state() {
        ControllerTransaction running = transaction;
        return running == null ? TransactionState.RUNNING : running.state();
    }

    /** {@return how it failed, empty unless it did; between two steps} */
    public Optional<TransactionFailure> failure() {
        ControllerTransaction running = transaction;
        return running == null ? Optional.empty() : running.failure();
    }

    /** {@return the pre-shared key that was made, see {@link ControllerTransaction#takeGeneratedPsk}; between two steps} */
    public Optional<byte[]> takeGeneratedPsk() {
        ControllerTransaction running = transaction;
        return running == null ? Optional.empty() : running.takeGeneratedPsk();
    }

    /** The host asks for what may follow, or else for what it cannot have, which the transaction refuses. */
    private SecureChannel channel(byte[] negotiate) {
        return channels.stream()
                .filter(channel -> negotiate.length > SC_C && channel.value() == (negotiate[SC_C] & 0xFF))
                .findFirst()
                .orElse(channels.get(0));
    }

    private <T> Mono<T> step(SecureChannel channel, Function<ControllerTransaction, T> work) {
        return Mono.defer(() -> {
            ControllerTransaction running = transaction;
            if (running != null) {
                return computing(() -> work.apply(running));
            }
            Duration delay = authenticator.delays().of(peer.names());
            Mono<Found> found = Mono.zip(
                    secret(KeyUse.HOST_SECRET, Optional.of(authenticator.hostSecret())),
                    secret(KeyUse.CONTROLLER_SECRET, authenticator.controllerSecret()),
                    Found::new);
            return (delay.isZero() ? found : found.delaySubscription(delay, authenticator.timer()))
                    .flatMap(these -> computing(() -> work.apply(begin(these, channel))));
        });
    }

    private record Found(Optional<DhChapSecret> host, Optional<DhChapSecret> controller) {}

    private ControllerTransaction begin(Found found, SecureChannel channel) {
        DhChapSecret stranger = kept(DhChapSecret.random(DhChapHash.SHA_256));
        ControllerTransaction made = new ControllerTransaction(
                new DhChapParameters(
                        peer.hostNqn(),
                        peer.subsystemNqn(),
                        found.host().orElse(stranger),
                        found.controller(),
                        algorithms(channel),
                        channel),
                authenticator.freshness());
        transaction = made;
        return made;
    }

    /** TLS has no cipher suite for a key of SHA-512. */
    private DhChapAlgorithms algorithms(SecureChannel channel) {
        DhChapAlgorithms allowed = authenticator.algorithms();
        return channel == SecureChannel.NONE
                ? allowed
                : allowed.withHashes(allowed.hashes().stream()
                        .filter(hash -> hash != DhChapHash.SHA_512)
                        .toArray(DhChapHash[]::new));
    }

    private Mono<Optional<DhChapSecret>> secret(KeyUse use, Optional<KeyProvider> provider) {
        KeyRequest request = new KeyRequest(use, peer.hostNqn(), peer.subsystemNqn());
        return provider.map(asked -> DhChapSecret.from(asked, request)
                        .subscribeOn(HostAuthenticator.computing())
                        .map(this::kept)
                        .timeout(LOOKUP_TIMEOUT, authenticator.timer())
                        .map(Optional::of)
                        .onErrorResume(failure -> {
                            authenticator.log(() -> "there is no " + use + " to be had for " + peer + ": " + failure);
                            return Mono.empty();
                        })
                        .defaultIfEmpty(Optional.empty()))
                .orElseGet(() -> Mono.just(Optional.empty()));
    }

    private <T> Mono<T> computing(Callable<T> work) {
        return Mono.fromCallable(() -> {
                    if (!use.compareAndSet(Use.IDLE, Use.WORKING)) {
                        return null;
                    }
                    try {
                        T result = work.call();
                        count();
                        return result;
                    } finally {
                        worked();
                    }
                })
                .subscribeOn(HostAuthenticator.computing());
    }

    /** Notes the end, once. */
    private void count() {
        TransactionState state = state();
        if (state == TransactionState.RUNNING) {
            return;
        }
        closeSecrets();
        if (counted) {
            return;
        }
        counted = true;
        if (state == TransactionState.AUTHENTICATED) {
            authenticator.delays().succeeded(peer.names());
        } else if (!failure().map(TransactionFailure::fromPeer).orElse(false)) {
            authenticator.delays().failed(peer.names());
        }
    }

    private void worked() {
        if (!use.compareAndSet(Use.WORKING, Use.IDLE)) {
            wipe();
        }
    }

    private synchronized DhChapSecret kept(DhChapSecret secret) {
        secrets.add(secret);
        if (secretsClosed) {
            secret.close();
        }
        return secret;
    }

    /** All that there have been. */
    synchronized List<DhChapSecret> secrets() {
        return List.copyOf(secrets);
    }

    private synchronized void closeSecrets() {
        secretsClosed = true;
        secrets.forEach(DhChapSecret::close);
    }

    private void wipe() {
        use.set(Use.CLOSED);
        closeSecrets();
        ControllerTransaction running = transaction;
        if (running != null) {
            running.close();
        }
    }

    /** Ends the transaction, whatever it is at, and overwrites what is secret. */
    @Override
    public void close() {
        if (use.compareAndSet(Use.IDLE, Use.CLOSED)) {
            wipe();
        } else if (!use.compareAndSet(Use.WORKING, Use.CLOSING) && use.compareAndSet(Use.IDLE, Use.CLOSED)) {
            // The step ended in between, and none follows once somebody closes.
            wipe();
        }
    }
}
