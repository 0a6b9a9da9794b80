package io.nvmf.samples.webflux.connection;

import io.nvmf.recovery.ControllerState;
import io.nvmf.samples.webflux.problem.Refusal;
import io.nvmf.spring.NvmeConnection;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/**
 * Where the association is in its life, and since when. For a short time without one requests wait, as commands do; then
 * clients are better off to come again.
 */
public final class AssociationStatus {

    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    private final NvmeConnection connection;
    private final Duration limit;
    private final Clock clock;
    private final String address;
    private final String subsystem;
    private final boolean demo;

    private volatile Seen seen;
    private volatile @Nullable Integer controller;

    /** A state, and since when there has been no association; null while there is one. */
    private record Seen(
            @Nullable ControllerState state, @Nullable Instant missingSince) {}

    /**
     * Creates the status of a connection that nothing is known of yet.
     *
     * @param connection whose states are followed
     * @param limit how long requests wait for an association
     * @param clock that tells how long there has been none
     * @param demo whether the target can be cut off by request
     */
    public AssociationStatus(NvmeConnection connection, Duration limit, Clock clock, boolean demo) {
        this.connection = connection;
        this.limit = limit;
        this.clock = clock;
        this.demo = demo;
        URI uri = connection.client().uri();
        this.address = uri.getRawAuthority();
        this.subsystem = uri.getPath().substring(1);
        this.seen = new Seen(null, clock.instant());
    }

    /**
     * Follows the connection.
     *
     * @param changed called for each state, on the thread that brings it
     * @return disposes of the subscription
     */
    public Disposable follow(Consumer<StateView> changed) {
        return connection
                .states()
                .concatMap(state -> state.isLive()
                        ? connection
                                .controller()
                                .doOnNext(live -> controller = live.id())
                                .onErrorComplete()
                                .thenReturn(state)
                        : Flux.just(state))
                .subscribe(state -> {
                    Instant before = seen.missingSince;
                    Instant missing =
                            state.isLive() ? null : Optional.ofNullable(before).orElseGet(clock::instant);
                    seen = new Seen(state, missing);
                    changed.accept(now());
                });
    }

    /** {@return the state of this moment} */
    public StateView now() {
        return StateView.of(seen.state, address, subsystem, controller, demo);
    }

    /**
     * Refuses requests that would have to wait for too long.
     *
     * @throws Refusal with 503 if there has been no association for longer than the limit
     */
    public void requireHope() {
        Seen latest = seen;
        Instant missing = latest.missingSince;
        if (missing != null && missing.plus(limit).isBefore(clock.instant())) {
            throw Refusal.unavailable(
                    "there has been no association with the controller since " + missing, retryAfter(latest.state));
        }
    }

    private Duration retryAfter(@Nullable ControllerState state) {
        return state instanceof ControllerState.Reconnecting reconnecting
                ? Duration.between(clock.instant(), reconnecting.next())
                : RETRY_AFTER;
    }
}
