package io.nvmf.metrics.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nvmf.metrics.AssociationMetrics;
import io.nvmf.metrics.ControllerMetrics;
import io.nvmf.metrics.QueueMetrics;
import io.nvmf.metrics.QueueMetrics.Unanswered;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.StatusCode;
import io.nvmf.transport.TransportAddress;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which meters there are, from the first to the last, whatever controllers do. */
class MicrometerRecorderTest {

    private static final String NQN = "nqn.2026-01.org.example:disk";
    private static final TransportAddress ADDRESS = TransportAddress.of("array-1", 4420);
    private static final int READ = NvmOpcode.READ;

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final MicrometerRecorder recorder = MicrometerRecorder.of(registry);

    private ControllerMetrics live() {
        ControllerMetrics controller = recorder.controller(NQN, ADDRESS);
        controller.state(new ControllerState.Live(1));
        return controller;
    }

    private static QueueMetrics queue(ControllerMetrics controller, int controllerId) {
        return controller.association(controllerId).queue(1, 127);
    }

    private static void read(QueueMetrics queue) {
        queue.commandBegins(READ);
        queue.answered(READ, 0, 0, 1_000, 512, 0);
    }

    private double inFlight() {
        return registry.get(NvmeMeters.IN_FLIGHT.getName()).gauge().value();
    }

    private long reads() {
        return registry.get(NvmeMeters.COMMANDS.getName()).tag("command", "read").timers().stream()
                .mapToLong(timer -> timer.count())
                .sum();
    }

    private Set<String> statuses(String command) {
        return registry.get(NvmeMeters.COMMANDS.getName()).tag("command", command).meters().stream()
                .map(meter -> Objects.requireNonNull(meter.getId().getTag("status")))
                .collect(Collectors.toSet());
    }

    @Test
    void aRegistryHasOneRecorder() {
        assertThat(MicrometerRecorder.of(registry)).isSameAs(recorder);
        assertThat(MicrometerRecorder.of(new SimpleMeterRegistry())).isNotSameAs(recorder);
        assertThat(MicrometerRecorder.global()).isSameAs(MicrometerRecorder.of(Metrics.globalRegistry));
    }

    @Test
    void commonCommandsHaveTimersFromTheBeginning() {
        queue(live(), 1);
        assertThat(registry.get(NvmeMeters.COMMANDS.getName()).meters().stream()
                        .map(meter -> meter.getId().getTag("command")))
                .containsExactlyInAnyOrder("read", "write", "flush");
    }

    @Test
    void aThousandAssociationsLeaveNoMoreMetersThanOne() {
        ControllerMetrics controller = live();
        read(queue(controller, 1));
        int before = registry.getMeters().size();
        for (int i = 2; i <= 1_000; i++) {
            read(queue(controller, i));
        }
        assertThat(registry.getMeters()).hasSize(before);
        controller.state(new ControllerState.Closed());
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void anAssociationWithTheSameIdentifierGoesOnWithTheMeters() {
        ControllerMetrics controller = live();
        read(queue(controller, 1));
        List<Meter> before = List.copyOf(registry.getMeters());
        read(queue(controller, 1));
        assertThat(registry.getMeters()).containsExactlyInAnyOrderElementsOf(before);
        assertThat(reads()).isEqualTo(2);
    }

    @Test
    void controllersWithTheSameTagsShareMeters() {
        ControllerMetrics one = live();
        ControllerMetrics other = live();
        QueueMetrics ofOne = queue(one, 1);
        QueueMetrics ofOther = queue(other, 1);
        ofOne.commandBegins(READ);
        ofOther.commandBegins(READ);
        assertThat(inFlight()).isEqualTo(2);
        assertThat(registry.get(NvmeMeters.STATE.getName())
                        .tag("state", "live")
                        .gauge()
                        .value())
                .isEqualTo(2);
        one.state(new ControllerState.Closed());
        ofOther.answered(READ, 0, 0, 1_000, 0, 0);
        assertThat(inFlight()).isEqualTo(1);
        assertThat(reads()).isEqualTo(1);
        other.state(new ControllerState.Closed());
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void whatComesAfterTheEndIsNotRegistered() {
        ControllerMetrics controller = live();
        QueueMetrics queue = queue(controller, 1);
        queue.commandBegins(READ);
        controller.state(new ControllerState.Closed());
        queue.unanswered(READ, Unanswered.LOST, 1_000);
        queue.orphanBegins();
        queue.orphanEnds();
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void whatComesAfterTheEndDisturbsNoOtherControllerWithTheSameTags() {
        ControllerMetrics first = live();
        QueueMetrics late = queue(first, 1);
        first.state(new ControllerState.Closed());
        QueueMetrics queue = queue(live(), 1);
        late.unanswered(READ, Unanswered.LOST, 1_000);
        read(queue);
        assertThat(reads()).isEqualTo(1);
        assertThat(inFlight()).isZero();
    }

    @Test
    void commandsAreNamedAsInTheSpecificationAndOthersByTheirOpcode() {
        ControllerMetrics controller = live();
        AssociationMetrics association = controller.association(1);
        QueueMetrics io = association.queue(1, 127);
        QueueMetrics admin = association.queue(0, 20);
        io.answered(0x09, 0, 0, 1, 0, 0);
        io.answered(0xC1, 0, 0, 1, 0, 0);
        admin.answered(0x09, 0, 0, 1, 0, 0);
        admin.answered(0x7F, 1, 0x82, 1, 0, 0);
        assertThat(registry.get(NvmeMeters.COMMANDS.getName()).meters().stream()
                        .map(meter -> meter.getId().getTag("queue") + " "
                                + meter.getId().getTag("command") + " "
                                + meter.getId().getTag("status")))
                .contains(
                        "1 dataset_management success",
                        "1 c1h success",
                        "0 set_features success",
                        "0 fabrics connect_invalid_parameters");
    }

    @Test
    void everyStatusCodeHasItsName() {
        for (StatusCode code : StatusCode.values()) {
            boolean fabrics = code.commandSet() == io.nvmf.spec.CommandSet.FABRICS;
            int index = CommandStatuses.index(code.type(), code.code(), fabrics);
            assertThat(code == StatusCode.SUCCESS || CommandStatuses.name(index).equalsIgnoreCase(code.name()))
                    .as(code.name())
                    .isTrue();
        }
        assertThat(CommandStatuses.name(CommandStatuses.index(7, 0xFF, false))).isEqualTo("other");
    }

    @Test
    void aControllerThatTriesEveryErrorGetsABoundedNumberOfTimers() {
        QueueMetrics queue = queue(live(), 1);
        for (int type = 0; type < 8; type++) {
            for (int code = 0; code < 256; code++) {
                for (int opcode = 0; opcode < 4; opcode++) {
                    queue.answered(opcode, type, code, 1, 0, 0);
                }
            }
        }
        assertThat(registry.get(NvmeMeters.COMMANDS.getName()).meters())
                .hasSizeLessThanOrEqualTo(CommandTimers.MOST_ERRORS + 2 * 4);
        assertThat(statuses("read")).contains("success", "other");
    }

    @Test
    void metersThatAreDeniedCostNothingAndFailNothing() {
        registry.config().meterFilter(MeterFilter.deny());
        ControllerMetrics controller = live();
        QueueMetrics queue = queue(controller, 1);
        read(queue);
        queue.unanswered(READ, Unanswered.TIMEOUT, 1);
        controller.state(new ControllerState.Reconnecting(1, java.time.Instant.EPOCH, java.util.Optional.empty()));
        controller.state(new ControllerState.Connecting(1));
        controller.state(new ControllerState.Live(2));
        controller.state(new ControllerState.Closed());
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void aCompositeRegistryHandsEverythingOn() {
        CompositeMeterRegistry composite = new CompositeMeterRegistry();
        SimpleMeterRegistry part = new SimpleMeterRegistry();
        ControllerMetrics controller = MicrometerRecorder.of(composite).controller(NQN, ADDRESS);
        controller.state(new ControllerState.Live(1));
        QueueMetrics queue = queue(controller, 1);
        composite.add(part);
        read(queue);
        assertThat(part.get(NvmeMeters.COMMANDS.getName())
                        .tag("command", "read")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(part.get(NvmeMeters.BYTES.getName())
                        .tag("direction", "read")
                        .functionCounter()
                        .count())
                .isEqualTo(512);
        controller.state(new ControllerState.Closed());
        assertThat(part.getMeters()).isEmpty();
    }
}
