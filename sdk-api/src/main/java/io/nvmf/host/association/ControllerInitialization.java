package io.nvmf.host.association;

import io.nvmf.host.auth.ChannelKeys;
import io.nvmf.host.auth.HostAuthentication;
import io.nvmf.host.queue.Failures;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyController.Field;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * The steps from nothing to an association that takes I/O, in the order of the NVMe Base Specification,
 * "Memory-based/Message-based Controller Initialization": connect the admin queue, enable the controller, identify it,
 * agree on features, create the I/O queues. Each step is a class of its own and can be used alone.
 */
final class ControllerInitialization {

    /** Wiped when all queues are connected, which is when nothing needs them any more, or when that has failed. */
    private final ChannelKeys generated = new ChannelKeys();

    private final AssociationQueues queues;
    private final Failures failures;
    private final QueueConnect queueConnect;
    private final ControllerEnable controllerEnable;
    private final ControllerIdentification identification;
    private final ControllerFeatures features;
    private final IoQueueCreation ioQueueCreation;

    ControllerInitialization(
            AssociationParameters parameters,
            AssociationQueues queues,
            HostAuthentication authentication,
            Failures failures) {
        this.queues = queues;
        this.failures = failures;
        StepDeadline deadline = new StepDeadline(parameters, failures);
        this.queueConnect = new QueueConnect(parameters, queues, deadline, authentication, generated, failures);
        this.controllerEnable = new ControllerEnable(parameters, deadline, failures);
        this.identification = new ControllerIdentification(parameters, deadline, failures);
        this.features = new ControllerFeatures(parameters, deadline);
        this.ioQueueCreation = new IoQueueCreation(parameters, queueConnect, deadline);
    }

    /** Runs all steps, each when the one before has succeeded. Cold. */
    Mono<AssociationDetails> run() {
        return Mono.using(
                () -> generated,
                keys -> queueConnect
                        .concatenate()
                        .then(Mono.defer(queueConnect::connectAdmin))
                        .flatMap(this::enable),
                ChannelKeys::close);
    }

    private Mono<AssociationDetails> enable(ConnectedQueue admin) {
        AdminCommands commands = new AdminCommands(admin.queue(), failures);
        return controllerEnable.enable(commands).flatMap(enabled -> identify(admin, commands, enabled));
    }

    private Mono<AssociationDetails> identify(ConnectedQueue admin, AdminCommands commands, EnabledController enabled) {
        return identification
                .identify(commands, admin)
                .doOnNext(identify -> {
                    failures.retryDelays(identify);
                    queues.abortLimit((int) identify.get(Field.ACL));
                })
                .flatMap(identify -> agreeOnFeatures(admin, commands, identify)
                        .flatMap(keepAlive -> ioQueueCreation
                                .create(admin, commands, enabled.capabilities(), identify)
                                .map(io -> details(admin, commands, enabled, identify, keepAlive, io))));
    }

    /** Keep alive runs from the moment it is agreed on, also while the other steps are under way. */
    private Mono<Duration> agreeOnFeatures(ConnectedQueue admin, AdminCommands commands, IdentifyController identify) {
        return features.agreeOnKeepAlive(commands, identify)
                .doOnNext(timeout -> queues.startKeepAlive(admin.queue(), identify, timeout))
                .flatMap(timeout ->
                        features.enableRetryDelays(commands, identify).thenReturn(timeout));
    }

    private static AssociationDetails details(
            ConnectedQueue admin,
            AdminCommands commands,
            EnabledController enabled,
            IdentifyController identify,
            Duration keepAlive,
            List<ConnectedQueue> io) {
        return new AssociationDetails(
                admin.controllerId(),
                enabled.capabilities(),
                enabled.version(),
                enabled.configuration(),
                identify,
                keepAlive,
                admin.sqFlowControl() || io.stream().anyMatch(ConnectedQueue::sqFlowControl),
                admin.queue(),
                commands,
                io.stream().map(ConnectedQueue::queue).toList());
    }
}
