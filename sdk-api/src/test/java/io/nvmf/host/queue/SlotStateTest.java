package io.nvmf.host.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransferException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of {@link SlotState}: from every state, each transition is either in it or throws and changes nothing. */
class SlotStateTest {

    private static final int TICK = 3;
    private static final ResponseCapsule RESPONSE =
            ResponseCapsule.madeByHost(0, Status.of(StatusCode.TRANSIENT_TRANSPORT_ERROR));

    private static final Map<String, Consumer<SlotState>> TRANSITIONS = new LinkedHashMap<>();

    static {
        TRANSITIONS.put("acquired", SlotState::acquired);
        TRANSITIONS.put("dataAttached", SlotState::dataAttached);
        TRANSITIONS.put("submitted", state -> state.submitted(new Owner(false), true, TICK));
        TRANSITIONS.put("submitted, long-running", state -> state.submitted(new Owner(true), false, TICK));
        TRANSITIONS.put("left", SlotState::left);
        TRANSITIONS.put("dataEnded", state -> state.dataEnded(null));
        TRANSITIONS.put("data damaged", state -> state.dataEnded(failed(TransferException.Kind.INTEGRITY)));
        TRANSITIONS.put("data aborted", state -> state.dataEnded(failed(TransferException.Kind.ABORTED)));
        TRANSITIONS.put("answered", state -> state.answered(RESPONSE));
        TRANSITIONS.put("extended", state -> state.extended(TICK + 1));
        TRANSITIONS.put("abandoned", state -> state.abandoned(TICK + 1));
        TRANSITIONS.put("abortRequested", SlotState::abortRequested);
        TRANSITIONS.put("abortOver", SlotState::abortOver);
        TRANSITIONS.put("takenBack", SlotState::takenBack);
        TRANSITIONS.put("cutOff", SlotState::cutOff);
        TRANSITIONS.put("released", SlotState::released);
    }

    /** What leads to a state, and all that is allowed in it. */
    static Stream<Arguments> table() {
        return Stream.of(
                state(List.of(), Set.of("acquired")),
                state(List.of("acquired"), Set.of("dataAttached", "submitted", "submitted, long-running", "released")),
                state(List.of("acquired", "dataAttached"), Set.of("submitted", "submitted, long-running")),
                // Waits to leave.
                state(List.of("acquired", "submitted"), Set.of("left", "extended", "abandoned", "takenBack", "cutOff")),
                state(
                        List.of("acquired", "dataAttached", "submitted"),
                        Set.of(
                                "left",
                                "dataEnded",
                                "data damaged",
                                "data aborted",
                                "extended",
                                "abandoned",
                                "takenBack",
                                "cutOff")),
                state(
                        List.of("acquired", "submitted, long-running"),
                        Set.of("left", "abandoned", "takenBack", "cutOff")),
                state(List.of("acquired", "submitted", "takenBack"), Set.of("takenBack", "cutOff", "released")),
                state(
                        List.of("acquired", "dataAttached", "submitted", "takenBack"),
                        Set.of("dataEnded", "data damaged", "data aborted", "takenBack", "cutOff")),
                state(
                        List.of("acquired", "submitted", "abandoned"),
                        Set.of("left", "abortRequested", "takenBack", "cutOff")),
                // On the wire, the two signals in both orders.
                state(List.of("acquired", "submitted", "left"), Set.of("answered", "extended", "abandoned", "cutOff")),
                state(List.of("acquired", "submitted", "left", "extended"), Set.of("answered", "abandoned", "cutOff")),
                state(
                        List.of("acquired", "submitted", "left", "answered"),
                        Set.of("extended", "abandoned", "cutOff", "released")),
                state(
                        List.of("acquired", "dataAttached", "submitted", "left", "answered"),
                        Set.of("dataEnded", "data damaged", "data aborted", "extended", "abandoned", "cutOff")),
                state(
                        List.of("acquired", "dataAttached", "submitted", "left", "dataEnded"),
                        Set.of("answered", "extended", "abandoned", "cutOff")),
                state(
                        List.of("acquired", "dataAttached", "submitted", "left", "data damaged", "answered"),
                        Set.of("extended", "abandoned", "cutOff", "released")),
                state(
                        List.of("acquired", "dataAttached", "submitted", "left", "data aborted", "answered"),
                        Set.of("extended", "abandoned", "cutOff")),
                state(
                        List.of("acquired", "dataAttached", "submitted", "left", "data aborted", "answered", "cutOff"),
                        Set.of("cutOff", "released")),
                // Orphans.
                state(
                        List.of("acquired", "submitted", "left", "abandoned"),
                        Set.of("answered", "abortRequested", "cutOff")),
                state(
                        List.of("acquired", "submitted", "left", "abandoned", "abortRequested"),
                        Set.of("answered", "abortOver", "cutOff")),
                state(
                        List.of("acquired", "submitted", "left", "abandoned", "abortRequested", "answered"),
                        Set.of("abortOver", "cutOff")),
                state(
                        List.of("acquired", "submitted", "left", "abandoned", "abortRequested", "abortOver"),
                        Set.of("answered", "cutOff")),
                state(
                        List.of(
                                "acquired",
                                "submitted",
                                "left",
                                "abandoned",
                                "abortRequested",
                                "answered",
                                "abortOver"),
                        Set.of("cutOff", "released")),
                // The end.
                state(List.of("acquired", "submitted", "left", "cutOff"), Set.of("cutOff", "released")),
                state(
                        List.of("acquired", "dataAttached", "submitted", "left", "cutOff"),
                        Set.of("dataEnded", "data damaged", "data aborted", "cutOff")),
                state(
                        List.of("acquired", "submitted", "left", "abandoned", "abortRequested", "cutOff"),
                        Set.of("cutOff", "released")),
                state(List.of("acquired", "submitted", "left", "answered", "released"), Set.of("acquired")));
    }

    private static Arguments state(List<String> path, Set<String> allowed) {
        return Arguments.of(path, allowed);
    }

    @ParameterizedTest
    @MethodSource("table")
    void onlyTheTransitionsOfTheTableAreAllowed(List<String> path, Set<String> allowed) {
        assertThat(TRANSITIONS.keySet()).containsAll(allowed);
        TRANSITIONS.forEach((name, transition) -> {
            SlotState state = reached(path);
            String before = state.state();
            if (allowed.contains(name)) {
                transition.accept(state);
            } else {
                assertThatThrownBy(() -> transition.accept(state), name)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining(before);
                assertThat(state.state()).as(name).isEqualTo(before);
            }
        });
    }

    @Test
    void aFreedSlotIsAsItWasAtFirst() {
        String first = reached(List.of()).state();

        assertThat(reached(List.of("acquired", "released")).state()).isEqualTo(first);
        assertThat(reached(List.of(
                                "acquired",
                                "dataAttached",
                                "submitted",
                                "left",
                                "extended",
                                "abandoned",
                                "abortRequested",
                                "data damaged",
                                "answered",
                                "abortOver",
                                "released"))
                        .state())
                .isEqualTo(first);
    }

    @Test
    void whatIsNotAnsweredIsUnknownOnceItHasLeft() {
        assertThat(reached(List.of("acquired", "submitted")).outcome()).isEqualTo(CommandOutcome.NOT_SENT);
        assertThat(reached(List.of("acquired", "submitted", "left")).outcome()).isEqualTo(CommandOutcome.UNKNOWN);
        assertThat(reached(List.of("acquired", "submitted", "left", "cutOff")).outcome())
                .isEqualTo(CommandOutcome.UNKNOWN);
    }

    @Test
    void theDeadlineRunsWhileSomethingIsMissingAndNoAbortIsOnItsWay() {
        List<String> path = new ArrayList<>(List.of("acquired"));
        assertThat(reached(path).isTimed()).isFalse();
        path.add("submitted");
        assertThat(reached(path).isTimed()).isTrue();
        path.add("left");
        path.add("abandoned");
        assertThat(reached(path).isTimed()).isTrue();
        path.add("abortRequested");
        assertThat(reached(path).isTimed()).isFalse();
        path.add("abortOver");
        assertThat(reached(path).isTimed()).isTrue();
        path.add("answered");
        assertThat(reached(path).isTimed()).isFalse();
    }

    @Test
    void longRunningCommandsHaveNoDeadlineEvenWhenAbandoned() {
        assertThat(reached(List.of("acquired", "submitted, long-running")).isTimed())
                .isFalse();
        assertThat(reached(List.of("acquired", "submitted, long-running", "left", "abandoned"))
                        .isTimed())
                .isFalse();
    }

    @Test
    void aCallBackThatComesTwiceThrowsInTheTransport() {
        QueueFixture fixture = new QueueFixture(1);
        fixture.execute(QueueFixture.named(1));
        CommandCapsule capsule = fixture.pair.capsule(0);

        assertThatIllegalStateException().isThrownBy(capsule::transmitted).withMessageContaining("ON_THE_WIRE");
        assertThatIllegalStateException()
                .isThrownBy(() -> capsule.transferComplete(0, null))
                .withMessageContaining("NO_DATA");
        fixture.cut();
    }

    private static TransferException failed(TransferException.Kind kind) {
        return new TransferException(kind, 0, "as the test says");
    }

    private static SlotState reached(List<String> path) {
        SlotState state = new SlotState() {
            @Override
            public void encode(ByteBuf target, int index) {}
        };
        path.forEach(step -> TRANSITIONS.get(step).accept(state));
        return state;
    }

    private static final class Owner extends SlotOwner {

        private final boolean longRunning;

        Owner(boolean longRunning) {
            this.longRunning = longRunning;
        }

        @Override
        void slotFree(RequestSubmission way) {}

        @Override
        void commandDone(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {}

        @Override
        void commandFailed(RuntimeException failure, CommandOutcome outcome) {}

        @Override
        void commandWithdrawn() {}

        @Override
        boolean abandoned() {
            return false;
        }

        @Override
        boolean longRunning() {
            return longRunning;
        }
    }
}
