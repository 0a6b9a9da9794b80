package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.DatasetManagementCommand;
import io.nvmf.spec.DisconnectCommand;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.ReceivedCommand;

/** Commands of an I/O queue: the NVM command set. */
final class IoHandler implements CommandHandler {

    /** Hosts may send the longest list for any number of ranges: Linux does. */
    private static final int MAX_RANGES_LENGTH =
            DatasetManagementCommand.MAX_RANGES * DatasetManagementCommand.RANGE_LENGTH;

    /** Bytes that are deallocated where one byte would be zeroed: a store only forgets them. */
    private static final int DEALLOCATED_PER_ZEROED = 256;

    private final TargetQueue queue;
    private final Controller controller;
    private final HostNamespaces namespaces;
    private final TargetOptions limits;

    IoHandler(TargetQueue queue, Controller controller) {
        this.queue = queue;
        this.controller = controller;
        this.namespaces = controller.namespaces();
        this.limits = controller.limits();
    }

    @Override
    public void handle(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        int opcode = entry.opcode();
        if (opcode == FabricsCommandType.FABRICS_OPCODE) {
            handleFabrics(command, entry, commandId);
            return;
        }
        if (!controller.acceptsIo()) {
            if (controller.endsIoQueues()) {
                // The end of the association is no error of this command: without an answer the host knows what it is.
                queue.breakOff();
            }
            queue.complete(command, commandId, TargetStatus.COMMAND_SEQUENCE_ERROR);
            return;
        }
        switch (opcode) {
            case NvmOpcode.READ, NvmOpcode.WRITE, NvmOpcode.WRITE_ZEROES -> blocks(command, entry, opcode, commandId);
            case NvmOpcode.FLUSH -> flush(command, entry.nsid(), commandId);
            case NvmOpcode.DATASET_MANAGEMENT -> datasetManagement(command, entry, commandId);
            default -> queue.complete(command, commandId, TargetStatus.INVALID_OPCODE);
        }
    }

    private void blocks(ReceivedCommand command, SubmissionQueueEntry entry, int opcode, int commandId) {
        Namespace namespace = namespaces.get(entry.nsid());
        if (namespace == null) {
            queue.complete(command, commandId, TargetStatus.INVALID_NAMESPACE);
            return;
        }
        long slba = ReadWriteCommand.slba(entry.buffer(), entry.index());
        int count = ReadWriteCommand.blocks(entry.buffer(), entry.index());
        long length = namespace.bytes(count);
        boolean moves = opcode != NvmOpcode.WRITE_ZEROES;
        if (moves && !limits.permits(length)) {
            queue.complete(command, commandId, TargetStatus.INVALID_FIELD);
            return;
        }
        if (!namespace.contains(slba, count)) {
            queue.complete(command, commandId, TargetStatus.LBA_OUT_OF_RANGE);
            return;
        }
        if (command.dataLength() != (moves ? length : 0)) {
            queue.complete(command, commandId, TargetStatus.DATA_LENGTH_INVALID);
            return;
        }
        if (!moves && limits.maxZeroes() != 0 && length > limits.maxZeroes()) {
            queue.complete(command, commandId, TargetStatus.INVALID_FIELD);
            return;
        }
        long offset = namespace.offset(slba);
        if (opcode == NvmOpcode.READ) {
            new ReadTransfer(queue, command, commandId, namespace, offset, length).advance();
            return;
        }
        boolean durable = controller.writeThrough() || ReadWriteCommand.fua(entry.buffer(), entry.index());
        if (opcode == NvmOpcode.WRITE) {
            new WriteTransfer(queue, command, commandId, namespace, offset, length, durable).start();
        } else {
            command.release();
            writeZeroes(namespace, offset, length, durable, commandId);
        }
    }

    private void writeZeroes(Namespace namespace, long offset, long length, boolean durable, int commandId) {
        RangeOperation.End end = status -> {
            if (durable && status.isSuccess()) {
                StoreOperation.flush(queue, commandId, namespace);
            } else {
                queue.complete(commandId, status);
            }
        };
        Ranges ranges = Ranges.of(offset, length);
        new RangeOperation(
                        queue,
                        commandId,
                        "write zeroes",
                        namespace,
                        ranges,
                        limits.workPerTurn(),
                        BlockStore::writeZeroes,
                        end)
                .run();
    }

    private void flush(ReceivedCommand command, int nsid, int commandId) {
        command.release();
        if (nsid == SubmissionQueueEntry.BROADCAST_NSID) {
            new FlushAll(queue, namespaces.all(), status -> queue.complete(commandId, status)).run();
            return;
        }
        Namespace namespace = namespaces.get(nsid);
        if (namespace == null) {
            queue.complete(commandId, TargetStatus.INVALID_NAMESPACE);
        } else {
            StoreOperation.flush(queue, commandId, namespace);
        }
    }

    private void datasetManagement(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        Namespace namespace = namespaces.get(entry.nsid());
        if (namespace == null) {
            queue.complete(command, commandId, TargetStatus.INVALID_NAMESPACE);
            return;
        }
        int ranges = (entry.cdw10() & 0xFF) + 1;
        boolean deallocate = (entry.cdw11() & DatasetManagementCommand.DEALLOCATE) != 0;
        int needed = ranges * DatasetManagementCommand.RANGE_LENGTH;
        if (command.dataLength() < needed || command.dataLength() > MAX_RANGES_LENGTH) {
            queue.complete(command, commandId, TargetStatus.DATA_LENGTH_INVALID);
            return;
        }
        if (ranges > limits.maxRanges()) {
            queue.complete(command, commandId, TargetStatus.SIZE_LIMIT_EXCEEDED);
            return;
        }
        RangeList.Action action = (list, end) -> deallocate(commandId, namespace, list, deallocate, end);
        new RangeList(queue, command, commandId, namespace, needed, action).start();
    }

    private void deallocate(
            int commandId, Namespace namespace, ByteBuf list, boolean deallocate, RangeOperation.End end) {
        if (!Ranges.within(namespace, list)) {
            end.ended(TargetStatus.LBA_OUT_OF_RANGE);
        } else if (limits.maxRangeBlocks() != 0 && Ranges.longest(list) > limits.maxRangeBlocks()) {
            end.ended(TargetStatus.SIZE_LIMIT_EXCEEDED);
        } else if (deallocate) {
            Ranges ranges = Ranges.decode(namespace, list);
            long piece = (long) limits.workPerTurn() * DEALLOCATED_PER_ZEROED;
            new RangeOperation(queue, commandId, "deallocate", namespace, ranges, piece, BlockStore::deallocate, end)
                    .run();
        } else {
            end.ended(Status.SUCCESS);
        }
    }

    private void handleFabrics(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        switch (entry.fabricsCommandType()) {
            case FabricsCommandType.CONNECT -> {
                queue.refusedIfConnect(entry, TargetStatus.COMMAND_SEQUENCE_ERROR);
                queue.complete(command, commandId, TargetStatus.COMMAND_SEQUENCE_ERROR);
            }
            case FabricsCommandType.DISCONNECT -> {
                int format = DisconnectCommand.recordFormat(entry.buffer(), entry.index());
                if (format != 0) {
                    queue.complete(command, commandId, TargetStatus.CONNECT_INCOMPATIBLE_FORMAT);
                    return;
                }
                command.release();
                queue.completeDisconnect(commandId);
            }
            case FabricsCommandType.AUTHENTICATION_SEND, FabricsCommandType.AUTHENTICATION_RECEIVE ->
                queue.authenticate(command, entry, commandId);
            default -> queue.complete(command, commandId, TargetStatus.INVALID_OPCODE);
        }
    }
}
