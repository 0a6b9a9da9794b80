package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.ConnectResponse;
import io.nvmf.spec.ConnectResponse.InvalidParameter;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.SpecificationViolationException;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.spec.auth.SecureChannel;
import io.nvmf.subsystem.engine.QueueAuthentication.Admission;
import io.nvmf.subsystem.engine.auth.GeneratedKeys;
import io.nvmf.subsystem.engine.auth.HostAuthenticator;
import io.nvmf.transport.ReceivedCommand;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a connection does before it is a queue: it waits for Connect and refuses everything else. */
final class ConnectHandler implements CommandHandler {

    /** Without TLS or over TLS with a configured key. */
    private static final List<SecureChannel> NO_CHANNEL = List.of(SecureChannel.NONE);

    /** On a connection that is for nothing else. */
    private static final List<SecureChannel> KEY_ONLY = List.of(SecureChannel.NEW_TLS_PSK, SecureChannel.UNSPECIFIED);

    /** Over TLS with a key that an authentication has made. */
    private static final List<SecureChannel> NEW_KEY_OR_NONE =
            List.of(SecureChannel.NONE, SecureChannel.REPLACE_TLS_PSK);

    private final TargetQueue queue;
    private final TargetServer server;

    ConnectHandler(TargetQueue queue, TargetServer server) {
        this.queue = queue;
        this.server = server;
    }

    @Override
    public void handle(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        if (entry.opcode() != FabricsCommandType.FABRICS_OPCODE
                || entry.fabricsCommandType() != FabricsCommandType.CONNECT) {
            queue.complete(command, commandId, TargetStatus.COMMAND_SEQUENCE_ERROR);
            return;
        }
        ConnectCommand connect = ConnectCommand.decode(entry.buffer(), entry.index());
        ConnectRefusal refusal = command.dataLength() == ConnectData.LENGTH
                ? checkEntry(connect)
                : ConnectRefusal.of(TargetStatus.DATA_LENGTH_INVALID);
        if (refusal != null) {
            command.release();
            refuse(connect, null, commandId, refusal);
            return;
        }
        command.receive(0, ConnectData.LENGTH)
                .subscribe(
                        data -> connect(connect, data, commandId),
                        failure ->
                                refuse(connect, null, commandId, ConnectRefusal.of(TargetStatus.ofTransfer(failure))));
        command.release();
    }

    private @Nullable ConnectRefusal checkEntry(ConnectCommand connect) {
        if (connect.recordFormat() != 0) {
            return ConnectRefusal.of(TargetStatus.CONNECT_INCOMPATIBLE_FORMAT);
        }
        int maxEntries = connect.queueId() == 0
                ? server.limits().adminQueueSize()
                : server.limits().queueSize();
        if (connect.sqSize() == 0 || connect.entries() > maxEntries) {
            return ConnectRefusal.inEntry(ConnectCommand.SQSIZE);
        }
        return null;
    }

    private void connect(ConnectCommand connect, ByteBuf bytes, int commandId) {
        ConnectData data;
        try {
            data = server.limits().strict()
                    ? ConnectData.decode(bytes, bytes.readerIndex())
                    : ConnectData.decodeAnonymous(bytes, bytes.readerIndex());
        } catch (SpecificationViolationException e) {
            refuse(connect, null, commandId, ConnectRefusal.inData(e.offset()));
            return;
        } finally {
            bytes.release();
        }
        Subsystem subsystem = server.subsystem(data.subsystemNqn());
        ConnectRefusal refusal = server.channels().check(identity(), connect.queueId(), data);
        if (refusal == null) {
            refusal = subsystem == null ? ConnectRefusal.inData(ConnectData.SUBNQN) : admit(subsystem, data);
        }
        if (refusal != null || subsystem == null) {
            refuse(connect, data, commandId, refusal == null ? ConnectRefusal.inData(ConnectData.SUBNQN) : refusal);
        } else if (connect.queueId() == 0) {
            connectAdmin(connect, data, subsystem, commandId);
        } else {
            connectIo(connect, data, subsystem, commandId);
        }
    }

    /** By which key the connection is protected; null for one that is not. */
    private @Nullable String identity() {
        return queue.queuePair().tlsIdentity();
    }

    /**
     * A host that a subsystem admits like every other need not have a qualified name, or any: SPDK's tools have none by
     * default, and FreeBSD's hosts take whatever they are given. One that is on a list has the name that is on the
     * list, byte by byte.
     */
    private @Nullable ConnectRefusal admit(Subsystem subsystem, ConnectData data) {
        String name = data.hostNqn();
        boolean acceptable = server.limits().strict() ? Nqn.isValid(name) : isName(name);
        if (!acceptable) {
            return ConnectRefusal.inData(ConnectData.HOSTNQN);
        }
        return subsystem.admits(name) ? null : ConnectRefusal.of(TargetStatus.CONNECT_INVALID_HOST);
    }

    private static boolean isName(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length <= Nqn.MAX_LENGTH
                && name.chars().noneMatch(Character::isISOControl);
    }

    private void connectAdmin(ConnectCommand connect, ConnectData data, Subsystem subsystem, int commandId) {
        if (data.controllerId() != ConnectData.CNTLID_DYNAMIC) {
            refuse(connect, data, commandId, ConnectRefusal.inData(ConnectData.CNTLID));
            return;
        }
        Controller controller = server.newController(queue, subsystem, data);
        if (controller == null) {
            refuse(connect, data, commandId, ConnectRefusal.of(TargetStatus.CONTROLLER_BUSY));
            return;
        }
        CommandHandler handler = new AdminHandler(queue, controller, server);
        HostAuthenticator authenticator = server.authenticator();
        if (authenticator == null || !server.channels().asksForProof(identity())) {
            if (!usesKey(controller)) {
                server.discard(controller);
                refuse(connect, data, commandId, ConnectRefusal.of(TargetStatus.CONNECT_INVALID_HOST));
            } else if (server.admit(controller, connect.keepAliveTimeout())) {
                queue.connected(
                        controller,
                        connect,
                        commandId,
                        response(controller, false),
                        later(authenticator, data, NEW_KEY_OR_NONE),
                        handler);
            } else {
                server.discard(controller);
                refuse(connect, data, commandId, ConnectRefusal.of(TargetStatus.CONTROLLER_BUSY));
            }
            return;
        }
        if (server.channels().isForKey(identity())) {
            begin(controller, connect, commandId, authenticator, data, KEY_ONLY, keeping(data, Admission.SPENT));
            return;
        }
        QueueAuthentication.Outcome outcome = (transaction, first, then) -> {
            if (!first) {
                then.accept(Admission.ADMITTED);
            } else if (server.admit(controller, connect.keepAliveTimeout())) {
                queue.admitted(handler);
                then.accept(Admission.ADMITTED);
            } else {
                then.accept(Admission.REFUSED);
            }
        };
        begin(controller, connect, commandId, authenticator, data, NO_CHANNEL, outcome);
    }

    /** Whether the key of the connection, if an authentication has made it, is there for the whole association. */
    private boolean usesKey(Controller controller) {
        GeneratedKeys keys = server.channels().generated();
        String identity = identity();
        if (keys == null || identity == null) {
            return true;
        }
        Runnable end = keys.use(identity);
        if (end == null) {
            return false;
        }
        controller.atEnd(end);
        return true;
    }

    /** What a host may do that the connection is proof of: prove itself anew, and have a new key for its next connection. */
    private @Nullable QueueAuthentication later(
            @Nullable HostAuthenticator authenticator, ConnectData data, List<SecureChannel> channels) {
        if (authenticator == null) {
            return null;
        }
        QueueAuthentication authentication = new QueueAuthentication(
                queue, server, authenticator, data, channels, keeping(data, Admission.ADMITTED));
        authentication.establish();
        return authentication;
    }

    /** Keeps the key that an authentication has made, if it was to make one. */
    private QueueAuthentication.Outcome keeping(ConnectData data, Admission admission) {
        return (transaction, first, then) -> {
            GeneratedKeys keys = server.channels().generated();
            byte[] made = transaction.takeGeneratedPsk().orElse(null);
            if (keys == null || made == null) {
                then.accept(admission == Admission.SPENT ? Admission.REFUSED : admission);
                return;
            }
            keys.keep(data.hostNqn(), data.subsystemNqn(), made)
                    .onErrorReturn(false)
                    .subscribe(kept -> queue.execute(() -> then.accept(kept ? admission : Admission.REFUSED)));
        };
    }

    /** Answers Connect, and waits for the host to prove who it is. */
    private void begin(
            Controller controller,
            ConnectCommand connect,
            int commandId,
            HostAuthenticator authenticator,
            ConnectData data,
            List<SecureChannel> channels,
            QueueAuthentication.Outcome outcome) {
        QueueAuthentication authentication =
                new QueueAuthentication(queue, server, authenticator, data, channels, outcome);
        queue.connected(
                controller,
                connect,
                commandId,
                response(controller, true),
                authentication,
                new AuthenticationHandler(queue, authentication));
    }

    private ConnectResponse response(Controller controller, boolean authenticates) {
        boolean forKey = server.channels().isForKey(identity());
        return new ConnectResponse(controller.id(), authenticates, authenticates && forKey);
    }

    private void connectIo(ConnectCommand connect, ConnectData data, Subsystem subsystem, int commandId) {
        if (subsystem.isDiscovery()) {
            refuse(connect, data, commandId, ConnectRefusal.inEntry(ConnectCommand.QID));
            return;
        }
        Controller controller = server.controller(data.controllerId());
        if (controller == null || controller.subsystem() != subsystem) {
            refuse(connect, data, commandId, ConnectRefusal.inData(ConnectData.CNTLID));
            return;
        }
        boolean asksForProof = server.channels().asksForProof(identity());
        HostAuthenticator authenticator = asksForProof ? server.authenticator() : null;
        controller.execute(() -> {
            // Who has not proved anything takes nobody's place.
            ConnectRefusal refusal = authenticator == null
                    ? controller.join(queue, connect.queueId(), data)
                    : controller.check(connect.queueId(), data);
            queue.execute(() -> {
                if (authenticator == null) {
                    joined(controller, connect, data, commandId, refusal);
                } else if (refusal != null) {
                    refuse(connect, data, commandId, refusal);
                } else if (queue.ended()) {
                    queue.complete(commandId, TargetStatus.INTERNAL_ERROR);
                } else {
                    QueueAuthentication.Outcome outcome = (transaction, first, then) -> {
                        if (first) {
                            proved(controller, connect, data, then);
                        } else {
                            then.accept(Admission.ADMITTED);
                        }
                    };
                    begin(controller, connect, commandId, authenticator, data, NO_CHANNEL, outcome);
                }
            });
        });
    }

    private void proved(Controller controller, ConnectCommand connect, ConnectData data, Consumer<Admission> then) {
        controller.execute(() -> {
            ConnectRefusal refusal = controller.join(queue, connect.queueId(), data);
            queue.execute(() -> {
                if (refusal != null) {
                    then.accept(Admission.REFUSED);
                } else if (queue.ended()) {
                    controller.execute(() -> controller.leave(queue, connect.queueId()));
                } else {
                    queue.admitted(new IoHandler(queue, controller));
                    then.accept(Admission.ADMITTED);
                }
            });
        });
    }

    private void joined(
            Controller controller,
            ConnectCommand connect,
            ConnectData data,
            int commandId,
            @Nullable ConnectRefusal refusal) {
        if (refusal != null) {
            refuse(connect, data, commandId, refusal);
        } else if (queue.ended()) {
            controller.execute(() -> controller.leave(queue, connect.queueId()));
            queue.complete(commandId, TargetStatus.INTERNAL_ERROR);
        } else {
            queue.connected(
                    controller,
                    connect,
                    commandId,
                    response(controller, false),
                    later(server.authenticator(), data, NO_CHANNEL),
                    new IoHandler(queue, controller));
        }
    }

    private void refuse(ConnectCommand connect, @Nullable ConnectData data, int commandId, ConnectRefusal refusal) {
        queue.refused(connect, data, refusal);
        InvalidParameter parameter = refusal.parameter();
        queue.complete(commandId, refusal.status(), parameter == null ? 0 : parameter.encode(), 0);
    }
}
