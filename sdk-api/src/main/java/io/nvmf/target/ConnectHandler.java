package io.nvmf.target;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.ConnectResponse.InvalidParameter;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.SpecificationViolationException;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.ReceivedCommand;
import org.jspecify.annotations.Nullable;

/** What a connection does before it is a queue: it waits for Connect and refuses everything else. */
final class ConnectHandler implements CommandHandler {

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
            queue.complete(command, commandId, Statuses.COMMAND_SEQUENCE_ERROR);
            return;
        }
        if (command.dataLength() != ConnectData.LENGTH) {
            queue.complete(command, commandId, Statuses.DATA_LENGTH_INVALID);
            return;
        }
        ConnectCommand connect = ConnectCommand.decode(entry.buffer(), entry.index());
        ConnectRefusal refusal = checkEntry(connect);
        if (refusal != null) {
            command.release();
            refuse(commandId, refusal);
            return;
        }
        command.receive(0, ConnectData.LENGTH)
                .subscribe(
                        data -> connect(connect, data, commandId),
                        failure -> queue.complete(commandId, Statuses.ofTransfer(failure)));
        command.release();
    }

    private @Nullable ConnectRefusal checkEntry(ConnectCommand connect) {
        if (connect.recordFormat() != 0) {
            return ConnectRefusal.of(Statuses.CONNECT_INCOMPATIBLE_FORMAT);
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
            data = ConnectData.decode(bytes, bytes.readerIndex());
        } catch (SpecificationViolationException e) {
            refuse(commandId, ConnectRefusal.inData(e.offset()));
            return;
        } finally {
            bytes.release();
        }
        Subsystem subsystem = server.subsystem(data.subsystemNqn());
        ConnectRefusal refusal = checkData(subsystem, data);
        if (refusal != null || subsystem == null) {
            refuse(commandId, refusal == null ? ConnectRefusal.inData(ConnectData.SUBNQN) : refusal);
        } else if (connect.queueId() == 0) {
            connectAdmin(connect, data, subsystem, commandId);
        } else {
            connectIo(connect, data, subsystem, commandId);
        }
    }

    private static @Nullable ConnectRefusal checkData(@Nullable Subsystem subsystem, ConnectData data) {
        if (subsystem == null) {
            return ConnectRefusal.inData(ConnectData.SUBNQN);
        }
        if (!Nqn.isValid(data.hostNqn())) {
            return ConnectRefusal.inData(ConnectData.HOSTNQN);
        }
        if (!subsystem.admits(data.hostNqn())) {
            return ConnectRefusal.of(Statuses.CONNECT_INVALID_HOST);
        }
        return null;
    }

    private void connectAdmin(ConnectCommand connect, ConnectData data, Subsystem subsystem, int commandId) {
        if (data.controllerId() != ConnectData.CNTLID_DYNAMIC) {
            refuse(commandId, ConnectRefusal.inData(ConnectData.CNTLID));
            return;
        }
        Controller controller = server.newController(queue, subsystem, data);
        if (controller == null) {
            refuse(commandId, ConnectRefusal.of(Statuses.CONTROLLER_BUSY));
            return;
        }
        controller.start(connect.keepAliveTimeout());
        queue.connected(controller, connect, commandId, new AdminHandler(queue, controller, server));
    }

    private void connectIo(ConnectCommand connect, ConnectData data, Subsystem subsystem, int commandId) {
        if (subsystem.isDiscovery()) {
            refuse(commandId, ConnectRefusal.inEntry(ConnectCommand.QID));
            return;
        }
        Controller controller = server.controller(data.controllerId());
        if (controller == null || controller.subsystem() != subsystem) {
            refuse(commandId, ConnectRefusal.inData(ConnectData.CNTLID));
            return;
        }
        controller.execute(() -> {
            ConnectRefusal refusal = controller.join(queue, connect.queueId(), data);
            queue.execute(() -> joined(controller, connect, commandId, refusal));
        });
    }

    private void joined(
            Controller controller, ConnectCommand connect, int commandId, @Nullable ConnectRefusal refusal) {
        if (refusal != null) {
            refuse(commandId, refusal);
        } else if (queue.ended()) {
            controller.execute(() -> controller.leave(queue, connect.queueId()));
            queue.complete(commandId, Statuses.INTERNAL_ERROR);
        } else {
            queue.connected(controller, connect, commandId, new IoHandler(queue, controller));
        }
    }

    private void refuse(int commandId, ConnectRefusal refusal) {
        InvalidParameter parameter = refusal.parameter();
        queue.complete(commandId, refusal.status(), parameter == null ? 0 : parameter.encode(), 0);
    }
}
