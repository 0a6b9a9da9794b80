package io.nvmf.host.event;

import io.nvmf.command.NvmeException;
import io.nvmf.event.NvmeEvent.FirmwareActivationFinished;
import io.nvmf.event.NvmeEvent.FirmwareActivationStarting;
import io.nvmf.host.association.AdminCommands;
import io.nvmf.host.association.Association;
import io.nvmf.host.association.StatusPoll;
import io.nvmf.spec.FirmwareSlotLog;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.LogPage;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Waits while a controller activates new firmware and carries out no commands (NVMe Base Specification, "Firmware
 * Update Process", CSTS.PP). Event loop of the admin queue only.
 */
final class FirmwareActivation {

    private static final Logger LOG = LoggerFactory.getLogger(FirmwareActivation.class);

    /** How long a controller may take that states no maximum (MTFA). */
    static final Duration DEFAULT_LIMIT = Duration.ofSeconds(30);

    private final Association association;
    private final ControllerEvents events;
    private final IoPause pause;
    private boolean underWay;

    FirmwareActivation(Association association, ControllerEvents events, IoPause pause) {
        this.association = association;
        this.events = events;
        this.pause = pause;
    }

    /** An activation has begun. The controller tells of the next one only when the log page was read. */
    void starting() {
        if (underWay) {
            return;
        }
        underWay = true;
        events.tell(new FirmwareActivationStarting());
        AdminCommands admin = association.adminCommands().essential();
        Scheduler eventLoop = Schedulers.fromExecutor(association.adminQueue()::leaveTimer);
        Mono<Boolean> inTime = StatusPoll.until(admin, status -> !status.processingPaused(), association.timer())
                .thenReturn(true)
                .timeout(limit(), association.timer())
                .onErrorResume(TimeoutException.class, late -> {
                    LOG.warn("[{}] the controller is not done with its firmware in time", association.id());
                    return Mono.just(false);
                })
                .publishOn(eventLoop)
                .cache();
        pause.pause(inTime.then().onErrorComplete());
        inTime.flatMap(ready -> slots(admin).map(read -> new FirmwareActivationFinished(ready, read)))
                .subscribe(
                        finished -> {
                            underWay = false;
                            events.tell(finished);
                        },
                        failure -> LOG.debug(
                                "[{}] the association has ended while firmware was activated",
                                association.id(),
                                failure));
    }

    private Duration limit() {
        long hundreds = association.identify().get(IdentifyController.Field.MTFA);
        return hundreds == 0 ? DEFAULT_LIMIT : Duration.ofMillis(100 * hundreds);
    }

    private static Mono<Optional<FirmwareSlotLog>> slots(AdminCommands admin) {
        return admin.logPage(
                        GetLogPageCommand.of(LogPage.FIRMWARE_SLOT, FirmwareSlotLog.LENGTH),
                        data -> FirmwareSlotLog.decode(data, 0))
                .map(Optional::of)
                .onErrorResume(NvmeException.class, failure -> Mono.just(Optional.empty()));
    }
}
