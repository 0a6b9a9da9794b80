package io.nvmf.host.association;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.host.auth.ChannelKeys;
import io.nvmf.host.auth.HostAuthentication;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.security.Security;
import io.nvmf.spec.CompletionQueueEntry;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.ConnectResponse;
import io.nvmf.spec.IdentifyController;
import io.nvmf.transport.HostQueuePair;
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

    /** What an authentication has made for the secure channels of this association; not ours to wipe. */
    private final ChannelKeys generated;

    private final Failures failures;

    QueueConnect(
            AssociationParameters parameters,
            AssociationQueues queues,
            StepDeadline deadline,
            HostAuthentication authentication,
            ChannelKeys generated,
            Failures failures) {
        this.generated = generated;
        this.parameters = parameters;
        this.queues = queues;
        this.deadline = deadline;
        this.authentication = authentication;
        this.failures = failures;
    }

    /**
     * Makes the key of the secure channels that follow (secure channel concatenation), where there are to be any: an
     * admin queue is connected without TLS, authenticated and closed.
     *
     * @return completes when the connection is closed and the key is there
     */
    Mono<Void> concatenate() {
        if (!parameters.security().isConcatenated()) {
            return Mono.empty();
        }
        HostQueuePairParameters wanted = complete(adminQueue());
        Connect connect = new Connect(wanted, parameters.keepAlive().toMillis());
        return plain(wanted)
                .map(queuePair -> queues.startApart(queuePair, wanted.queueSize()))
                .flatMap(queue -> sendBounded(queue, connect)
                        .doOnNext(answer -> requireSuccess(connect, answer))
                        .then(Mono.defer(() -> authentication.concatenate(queue, generated)))
                        .then(Mono.defer(() -> deadline.bound(
                                "closing the connection before the secure channel", queues.closeApart(queue)))));
    }

    /** Connects the admin queue, to a controller that the subsystem chooses. */
    Mono<ConnectedQueue> connectAdmin() {
        return connect(adminQueue(), parameters.keepAlive().toMillis()).doOnNext(admin -> {
            if (admin.controllerId() > ConnectData.CNTLID_MAX) {
                throw failures.protocol("Connect: controller identifier " + admin.controllerId() + " is beyond "
                        + ConnectData.CNTLID_MAX);
            }
        });
    }

    private HostQueuePairParameters.Builder adminQueue() {
        return HostQueuePairParameters.adminQueue(parameters.address(), parameters.hostNqn(), parameters.subsystemNqn())
                .queueSize(parameters.adminQueueSize());
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
        HostQueuePairParameters wanted = complete(builder);
        Connect connect = new Connect(wanted, kato);
        return open(wanted)
                .map(queuePair -> queues.start(queuePair, wanted.queueId(), wanted.queueSize()))
                .flatMap(queue ->
                        sendBounded(queue, connect).flatMap(answer -> accept(queue, wanted.address(), connect, answer)))
                .onErrorResume(
                        QueueConnect::isLoss,
                        lost -> authentication.othersSettled(wanted.queueId()).then(Mono.error(lost)));
    }

    private static boolean isLoss(Throwable failure) {
        return failure instanceof NvmeConnectionException || failure instanceof NvmeProtocolException;
    }

    private HostQueuePairParameters complete(HostQueuePairParameters.Builder builder) {
        return builder.connectTimeout(parameters.stepTimeout())
                .options(parameters.options())
                .association(parameters.id())
                .build();
    }

    /** A Connect command and its data. */
    private final class Connect {

        final ConnectCommand command;
        final ConnectData data;

        Connect(HostQueuePairParameters wanted, long kato) {
            command = new ConnectCommand(
                    0,
                    wanted.queueId(),
                    wanted.queueSize() - 1,
                    parameters.sqFlowControl() ? 0 : ConnectCommand.DISABLE_SQ_FLOW_CONTROL,
                    kato);
            data = new ConnectData(parameters.hostId(), wanted.controllerId(), wanted.subsystemNqn(), wanted.hostNqn());
        }
    }

    /** Opens a connection: over TLS where keys are configured, or have been made. Never without instead. */
    private Mono<HostQueuePair> open(HostQueuePairParameters wanted) {
        Security security = parameters.security();
        if (security.tls().isPresent()) {
            return Mono.using(
                    ChannelKeys::new,
                    keys -> authentication
                            .configuredKeys(wanted.queueId(), keys)
                            .flatMap(ready -> secured(wanted, ready)),
                    ChannelKeys::close);
        }
        return security.isConcatenated() ? Mono.defer(() -> secured(wanted, generated)) : plain(wanted);
    }

    private Mono<HostQueuePair> plain(HostQueuePairParameters wanted) {
        return parameters
                .registry()
                .connect(parameters.transportType(), wanted)
                .onErrorMap(cause -> unreachable(wanted.queueId(), cause));
    }

    private Mono<HostQueuePair> secured(HostQueuePairParameters wanted, ChannelKeys keys) {
        return parameters
                .registry()
                .connect(parameters.transportType(), wanted, keys.offered())
                .onErrorMap(cause -> unreachable(wanted.queueId(), cause))
                .map(queuePair -> {
                    if (keys.secure(queuePair)) {
                        return queuePair;
                    }
                    queuePair.close().subscribe();
                    int queueId = wanted.queueId();
                    throw failures.forQueue(queueId)
                            .authentication(
                                    "queue " + queueId + ": the transport has connected without a key that was offered",
                                    CommandOutcome.NOT_SENT,
                                    false,
                                    null);
                });
    }

    private Mono<Completion> sendBounded(HostQueue queue, Connect connect) {
        return deadline.bound("Connect of queue " + queue.queueId(), send(queue, connect.command, connect.data));
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

    private Mono<ConnectedQueue> accept(HostQueue queue, TransportAddress address, Connect connect, Completion answer) {
        requireSuccess(connect, answer);
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

    private void requireSuccess(Connect connect, Completion answer) {
        if (!answer.isSuccess()) {
            throw failures.status(
                    ConnectRefusalText.explain(parameters.target(), connect.command, connect.data, answer),
                    answer.command(),
                    answer.status(),
                    true);
        }
    }
}
