package io.nvmf.host.association;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.host.auth.HostAuthentication;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.spec.CompletionQueueEntry;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.ConnectResponse;
import io.nvmf.spec.IdentifyController;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportAddress;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;

/**
 * Connects one queue, admin or I/O: opens a queue pair of the transport, starts a queue on it, sends Connect (NVMe over
 * Fabrics, "Connect Command and Response"), and authenticates where a side asks for that.
 *
 * <p>Keeps nothing, so that queues may connect at the same time.
 */
final class QueueConnect {

    private final AssociationParameters parameters;
    private final AssociationQueues queues;
    private final StepDeadline deadline;
    private final HostAuthentication authentication;
    private final Failures failures;

    QueueConnect(
            AssociationParameters parameters,
            AssociationQueues queues,
            StepDeadline deadline,
            HostAuthentication authentication,
            Failures failures) {
        this.parameters = parameters;
        this.queues = queues;
        this.deadline = deadline;
        this.authentication = authentication;
        this.failures = failures;
    }

    /** Connects the admin queue, to a controller that the subsystem chooses. */
    Mono<ConnectedQueue> connectAdmin() {
        return connect(
                        HostQueuePairParameters.adminQueue(
                                        parameters.address(), parameters.hostNqn(), parameters.subsystemNqn())
                                .queueSize(parameters.adminQueueSize()),
                        parameters.keepAlive().toMillis())
                .doOnNext(admin -> {
                    if (admin.controllerId() > ConnectData.CNTLID_MAX) {
                        throw failures.protocol("Connect: controller identifier " + admin.controllerId() + " is beyond "
                                + ConnectData.CNTLID_MAX);
                    }
                });
    }

    /**
     * Connects an I/O queue to the controller that the admin queue is connected to, at the same address.
     *
     * @param admin the admin queue
     * @param queueId from 1
     * @param queueSize entries
     * @param identify the controller, which says what it takes within a capsule
     */
    Mono<ConnectedQueue> connectIo(ConnectedQueue admin, int queueId, int queueSize, IdentifyController identify) {
        return connect(
                HostQueuePairParameters.ioQueue(
                                admin.address(),
                                parameters.hostNqn(),
                                parameters.subsystemNqn(),
                                queueId,
                                admin.controllerId())
                        .queueSize(queueSize)
                        .inCapsuleData(
                                (int) Math.min(identify.inCapsuleDataSize(), Integer.MAX_VALUE),
                                identify.inCapsuleDataOffset()),
                0);
    }

    private Mono<ConnectedQueue> connect(HostQueuePairParameters.Builder builder, long kato) {
        HostQueuePairParameters wanted = builder.connectTimeout(parameters.stepTimeout())
                .options(parameters.options())
                .association(parameters.id())
                .build();
        int queueId = wanted.queueId();
        int queueSize = wanted.queueSize();
        ConnectCommand command = new ConnectCommand(
                0,
                queueId,
                queueSize - 1,
                parameters.sqFlowControl() ? 0 : ConnectCommand.DISABLE_SQ_FLOW_CONTROL,
                kato);
        ConnectData data =
                new ConnectData(parameters.hostId(), wanted.controllerId(), wanted.subsystemNqn(), wanted.hostNqn());
        return parameters
                .registry()
                .connect(parameters.transportType(), wanted)
                .onErrorMap(cause -> unreachable(queueId, cause))
                .map(queuePair -> queues.start(queuePair, queueId, queueSize))
                .flatMap(queue -> deadline.bound("Connect of queue " + queueId, send(queue, command, data))
                        .flatMap(answer -> accept(queue, wanted.address(), command, data, answer)));
    }

    private Throwable unreachable(int queueId, Throwable cause) {
        String what = "connect queue " + queueId + " to " + parameters.target();
        Throwable root = cause instanceof QueuePairTerminatedException ended
                        && ended.termination() instanceof Termination.IoFailure failure
                ? failure.cause()
                : cause;
        return root instanceof TimeoutException
                ? failures.timeout(
                        what + ": " + root.getMessage(), parameters.stepTimeout(), CommandOutcome.NOT_CONNECTED)
                : failures.unreachable(what, cause);
    }

    /** The status stays in band, because dword 0 says what is wrong with the parameters. */
    private Mono<Completion> send(HostQueue queue, ConnectCommand command, ConnectData data) {
        return queue.execute(Mono.fromSupplier(() -> encode(queue, command, data)))
                .single();
    }

    private Command encode(HostQueue queue, ConnectCommand command, ConnectData data) {
        ByteBuf buffer;
        try {
            buffer = queue.queuePair().allocator().buffer(ConnectData.LENGTH, ConnectData.LENGTH);
        } catch (OutOfMemoryError exhausted) {
            throw failures.noMemory("Connect of queue " + queue.queueId(), ConnectData.LENGTH, exhausted);
        }
        buffer.writeZero(ConnectData.LENGTH);
        data.encode(buffer, 0);
        return Command.encodedBy(command::encode).send(buffer);
    }

    private Mono<ConnectedQueue> accept(
            HostQueue queue, TransportAddress address, ConnectCommand command, ConnectData data, Completion answer) {
        if (!answer.isSuccess()) {
            throw failures.status(
                    ConnectRefusalText.explain(parameters.target(), command, data, answer),
                    answer.command(),
                    answer.status(),
                    true);
        }
        ConnectResponse response = ConnectResponse.decode(answer.response().dw0());
        boolean sqFlowControl = !answer.response().sqHeadValid()
                || answer.response().sqHead() != CompletionQueueEntry.SQHD_FLOW_CONTROL_DISABLED;
        return authentication
                .afterConnect(queue, response)
                .thenReturn(new ConnectedQueue(
                        queue,
                        queue.queuePair().remoteAddress().orElse(address),
                        response.controllerId(),
                        sqFlowControl));
    }
}
