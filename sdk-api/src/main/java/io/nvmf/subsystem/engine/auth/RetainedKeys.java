package io.nvmf.subsystem.engine.auth;

import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.Security;
import io.nvmf.security.TlsPsk;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyRequest;
import io.nvmf.security.key.KeyUse;
import io.nvmf.security.psk.InputPsk;
import io.nvmf.transport.Handover;
import io.nvmf.transport.TlsKeyChooser;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/**
 * The keys of hosts that are configured. A key is asked for by the names in an identity, and counts if the identity is
 * the one that follows from it. Whoever is not admitted has none.
 */
public final class RetainedKeys implements TlsKeyChooser {

    /** Identities of one handshake that are looked at. */
    static final int IDENTITIES = 16;

    /** Pairs of names of one handshake that a key is asked for. */
    static final int LOOKUPS = 4;

    private static final Duration LOOKUP_TIMEOUT = Duration.ofSeconds(10);

    private final KeyProvider provider;
    private final HkdfLabelForm labelForm;
    private final BiPredicate<String, String> admits;
    private final Scheduler timer;
    private final Consumer<Supplier<String>> log;

    /**
     * Knows no key yet.
     *
     * @param provider has the configured keys
     * @param security how keys are derived
     * @param admits whether there is a subsystem, second, that admits a host, first
     * @param timer runs time limits
     * @param log gets a line for each key that could not be had, which has nothing secret in it
     */
    public RetainedKeys(
            KeyProvider provider,
            Security security,
            BiPredicate<String, String> admits,
            Scheduler timer,
            Consumer<Supplier<String>> log) {
        this.provider = provider;
        this.labelForm = security.labelForm();
        this.admits = admits;
        this.timer = timer;
        this.log = log;
    }

    private record Names(String hostNqn, String subsystemNqn) {}

    @Override
    public Mono<TlsPsk> choose(List<String> identities) {
        Mono<TlsPsk> chosen = Mono.defer(() -> {
            Map<Names, List<String>> offers = new LinkedHashMap<>();
            identities.stream()
                    .limit(IDENTITIES)
                    .forEach(identity -> PskIdentity.parse(identity)
                            .filter(parsed ->
                                    !parsed.generated() && admits.test(parsed.hostNqn(), parsed.subsystemNqn()))
                            .ifPresent(parsed -> offers.computeIfAbsent(
                                            new Names(parsed.hostNqn(), parsed.subsystemNqn()),
                                            names -> new ArrayList<>())
                                    .add(identity)));
            return Flux.fromIterable(offers.entrySet())
                    .take(LOOKUPS)
                    .concatMap(offer -> best(offer.getKey(), offer.getValue()))
                    .reduce(RetainedKeys::better);
        });
        return handedOver(chosen.doOnDiscard(TlsPsk.class, TlsPsk::close));
    }

    /** A cancel ends the source, and what it emits all the same is wiped. */
    private static Mono<TlsPsk> handedOver(Mono<TlsPsk> source) {
        Mono<Optional<TlsPsk>> whole = source.map(Optional::of).defaultIfEmpty(Optional.empty());
        return Handover.<Optional<TlsPsk>>create(
                        handover -> whole.subscribe(new Taking(handover)),
                        unwanted -> unwanted.ifPresent(TlsPsk::close))
                .mapNotNull(found -> found.orElse(null));
    }

    /** Gives on what comes, also what comes after a cancel. */
    private record Taking(Handover<Optional<TlsPsk>> handover) implements CoreSubscriber<Optional<TlsPsk>> {

        @Override
        public Context currentContext() {
            return handover.context();
        }

        @Override
        public void onSubscribe(Subscription source) {
            handover.onCancel(source::cancel);
            source.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Optional<TlsPsk> found) {
            handover.give(found);
        }

        @Override
        public void onError(Throwable failure) {
            handover.fail(failure);
        }

        @Override
        public void onComplete() {
            // there has been something before
        }
    }

    private Mono<TlsPsk> best(Names names, List<String> identities) {
        KeyRequest request = new KeyRequest(KeyUse.TLS_PSK, names.hostNqn(), names.subsystemNqn());
        Mono<TlsPsk> derived = ConfiguredPsk.from(provider, request)
                .subscribeOn(HostAuthenticator.computing())
                .mapNotNull(configured -> {
                    try (configured) {
                        return best(configured, names, identities);
                    }
                });
        return handedOver(derived).timeout(LOOKUP_TIMEOUT, timer).onErrorResume(failure -> {
            log.accept(() -> "there is no key for TLS to be had for " + names + ": " + failure);
            return Mono.empty();
        });
    }

    private @Nullable TlsPsk best(ConfiguredPsk configured, Names names, List<String> identities) {
        TlsPsk best = null;
        try (InputPsk retained = InputPsk.retained(configured, names.hostNqn(), labelForm)) {
            for (String identity : identities) {
                TlsPsk derived = derive(retained, names, identity);
                if (derived != null) {
                    best = best == null ? derived : better(best, derived);
                }
            }
        }
        return best;
    }

    private static @Nullable TlsPsk derive(InputPsk retained, Names names, String identity) {
        int version = identity.charAt(PskIdentity.AT_VERSION) - '0';
        TlsPsk derived = retained.tlsPsk(version, names.hostNqn(), names.subsystemNqn());
        if (isSame(derived.identity(), identity)) {
            return derived;
        }
        derived.close();
        return null;
    }

    static boolean isSame(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    static TlsPsk better(TlsPsk one, TlsPsk other) {
        boolean second = TlsPsk.PREFERENCE.compare(other, one) < 0;
        (second ? one : other).close();
        return second ? other : one;
    }
}
