package io.nvmf.testing.kernel;

import static io.nvmf.testing.kernel.Hosts.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.event.NvmeEvent;
import io.nvmf.recovery.ControllerState;
import io.nvmf.recovery.Recovery;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** A controller of the kernel's that our host has, whose association is to be lost; notes what it tells of itself. */
public final class RecoveredHost implements AutoCloseable {

    /** Short, so that writes of unknown outcome do not wait for long, and long enough for an emulated guest. */
    public static final Duration KEEP_ALIVE = Duration.ofSeconds(2);

    public final NvmeController controller;
    private final List<ControllerState> states = new CopyOnWriteArrayList<>();
    private final List<NvmeEvent> events = new CopyOnWriteArrayList<>();

    public RecoveredHost(GuestTarget target) {
        controller = Hosts.connect(client(target));
        controller.states().subscribe(states::add);
        controller.events().subscribe(events::add);
    }

    private static NvmeClient client(GuestTarget target) {
        return Hosts.client(target.transport(), target.address(), target.nqn())
                .keepAlive(KEEP_ALIVE)
                .connectTimeout(Duration.ofSeconds(3))
                .recovery(Recovery.defaults()
                        .maxDelay(Duration.ofSeconds(1))
                        .lossTimeout(Duration.ofMinutes(1))
                        .patientConnect(true));
    }

    /** What the controller has been through, with what it is now. */
    public List<ControllerState> states() {
        return states;
    }

    /** Waits for a state, unless the controller has been in it. */
    public <S extends ControllerState> S awaitState(Class<S> type, Predicate<S> which) {
        await().atMost(LIMIT)
                .until(() ->
                        states.stream().filter(type::isInstance).map(type::cast).anyMatch(which));
        return states.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .filter(which)
                .findFirst()
                .orElseThrow();
    }

    /** Waits until so many attempts in a row have been in vain. */
    public ControllerState.Reconnecting awaitFailedAttempts(int count) {
        return awaitState(ControllerState.Reconnecting.class, state -> state.attempt() > count);
    }

    /** Waits for an association of at least this generation. */
    public void awaitGeneration(int generation) {
        awaitState(ControllerState.Live.class, state -> state.generation() >= generation);
    }

    /** How many associations there have been. */
    public int generation() {
        return states.stream()
                .filter(ControllerState.Live.class::isInstance)
                .mapToInt(state -> ((ControllerState.Live) state).generation())
                .max()
                .orElse(0);
    }

    /** Waits for an event, unless there has been one. */
    public <E extends NvmeEvent> void awaitEvent(Class<E> type, Predicate<E> which) {
        awaitEvents(type, which, 1);
    }

    /** Waits until there have been so many events. */
    public <E extends NvmeEvent> void awaitEvents(Class<E> type, Predicate<E> which, int count) {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(events)
                        .filteredOn(event -> type.isInstance(event) && which.test(type.cast(event)))
                        .as("expected among %s", events)
                        .hasSizeGreaterThanOrEqualTo(count));
    }

    public List<NvmeEvent> events() {
        return events;
    }

    @Override
    public void close() {
        Hosts.close(controller);
    }
}
