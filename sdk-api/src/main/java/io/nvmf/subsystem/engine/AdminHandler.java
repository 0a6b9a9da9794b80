package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.FeatureCommand;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.Property;
import io.nvmf.spec.PropertyCommand;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.ReceivedCommand;
import org.jspecify.annotations.Nullable;

/** Commands of an admin queue. */
final class AdminHandler implements CommandHandler {

    private final TargetQueue queue;
    private final Controller controller;
    private final TargetServer server;
    private final IdentifyPages identifyPages;
    private final LogPages logPages;
    private final AbortHandler aborts;

    AdminHandler(TargetQueue queue, Controller controller, TargetServer server) {
        this.queue = queue;
        this.controller = controller;
        this.server = server;
        this.identifyPages = new IdentifyPages(controller);
        this.logPages = new LogPages(controller, server);
        this.aborts = new AbortHandler(queue, controller);
    }

    @Override
    public void handle(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        int opcode = entry.opcode();
        if (opcode == AdminOpcode.FABRICS) {
            handleFabrics(command, entry, commandId);
            return;
        }
        if (!controller.isReady()) {
            queue.complete(command, commandId, TargetStatus.COMMAND_SEQUENCE_ERROR);
            return;
        }
        switch (opcode) {
            case AdminOpcode.IDENTIFY -> identify(command, entry, commandId);
            case AdminOpcode.GET_LOG_PAGE -> getLogPage(command, entry, commandId);
            case AdminOpcode.GET_FEATURES, AdminOpcode.SET_FEATURES -> feature(command, entry, commandId);
            case AdminOpcode.ASYNC_EVENT_REQUEST -> awaitEvent(command, commandId);
            case AdminOpcode.ABORT -> aborts.handle(command, entry, commandId);
            case AdminOpcode.KEEP_ALIVE -> queue.complete(command, commandId, Status.SUCCESS);
            default -> queue.complete(command, commandId, TargetStatus.INVALID_OPCODE);
        }
    }

    private void identify(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        if (command.dataLength() != IdentifyCommand.DATA_LENGTH) {
            queue.complete(command, commandId, TargetStatus.DATA_LENGTH_INVALID);
            return;
        }
        IdentifyCommand identify = IdentifyCommand.decode(entry.buffer(), entry.index());
        AdminTransfer.Source page = new AdminTransfer.Source() {
            @Override
            public int piece(long at) {
                return IdentifyCommand.DATA_LENGTH;
            }

            @Override
            public ByteBuf make(long at, int bytes) throws RefusedException {
                return identifyPage(identify);
            }
        };
        new AdminTransfer(queue, command, commandId, IdentifyCommand.DATA_LENGTH, page).advance();
    }

    private ByteBuf identifyPage(IdentifyCommand identify) throws RefusedException {
        ByteBuf page = queue.queuePair()
                .allocator()
                .directBuffer(IdentifyCommand.DATA_LENGTH, IdentifyCommand.DATA_LENGTH)
                .writeZero(IdentifyCommand.DATA_LENGTH);
        Status status = identifyPages.fill(page, identify);
        if (status.isSuccess()) {
            return page;
        }
        page.release();
        throw new RefusedException(status);
    }

    private void getLogPage(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        GetLogPageCommand log = GetLogPageCommand.decode(entry.buffer(), entry.index());
        if (log.length() != command.dataLength()) {
            queue.complete(command, commandId, TargetStatus.DATA_LENGTH_INVALID);
            return;
        }
        if (!controller.limits().permits(log.length()) || log.length() > LogPages.MAX_LENGTH) {
            queue.complete(command, commandId, TargetStatus.INVALID_FIELD);
            return;
        }
        Status status = logPages.check(log);
        if (!status.isSuccess()) {
            queue.complete(command, commandId, status);
            return;
        }
        int[] changes = logPages.changes(log);
        if (!log.retainAsyncEvent()) {
            logPages.acknowledged(log.logPage());
        }
        AdminTransfer.Source page = new AdminTransfer.Source() {
            @Override
            public int piece(long at) {
                return logPages.piece(log, at);
            }

            @Override
            public ByteBuf make(long at, int bytes) {
                return logPages.read(log, changes, at, bytes, queue.queuePair().allocator());
            }
        };
        new AdminTransfer(queue, command, commandId, log.length(), page).advance();
    }

    private void feature(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        FeatureCommand feature = FeatureCommand.decode(entry.buffer(), entry.index());
        command.release();
        Features.Answer answer;
        if (!feature.set()) {
            answer = controller.features().get(feature);
        } else if (feature.nsid() != 0 && feature.nsid() != SubmissionQueueEntry.BROADCAST_NSID) {
            answer = Features.Answer.of(TargetStatus.FEATURE_NOT_NAMESPACE_SPECIFIC);
        } else {
            answer = controller.features().set(feature);
        }
        queue.complete(commandId, answer.status(), answer.dw0(), 0);
    }

    private void awaitEvent(ReceivedCommand command, int commandId) {
        command.release();
        if (!controller.events().hold(commandId)) {
            queue.complete(commandId, TargetStatus.TOO_MANY_EVENT_REQUESTS);
        }
    }

    private void handleFabrics(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        switch (entry.fabricsCommandType()) {
            case FabricsCommandType.PROPERTY_GET -> {
                PropertyCommand get = PropertyCommand.decode(entry.buffer(), entry.index());
                command.release();
                Long value = property(get);
                if (value == null) {
                    queue.complete(commandId, TargetStatus.INVALID_FIELD);
                } else {
                    queue.complete(commandId, Status.SUCCESS, value.intValue(), (int) (value >>> Integer.SIZE));
                }
            }
            case FabricsCommandType.PROPERTY_SET -> {
                PropertyCommand set = PropertyCommand.decode(entry.buffer(), entry.index());
                command.release();
                setProperty(set, commandId);
            }
            case FabricsCommandType.CONNECT -> {
                queue.refusedIfConnect(entry, TargetStatus.COMMAND_SEQUENCE_ERROR);
                queue.complete(command, commandId, TargetStatus.COMMAND_SEQUENCE_ERROR);
            }
            case FabricsCommandType.DISCONNECT -> queue.complete(command, commandId, TargetStatus.INVALID_QUEUE_TYPE);
            case FabricsCommandType.AUTHENTICATION_SEND, FabricsCommandType.AUTHENTICATION_RECEIVE ->
                queue.authenticate(command, entry, commandId);
            default -> queue.complete(command, commandId, TargetStatus.INVALID_OPCODE);
        }
    }

    private void setProperty(PropertyCommand set, int commandId) {
        Runnable success = () -> queue.complete(commandId, Status.SUCCESS);
        boolean reset = set.offset() == Property.NSSR.offset()
                && set.size() == Property.NSSR.size()
                && controller.properties().capabilities().nssrs();
        boolean configuration = set.offset() == Property.CC.offset() && set.size() == Property.CC.size();
        if (reset) {
            success.run();
            if ((int) set.value() == Property.SUBSYSTEM_RESET) {
                server.reset(controller.subsystem());
            }
        } else if (!configuration
                || !controller.configure(ControllerConfiguration.decode((int) set.value()), success)) {
            queue.complete(commandId, TargetStatus.INVALID_FIELD);
        }
    }

    private @Nullable Long property(PropertyCommand get) {
        Property property = Property.find(get.offset()).orElse(null);
        if (property == null || property.size() != get.size()) {
            return null;
        }
        return switch (property) {
            case CAP -> controller.properties().capabilities().encode();
            case VS -> (long) ControllerProperties.VERSION.encode();
            case CC -> controller.properties().configuration().encode() & 0xFFFF_FFFFL;
            case CSTS -> controller.properties().status().encode() & 0xFFFF_FFFFL;
            case NSSR -> controller.properties().capabilities().nssrs() ? 0L : null;
            default -> null;
        };
    }
}
