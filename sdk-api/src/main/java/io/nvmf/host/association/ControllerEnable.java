package io.nvmf.host.association;

import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.Failures;
import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.ControllerStatus;
import io.nvmf.spec.Property;
import io.nvmf.spec.Version;
import java.time.Duration;
import reactor.core.publisher.Mono;

/**
 * Reads what a controller can do (CAP, VS), enables it (CC.EN) and waits until it is ready (CSTS.RDY): NVMe Base
 * Specification, "Memory-based/Message-based Controller Initialization".
 */
final class ControllerEnable {

    /** Smallest time to become ready that is believed; it stands for a controller that states 0. */
    private static final Duration MIN_READY_TIME = Duration.ofMillis(500);

    /** CAP.CRMS: CRTO.CRWMT says how long it takes to become ready with media. */
    private static final int CRMS_WITH_MEDIA = 1;

    /** Unit of CRTO.CRWMT in milliseconds. */
    private static final long CRWMT_UNIT_MILLIS = 500;

    /**
     * How long a controller may take to become ready.
     *
     * @param time the bound
     * @param property which property states it
     */
    private record ReadyTimeout(Duration time, String property) {

        ReadyTimeout orLonger(Duration other, String stated) {
            return other.compareTo(time) > 0 ? new ReadyTimeout(other, stated) : this;
        }
    }

    private final AssociationParameters parameters;
    private final StepDeadline deadline;
    private final Failures failures;

    ControllerEnable(AssociationParameters parameters, StepDeadline deadline, Failures failures) {
        this.parameters = parameters;
        this.deadline = deadline;
        this.failures = failures;
    }

    /**
     * Enables a controller.
     *
     * @param admin commands over the admin queue, which is connected
     * @return the controller, ready
     */
    Mono<EnabledController> enable(AdminCommands admin) {
        return deadline.bound("Property Get CAP", admin.propertyGet(Property.CAP))
                .map(ControllerCapabilities::decode)
                .flatMap(capabilities -> version(admin).flatMap(version -> {
                    check(capabilities);
                    return readyTimeout(admin, capabilities)
                            .flatMap(bound -> enable(admin, capabilities, bound))
                            .map(configuration -> new EnabledController(capabilities, version, configuration));
                }));
    }

    private Mono<Version> version(AdminCommands admin) {
        return deadline.bound("Property Get VS", admin.propertyGet(Property.VS))
                .map(value -> Version.decode(value.intValue()));
    }

    private void check(ControllerCapabilities capabilities) {
        // MQES is about I/O queues, and some discovery controllers state 0
        if (capabilities.mqes() == 0 && !parameters.discovery()) {
            throw failures.protocol("CAP.MQES is 0, a queue has at least 2 entries");
        }
        if (capabilities.mpsmin() > capabilities.mpsmax()) {
            throw failures.protocol(
                    "CAP.MPSMIN " + capabilities.mpsmin() + " is above CAP.MPSMAX " + capabilities.mpsmax());
        }
    }

    /**
     * Asks for CRTO where CAP.CRMS says that there is one: controllers that have it may state less in CAP.TO than they
     * need.
     */
    private Mono<ReadyTimeout> readyTimeout(AdminCommands admin, ControllerCapabilities capabilities) {
        ReadyTimeout stated = new ReadyTimeout(MIN_READY_TIME, "CAP.TO").orLonger(capabilities.timeout(), "CAP.TO");
        if ((capabilities.crms() & CRMS_WITH_MEDIA) == 0) {
            return Mono.just(stated);
        }
        return deadline.bound("Property Get CRTO", admin.propertyGet(Property.CRTO))
                .map(value -> stated.orLonger(Duration.ofMillis((value & 0xFFFF) * CRWMT_UNIT_MILLIS), "CRTO.CRWMT"));
    }

    private Mono<ControllerConfiguration> enable(
            AdminCommands admin, ControllerCapabilities capabilities, ReadyTimeout bound) {
        // MDTS and the host count in pages of the smallest size
        ControllerConfiguration configuration =
                ControllerConfiguration.enable(commandSets(capabilities.css())).withMps(capabilities.mpsmin());
        return deadline.bound(
                        "Property Set CC",
                        admin.propertySet(Property.CC, configuration.encode() & 0xFFFF_FFFFL)
                                .thenReturn(true))
                .then(StatusPoll.until(admin, this::isReady, parameters.timer())
                        .timeout(
                                bound.time(),
                                Mono.error(() -> failures.timeout(
                                        "enable the controller of " + parameters.target()
                                                + ": CSTS.RDY did not become 1 within " + bound.property(),
                                        bound.time(),
                                        CommandOutcome.NOT_CONNECTED)),
                                parameters.timer()))
                .thenReturn(configuration);
    }

    private int commandSets(int css) {
        if (parameters.discovery() || (css & ControllerCapabilities.CSS_NVM) != 0) {
            return ControllerConfiguration.CSS_NVM;
        }
        if ((css & ControllerCapabilities.CSS_IO_COMMAND_SETS) != 0) {
            return ControllerConfiguration.CSS_ALL;
        }
        throw failures.unreachable(
                "connect to " + parameters.target(),
                new UnsupportedOperationException("CAP.CSS is " + Integer.toHexString(css)
                        + "h: the controller has no NVM command set, so there is nothing to read or write"));
    }

    private boolean isReady(ControllerStatus status) {
        if (status.fatal()) {
            throw failures.unreachable(
                    "enable the controller of " + parameters.target(),
                    new IllegalStateException("the controller reports a fatal error (CSTS.CFS is 1)"));
        }
        return status.ready();
    }
}
