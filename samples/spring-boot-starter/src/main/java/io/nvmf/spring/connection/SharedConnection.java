package io.nvmf.spring.connection;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spring.NvmeConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * One controller for everybody, and another one when it is lost for good. At most one attempt is under way at a time,
 * however many ask. Between failed attempts there are pauses, so a subsystem that is not there costs next to nothing.
 *
 * <p>Thread safe without locks: whoever replaces the {@link Phase} does what belongs to it.
 */
public final class SharedConnection implements NvmeConnection, DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(SharedConnection.class);

    private final String name;
    private final NvmeClient client;
    private final ConnectionSettings settings;
    private final Scheduler timer;
    private final AtomicReference<Phase> phase = new AtomicReference<>(new Phase.Idle(0));
    private final StateFeed feed = new StateFeed();

    /**
     * A connection that has not begun.
     *
     * @param name its name
     * @param client what it connects with
     * @param settings how it lives
     */
    public SharedConnection(String name, NvmeClient client, ConnectionSettings settings) {
        this(name, client, settings, Schedulers.parallel());
    }

    SharedConnection(String name, NvmeClient client, ConnectionSettings settings, Scheduler timer) {
        this.name = name;
        this.client = client;
        this.settings = settings;
        this.timer = timer;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public NvmeClient client() {
        return client;
    }

    /**
     * How it lives.
     *
     * @return the settings
     */
    public ConnectionSettings settings() {
        return settings;
    }

    @Override
    public Flux<ControllerState> states() {
        return feed.states();
    }

    @Override
    public Mono<NvmeController> controller() {
        return open().map(OpenController::controller);
    }

    @Override
    public Mono<NvmeNamespace> namespace(int nsid) {
        return open().flatMap(open -> open.namespace(nsid));
    }

    private Mono<OpenController> open() {
        return Mono.defer(() -> {
            while (true) {
                Phase now = Objects.requireNonNull(phase.get());
                if (now instanceof Phase.Up up) {
                    return Mono.just(up.open());
                }
                if (now instanceof Phase.Attempting attempting) {
                    return attempting.result().asMono();
                }
                if (now instanceof Phase.Stopped) {
                    return Mono.error(stopped());
                }
                if (now instanceof Phase.Waiting waiting && timer.now(TimeUnit.MILLISECONDS) < dueAt(waiting)) {
                    return Mono.error(refusal(
                            "connection " + name + " is down; attempt " + waiting.attempt() + " is at "
                                    + waiting.next() + "; the last failure was: "
                                    + waiting.reason().getMessage(),
                            waiting.reason()));
                }
                attempt(now);
            }
        });
    }

    private static long dueAt(Phase.Waiting waiting) {
        return waiting.next().toEpochMilli();
    }

    private NvmeConnectionException stopped() {
        return refusal("connection " + name + " is closed, because the application stops", null);
    }

    private static NvmeConnectionException refusal(String message, @Nullable Throwable reason) {
        return new NvmeConnectionException(message, CommandOutcome.NOT_CONNECTED, null, reason);
    }

    /** Begins; after {@link #stop()} again. */
    public void start() {
        Phase now = phase.get();
        if (now instanceof Phase.Stopped stopped && !stopped.forGood()) {
            phase.compareAndSet(now, new Phase.Idle(now.number() + 1));
        }
        if (settings.startup() != StartupMode.LAZY && phase.get() instanceof Phase.Idle idle) {
            attempt(idle);
        }
    }

    /** Makes an attempt, unless something else has followed the phase already. */
    private void attempt(Phase before) {
        int number = before instanceof Phase.Waiting waiting ? waiting.attempt() : 1;
        Phase.Attempting attempting = new Phase.Attempting(before.number() + 1, number);
        if (!phase.compareAndSet(before, attempting)) {
            return;
        }
        feed.tell(attempting.number(), new ControllerState.Connecting(number));
        attempting
                .work()
                .update(client.connect()
                        .subscribe(
                                controller -> connected(attempting, controller),
                                failure -> failed(attempting, failure)));
    }

    private void connected(Phase.Attempting attempting, NvmeController controller) {
        OpenController open = new OpenController(controller);
        Phase.Up up = new Phase.Up(attempting.number() + 1, open);
        if (!phase.compareAndSet(attempting, up)) {
            // stopped meanwhile
            controller.close().subscribe();
            return;
        }
        open.watch();
        AtomicReference<ControllerState> latest = new AtomicReference<>();
        controller
                .states()
                .doOnNext(latest::set)
                .subscribe(state -> feed.tell(up.number(), state), failure -> {}, () -> ended(up, latest.get()));
        // those who wait see the state that goes with it
        attempting.result().tryEmitValue(open);
    }

    /** Its last state has been told. */
    private void ended(Phase.Up up, @Nullable ControllerState last) {
        String how = last instanceof ControllerState.Lost lost
                ? "the controller is lost: " + lost.termination()
                : "the controller was closed by a user of the connection";
        if (pause(up, 1, refusal(how, null))) {
            LOG.warn("connection {}: {}", name, how);
        }
    }

    private void failed(Phase.Attempting attempting, Throwable failure) {
        if (pause(attempting, attempting.attempt() + 1, failure)) {
            LOG.warn("connection {}: attempt {} has failed: {}", name, attempting.attempt(), failure.getMessage());
        }
        attempting.result().tryEmitError(failure);
    }

    private boolean pause(Phase before, int attempt, Throwable reason) {
        Duration delay =
                settings.delayBefore(attempt, ThreadLocalRandom.current().nextDouble());
        Instant next = Instant.ofEpochMilli(timer.now(TimeUnit.MILLISECONDS)).plus(delay);
        Phase.Waiting waiting = new Phase.Waiting(before.number() + 1, attempt, next, reason);
        if (!phase.compareAndSet(before, waiting)) {
            return false;
        }
        feed.tell(waiting.number(), new ControllerState.Reconnecting(attempt, next, Optional.of(reason)));
        if (settings.keepTrying()) {
            timer.schedule(() -> attempt(waiting), delay.toMillis(), TimeUnit.MILLISECONDS);
        }
        return true;
    }

    /**
     * Gives up the attempt that is under way, or closes the controller in order. {@link #start()} begins anew.
     *
     * @return completes when all is closed, after the shutdown timeout at the latest; never an error
     */
    public Mono<Void> stop() {
        return Mono.defer(() -> stop(false));
    }

    private Mono<Void> stop(boolean forGood) {
        Phase before = phase.getAndUpdate(now -> new Phase.Stopped(
                now.number() + 1, forGood || now instanceof Phase.Stopped stopped && stopped.forGood()));
        if (forGood) {
            feed.tellLast(new ControllerState.Closed());
        } else {
            feed.tell(before.number() + 1, new ControllerState.Closed());
        }
        if (before instanceof Phase.Attempting attempting) {
            attempting.work().dispose();
            attempting.result().tryEmitError(stopped());
        }
        if (before instanceof Phase.Up up) {
            return up.open()
                    .controller()
                    .close()
                    .timeout(settings.shutdownTimeout(), Mono.fromRunnable(this::warnOfSlowClose));
        }
        return Mono.empty();
    }

    private void warnOfSlowClose() {
        LOG.warn("connection {} has not been closed within {}", name, settings.shutdownTimeout());
    }

    @Override
    public void destroy() {
        stop(true).block();
    }

    @Override
    public String toString() {
        return "NvmeConnection[" + name + ']';
    }
}
