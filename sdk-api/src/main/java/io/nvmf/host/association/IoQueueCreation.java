package io.nvmf.host.association;

import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.spec.NumberOfQueues;
import java.util.Comparator;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Agrees on the number of I/O queues and connects them, all at the same time, or a few at a time over TLS (NVMe Base
 * Specification, "Number of Queues").
 */
final class IoQueueCreation {

    /** How many connect at the same time over TLS. Linux refuses handshakes, on a small machine from the fourth on. */
    private static final int CONNECTS_OVER_TLS = 2;

    private final AssociationParameters parameters;
    private final QueueConnect connect;
    private final StepDeadline deadline;

    IoQueueCreation(AssociationParameters parameters, QueueConnect connect, StepDeadline deadline) {
        this.parameters = parameters;
        this.connect = connect;
        this.deadline = deadline;
    }

    /**
     * Creates the I/O queues.
     *
     * @param admin the admin queue
     * @param commands commands over it
     * @param capabilities CAP
     * @param identify the controller
     * @return as many queues as were asked for, or as the controller grants, by ascending identifier
     */
    Mono<List<ConnectedQueue>> create(
            ConnectedQueue admin,
            AdminCommands commands,
            ControllerCapabilities capabilities,
            IdentifyController identify) {
        int asked = parameters.ioQueues();
        if (asked == 0) {
            return Mono.just(List.of());
        }
        int queueSize = queueSize(capabilities, identify);
        return deadline.bound(
                        "Set Features Number of Queues",
                        commands.setFeature(FeatureId.NUMBER_OF_QUEUES, new NumberOfQueues(asked, asked).encode()))
                .flatMapMany(granted -> Flux.range(
                        1, Math.min(asked, NumberOfQueues.decode(granted).queuePairs())))
                .flatMap(
                        queueId -> connect.connectIo(admin, queueId, queueSize, identify),
                        parameters.security().usesTls() ? CONNECTS_OVER_TLS : Integer.MAX_VALUE)
                .collectSortedList(
                        Comparator.comparingInt(connected -> connected.queue().queueId()));
    }

    private int queueSize(ControllerCapabilities capabilities, IdentifyController identify) {
        int size = Math.min(parameters.queueSize(), capabilities.mqes() + 1);
        int mostCommands = (int) identify.get(Field.MAXCMD);
        return mostCommands == 0 ? size : Math.min(size, mostCommands + 1);
    }
}
