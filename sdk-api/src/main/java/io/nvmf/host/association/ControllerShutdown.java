package io.nvmf.host.association;

import io.nvmf.host.queue.HostQueue;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.ControllerConfiguration.ShutdownNotification;
import io.nvmf.spec.ControllerStatus;
import io.nvmf.spec.ControllerStatus.ShutdownStatus;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.Property;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** The orderly end of an association, up to the point where its queue pairs can be closed. */
final class ControllerShutdown {

    /** How long commands that are outstanding may take to finish. */
    static final Duration GRACE = Duration.ofSeconds(5);

    /** How long a controller may take that does not state RTD3E. */
    static final Duration DEFAULT_SHUTDOWN_TIME = Duration.ofSeconds(5);

    /** The longest RTD3E that is believed. */
    static final Duration MAX_SHUTDOWN_TIME = Duration.ofSeconds(60);

    private final AssociationParameters parameters;
    private final AssociationDetails details;

    ControllerShutdown(AssociationParameters parameters, AssociationDetails details) {
        this.parameters = parameters;
        this.details = details;
    }

    /**
     * Lets I/O run out and shuts the controller down.
     *
     * @param stopKeepAlive called when I/O has run out
     * @return completes when the controller has shut down; an error when it did not answer or not in time
     */
    Mono<Void> run(Runnable stopKeepAlive) {
        Scheduler eventLoop = Schedulers.fromExecutor(details.admin()::leaveTimer);
        return drain().then(Mono.fromRunnable(stopKeepAlive))
                .then(notifyController())
                .publishOn(eventLoop);
    }

    private Mono<Void> drain() {
        return Flux.fromIterable(details.ioQueues())
                .flatMap(HostQueue::drain, Integer.MAX_VALUE)
                .then()
                .timeout(GRACE, Mono.empty(), parameters.timer());
    }

    private Mono<Void> notifyController() {
        ControllerConfiguration shutdown = details.configuration().withShutdown(ShutdownNotification.NORMAL);
        AdminCommands admin = details.adminCommands().essential();
        return Mono.defer(() -> admin.propertySet(Property.CC, shutdown.encode() & 0xFFFF_FFFFL))
                .then(StatusPoll.until(admin, ControllerShutdown::isComplete, parameters.timer()))
                .timeout(shutdownTime(), parameters.timer())
                .then();
    }

    private static boolean isComplete(ControllerStatus status) {
        return status.shutdown() == ShutdownStatus.COMPLETE;
    }

    private Duration shutdownTime() {
        long micros = details.identify().get(IdentifyController.Field.RTD3E);
        if (micros == 0) {
            return DEFAULT_SHUTDOWN_TIME;
        }
        Duration stated = Duration.of(micros, ChronoUnit.MICROS);
        return stated.compareTo(MAX_SHUTDOWN_TIME) > 0 ? MAX_SHUTDOWN_TIME : stated;
    }
}
