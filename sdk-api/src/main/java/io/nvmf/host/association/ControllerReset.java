package io.nvmf.host.association;

import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.ControllerStatus;
import io.nvmf.spec.Property;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Resets a controller, or the subsystem that it belongs to (NVMe Base Specification, "Resets"). */
final class ControllerReset {

    /** For controllers that state no CAP.TO. */
    private static final Duration LEAST_TIME = Duration.ofSeconds(5);

    private final AssociationDetails details;
    private final AdminCommands admin;
    private final Scheduler timer;

    ControllerReset(AssociationDetails details, Scheduler timer) {
        this.details = details;
        this.admin = details.adminCommands().essential();
        this.timer = timer;
    }

    /** Clears CC.EN and waits until CSTS.RDY is clear, too: the controller carries out no command any more then. */
    Mono<Void> disable() {
        ControllerConfiguration disabled = details.configuration().withEnabled(false);
        Duration stated = details.capabilities().timeout();
        return Mono.defer(() -> admin.propertySet(Property.CC, disabled.encode() & 0xFFFF_FFFFL))
                .then(StatusPoll.until(admin, ControllerReset::isDisabled, timer))
                .timeout(stated.compareTo(LEAST_TIME) < 0 ? LEAST_TIME : stated, timer)
                .then();
    }

    private static boolean isDisabled(ControllerStatus status) {
        return !status.ready();
    }

    /** Asks for the reset of the subsystem, of which no controller may survive. */
    Mono<Void> resetSubsystem() {
        if (!details.capabilities().nssrs()) {
            return Mono.error(
                    new UnsupportedOperationException("the controller cannot reset its subsystem (CAP.NSSRS)"));
        }
        return admin.propertySet(Property.NSSR, Property.SUBSYSTEM_RESET).timeout(LEAST_TIME, timer);
    }
}
