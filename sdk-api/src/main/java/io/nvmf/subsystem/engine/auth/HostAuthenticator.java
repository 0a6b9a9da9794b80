package io.nvmf.subsystem.engine.auth;

import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.Security;
import io.nvmf.security.dhchap.Freshness;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.spec.auth.SecureChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Begins the authentications of the hosts of a target, and has what they have in common. Thread safe. */
public final class HostAuthenticator {

    /** Steps that may wait for a thread: more than there are connections without authentication. */
    private static final int QUEUED_STEPS = 10_000;

    private static final int IDLE_SECONDS = 60;

    private final KeyProvider hostSecret;
    private final Optional<KeyProvider> controllerSecret;
    private final DhChapAlgorithms algorithms;
    private final Freshness freshness = new Freshness();
    private final Scheduler timer;
    private final Consumer<Supplier<String>> log;
    private final FailureDelays delays;

    /** Threads of all targets of this JVM; the first computation starts them. */
    private static final class Threads {

        static final Scheduler COMPUTING = Schedulers.newBoundedElastic(
                Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
                QUEUED_STEPS,
                "nvmf-auth",
                IDLE_SECONDS,
                true);
    }

    private HostAuthenticator(
            KeyProvider hostSecret,
            Security security,
            Duration deadline,
            Scheduler timer,
            Consumer<Supplier<String>> log) {
        this.hostSecret = hostSecret;
        this.controllerSecret = security.controllerSecret();
        this.algorithms = security.algorithms();
        this.timer = timer;
        this.log = log;
        this.delays = new FailureDelays(timer, deadline);
    }

    /**
     * What a target authenticates its hosts with.
     *
     * @param security of the target
     * @param deadline how long an authentication may take, delays included
     * @param timer runs delays and time limits
     * @param log gets a line for each failure, which has no secret in it
     * @return null if the target believes hosts without
     */
    public static @Nullable HostAuthenticator of(
            Security security, Duration deadline, Scheduler timer, Consumer<Supplier<String>> log) {
        return security.hostSecret()
                .map(provider -> new HostAuthenticator(provider, security, deadline, timer, log))
                .orElse(null);
    }

    /**
     * Begins a transaction.
     *
     * @param peer who is to be authenticated, and for what
     * @param channels what may follow, the usual one first
     * @return the transaction, to be closed
     */
    public HostAuthentication begin(AuthenticationPeer peer, List<SecureChannel> channels) {
        return new HostAuthentication(this, peer, channels);
    }

    KeyProvider hostSecret() {
        return hostSecret;
    }

    Optional<KeyProvider> controllerSecret() {
        return controllerSecret;
    }

    DhChapAlgorithms algorithms() {
        return algorithms;
    }

    Freshness freshness() {
        return freshness;
    }

    Scheduler timer() {
        return timer;
    }

    FailureDelays delays() {
        return delays;
    }

    void log(Supplier<String> line) {
        log.accept(line);
    }

    /** Where everything happens that takes long. */
    static Scheduler computing() {
        return Threads.COMPUTING;
    }
}
