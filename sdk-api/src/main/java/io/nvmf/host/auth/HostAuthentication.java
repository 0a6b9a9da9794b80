package io.nvmf.host.auth;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeException;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.LateSignals;
import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.Security;
import io.nvmf.security.dhchap.DhChapParameters;
import io.nvmf.security.dhchap.Freshness;
import io.nvmf.security.dhchap.HostTransaction;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyRequest;
import io.nvmf.security.key.KeyUse;
import io.nvmf.spec.ConnectResponse;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.SecureChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * In-band authentication of the queues of one association (NVMe Base Specification, "NVMe-oF in-band authentication").
 * Secrets are read anew for each queue. Any thread.
 */
public final class HostAuthentication {

    /** One for the whole host: a challenge of one queue must not be answered on another. */
    private static final Freshness FRESHNESS = new Freshness();

    private final Security security;
    private final String hostNqn;
    private final String subsystemNqn;
    private final AuthenticationSteps steps;
    private final Failures failures;
    private final Supplier<SecretWork> works;

    /** The ends of the authentications that are under way, by queue. */
    private final Map<Integer, Sinks.Empty<Void>> underWay = new ConcurrentHashMap<>();

    /**
     * Creates it.
     *
     * @param security what the association insists on
     * @param hostNqn this host
     * @param subsystemNqn the subsystem
     * @param stepTimeout bound on each step
     * @param timer runs the timers
     * @param failures those of the association
     */
    public HostAuthentication(
            Security security,
            String hostNqn,
            String subsystemNqn,
            Duration stepTimeout,
            Scheduler timer,
            Failures failures) {
        this(security, hostNqn, subsystemNqn, stepTimeout, timer, failures, SecretWork::new);
    }

    /** With somebody who sees what becomes of secrets. */
    HostAuthentication(
            Security security,
            String hostNqn,
            String subsystemNqn,
            Duration stepTimeout,
            Scheduler timer,
            Failures failures,
            Supplier<SecretWork> works) {
        this.works = works;
        this.security = security;
        this.hostNqn = hostNqn;
        this.subsystemNqn = subsystemNqn;
        this.steps = new AuthenticationSteps(stepTimeout, timer, failures);
        this.failures = failures;
    }

    /**
     * What comes right after Connect: an authentication if this host insists on one or the controller does. Fails if
     * the controller asks for what is not configured.
     *
     * @param queue has been connected just now
     * @param response what the controller asks for
     * @return completes when commands may be sent, on an event loop
     */
    public Mono<Void> afterConnect(HostQueue queue, ConnectResponse response) {
        if (response.secureChannelRequired() && !security.isConcatenated()) {
            return refuse(
                    queue,
                    "the controller asks for a secure channel that follows from an authentication (ASCR); set"
                            + " Security.concatenation(), or let the subsystem take host " + hostNqn + " without");
        }
        boolean asked = response.authenticationRequired() || response.secureChannelRequired();
        if (security.hostSecret().isEmpty()) {
            return asked
                    ? refuse(
                            queue,
                            "the controller asks for in-band authentication (AUTHREQ); set Security.hostSecret(...)"
                                    + " with the secret that it has for host " + hostNqn
                                    + ", or let the subsystem take this host without")
                    : Mono.empty();
        }
        return asked || !security.isConcatenated() ? authenticate(queue) : Mono.empty();
    }

    private Mono<Void> refuse(HostQueue queue, String why) {
        return Mono.error(() -> failures.forQueue(queue.queueId())
                .authentication("queue " + queue.queueId() + ": " + why, CommandOutcome.NOT_SENT, false, null));
    }

    /** {@return whether there is a secret to authenticate with} */
    public boolean isConfigured() {
        return security.hostSecret().isPresent();
    }

    /**
     * Authenticates a queue, be it for the first time or again. Cold. What was secret is wiped when it has ended, also
     * after a cancel, and then at the latest when the computation ends that is under way.
     *
     * @param queue an admin or I/O queue; no other authentication is under way on it
     * @return completes on an event loop; {@link io.nvmf.command.NvmeAuthenticationException} if a side has not proved
     *     who it is, and as far as nothing was sent with {@link CommandOutcome#NOT_SENT}; as of other commands else
     */
    public Mono<Void> authenticate(HostQueue queue) {
        return transaction(queue, SecureChannel.NONE, security.algorithms(), (transaction, work) -> Mono.<Void>empty());
    }

    /**
     * Authenticates an admin queue for a secure channel that follows (secure channel concatenation). Cold, and wipes
     * as {@link #authenticate} does.
     *
     * @param queue an admin queue on a connection without TLS, which is closed afterwards
     * @param keys get the key that the transaction makes
     * @return completes on an event loop; fails as {@link #authenticate} does
     */
    public Mono<Void> concatenate(HostQueue queue, ChannelKeys keys) {
        DhChapAlgorithms allowed = security.algorithms();
        // There is no cipher suite with SHA-512. The NULL group is not offered as there is no key without an exchange.
        List<DhChapHash> hashes = allowed.hashes().stream()
                .filter(hash -> hash != DhChapHash.SHA_512)
                .toList();
        return transaction(
                queue,
                SecureChannel.NEW_TLS_PSK,
                new DhChapAlgorithms(hashes, allowed.groups()),
                (transaction, work) -> steps.with(failures.forQueue(queue.queueId()))
                        .compute("the key of the secure channel", work, kept -> {
                            byte[] key = transaction.takeGeneratedPsk().orElseThrow();
                            keys.give(KeyDerivation.generated(key, hostNqn, subsystemNqn));
                            return keys;
                        })
                        .then());
    }

    /**
     * Derives the keys of TLS from the configured one, which is read anew. Cold, and wipes as {@link #authenticate}
     * does.
     *
     * @param queueId of the queue that is to be connected
     * @param keys get the keys
     * @return the keys, on a thread that may take its time; {@link io.nvmf.command.NvmeAuthenticationException} if
     *     there is no key. Errors come on a thread of Reactor's, as there may be no event loop yet
     */
    public Mono<ChannelKeys> configuredKeys(int queueId, ChannelKeys keys) {
        Failures ofQueue = failures.forQueue(queueId);
        AuthenticationSteps bounded = steps.with(ofQueue);
        return Mono.using(
                        works::get,
                        work -> Mono.justOrEmpty(security.tls())
                                .switchIfEmpty(Mono.error(() -> new IllegalStateException("there is no key for TLS")))
                                .flatMap(provider ->
                                        read(provider, KeyUse.TLS_PSK, ConfiguredPsk::from, work, bounded, ofQueue))
                                .flatMap(configured -> bounded.compute("the keys of TLS", work, kept -> {
                                    keys.give(KeyDerivation.retained(
                                            configured, security.labelForm(), hostNqn, subsystemNqn));
                                    return keys;
                                })),
                        SecretWork::close)
                // A failure may come from the timer, on whose thread no code of users may run.
                .onErrorResume(failure -> Mono.<ChannelKeys>error(failure).subscribeOn(Schedulers.parallel()));
    }

    /**
     * The end of the authentications that are under way now. A controller that refuses a host closes the connection, and
     * the reason may still be computed with when that is seen: whoever has the reason waits for this.
     *
     * @return completes when those who asked for them have been told how they ended
     */
    public Mono<Void> settled() {
        return settled(queueId -> true);
    }

    /**
     * The end of the authentications of other queues that are under way now. Where one queue is refused the connections
     * of all end: whoever only knows of the end of its own waits for this.
     *
     * @param queueId of the queue that has ended
     * @return completes as {@link #settled()} does
     */
    public Mono<Void> othersSettled(int queueId) {
        return settled(other -> other != queueId);
    }

    private Mono<Void> settled(IntPredicate which) {
        return Mono.defer(() -> Mono.when(underWay.entrySet().stream()
                .filter(one -> which.test(one.getKey()))
                .map(one -> one.getValue().asMono())
                .toList()));
    }

    private Mono<Void> transaction(
            HostQueue queue,
            SecureChannel channel,
            DhChapAlgorithms algorithms,
            BiFunction<HostTransaction, SecretWork, Mono<Void>> afterwards) {
        return Mono.defer(() -> {
            Sinks.Empty<Void> end = Sinks.empty();
            underWay.put(queue.queueId(), end);
            return begin(queue, channel, algorithms, afterwards).doFinally(how -> {
                underWay.remove(queue.queueId(), end);
                end.tryEmitEmpty();
            });
        });
    }

    private Mono<Void> begin(
            HostQueue queue,
            SecureChannel channel,
            DhChapAlgorithms algorithms,
            BiFunction<HostTransaction, SecretWork, Mono<Void>> afterwards) {
        Failures ofQueue = failures.forQueue(queue.queueId());
        AuthenticationSteps bounded = steps.with(ofQueue);
        return Mono.using(
                        works::get,
                        work -> parameters(channel, algorithms, work, bounded, ofQueue)
                                .flatMap(parameters -> bounded.compute("a transaction", work, kept -> {
                                    HostTransaction transaction = new HostTransaction(parameters, FRESHNESS);
                                    kept.add(transaction);
                                    return transaction;
                                }))
                                .flatMap(transaction -> new AuthenticationExchange(
                                                queue, transaction, work, bounded, ofQueue)
                                        .run()
                                        .then(Mono.defer(() -> afterwards.apply(transaction, work)))),
                        SecretWork::close)
                .onErrorResume(failure -> onEventLoop(queue).then(Mono.error(failure)))
                .then(Mono.defer(() -> onEventLoop(queue)))
                .contextWrite(LateSignals::handledIn);
    }

    private static Mono<Void> onEventLoop(HostQueue queue) {
        return Mono.create(sink -> queue.leaveTimer(sink::success));
    }

    private Mono<DhChapParameters> parameters(
            SecureChannel channel,
            DhChapAlgorithms algorithms,
            SecretWork work,
            AuthenticationSteps bounded,
            Failures ofQueue) {
        Mono<Optional<DhChapSecret>> ofController = security.controllerSecret()
                .map(provider -> read(provider, KeyUse.CONTROLLER_SECRET, DhChapSecret::from, work, bounded, ofQueue)
                        .map(Optional::of))
                .orElseGet(() -> Mono.just(Optional.empty()));
        return Mono.justOrEmpty(security.hostSecret())
                .switchIfEmpty(Mono.error(() -> new IllegalStateException("there is no secret to authenticate with")))
                .flatMap(provider -> read(provider, KeyUse.HOST_SECRET, DhChapSecret::from, work, bounded, ofQueue))
                .flatMap(host -> ofController.map(controller ->
                        new DhChapParameters(hostNqn, subsystemNqn, host, controller, algorithms, channel)));
    }

    /** A key that is wiped with the work. Providers may block. */
    private <K extends AutoCloseable> Mono<K> read(
            KeyProvider provider,
            KeyUse use,
            BiFunction<KeyProvider, KeyRequest, Mono<K>> from,
            SecretWork work,
            AuthenticationSteps bounded,
            Failures ofQueue) {
        Mono<K> reading = from.apply(provider, new KeyRequest(use, hostNqn, subsystemNqn))
                .doOnNext(work::keep)
                .subscribeOn(Schedulers.boundedElastic());
        return bounded.bound("reading the " + name(use) + " from " + provider, CommandOutcome.NOT_SENT, reading)
                .onErrorMap(
                        failure -> !(failure instanceof NvmeException),
                        failure -> unreadable(provider, use, ofQueue, failure))
                .switchIfEmpty(Mono.error(() -> missing(provider, use, ofQueue)));
    }

    private NvmeException missing(KeyProvider provider, KeyUse use, Failures ofQueue) {
        return ofQueue.authentication(
                "there is no " + name(use) + " for host " + hostNqn + " and subsystem " + subsystemNqn + " in "
                        + provider,
                CommandOutcome.NOT_SENT,
                false,
                null);
    }

    private static NvmeException unreadable(KeyProvider provider, KeyUse use, Failures ofQueue, Throwable failure) {
        return ofQueue.authentication(
                "the " + name(use) + " cannot be read from " + provider + ": " + failure.getMessage(),
                CommandOutcome.NOT_SENT,
                false,
                failure);
    }

    private static String name(KeyUse use) {
        return switch (use) {
            case HOST_SECRET -> "secret of the host";
            case CONTROLLER_SECRET -> "secret of the controller";
            case TLS_PSK -> "pre-shared key";
        };
    }
}
