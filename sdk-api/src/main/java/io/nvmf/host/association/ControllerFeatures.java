package io.nvmf.host.association;

import io.netty.buffer.Unpooled;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.HostBehavior;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.spec.KeepAliveTimer;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The features that host and controller agree on before there is any I/O (NVMe Base Specification, "Keep Alive Timer"
 * and "Host Behavior Support").
 */
final class ControllerFeatures {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerFeatures.class);

    private final AssociationParameters parameters;
    private final StepDeadline deadline;

    ControllerFeatures(AssociationParameters parameters, StepDeadline deadline) {
        this.parameters = parameters;
        this.deadline = deadline;
    }

    /**
     * Agrees on the keep alive timeout. Connect carries KATO as it was asked for, because the granularity (KAS) is not
     * known before. Where it does not fit, the controller is told the value that does, so that both sides count the
     * same; a controller that refuses it rounds by itself.
     *
     * @param admin commands over the admin queue
     * @param identify the controller
     * @return the timeout, zero for a controller without keep alive
     */
    Mono<Duration> agreeOnKeepAlive(AdminCommands admin, IdentifyController identify) {
        Duration asked = parameters.keepAlive();
        int granularity = (int) identify.get(Field.KAS);
        KeepAliveTimer timer =
                granularity == 0 ? new KeepAliveTimer(0) : new KeepAliveTimer(asked.toMillis()).roundedUp(granularity);
        if (timer.timeout().equals(asked)) {
            return Mono.just(asked);
        }
        LOG.info(
                "[{}] keep alive timeout with {} is {} ms instead of {} ms: the controller's granularity (KAS) is {} ms",
                parameters.id(),
                parameters.target(),
                timer.millis(),
                asked.toMillis(),
                granularity * 100L);
        Mono<Void> told = granularity == 0 ? Mono.empty() : tell(admin, timer);
        return told.thenReturn(timer.timeout());
    }

    private Mono<Void> tell(AdminCommands admin, KeepAliveTimer timer) {
        return deadline.bound(
                        "Set Features Keep Alive Timer", admin.setFeature(FeatureId.KEEP_ALIVE_TIMER, timer.encode()))
                .onErrorResume(NvmeStatusException.class, refused -> {
                    LOG.debug("[{}] the controller rounds its keep alive timeout itself", parameters.id(), refused);
                    return Mono.empty();
                })
                .then();
    }

    /**
     * Allows the controller to ask for retry delays (ACRE), where it has any.
     *
     * @param admin commands over the admin queue
     * @param identify the controller
     */
    Mono<Void> enableRetryDelays(AdminCommands admin, IdentifyController identify) {
        boolean delays =
                identify.get(Field.CRDT1) != 0 || identify.get(Field.CRDT2) != 0 || identify.get(Field.CRDT3) != 0;
        if (parameters.discovery() || !delays) {
            return Mono.empty();
        }
        byte[] behavior = new byte[HostBehavior.LENGTH];
        new HostBehavior(true, false, false, false, 0).encode(Unpooled.wrappedBuffer(behavior), 0);
        return deadline.bound(
                        "Set Features Host Behavior Support",
                        admin.setFeature(FeatureId.HOST_BEHAVIOR_SUPPORT, behavior)
                                .thenReturn(true))
                .then();
    }
}
