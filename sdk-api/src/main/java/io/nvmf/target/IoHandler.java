package io.nvmf.target;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.DisconnectCommand;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.ReceivedCommand;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Commands of an I/O queue: the NVM command set. */
final class IoHandler implements CommandHandler {

    /** Bytes of a range of Dataset Management. */
    private static final int RANGE = 16;

    /** Hosts may send the longest list for any number of ranges: Linux does. */
    private static final int MAX_RANGES_LENGTH = 256 * RANGE;

    /** CDW11 of Dataset Management: deallocate. */
    private static final int ATTRIBUTE_DEALLOCATE = 1 << 2;

    private final TargetQueue queue;
    private final Controller controller;
    private final Subsystem subsystem;
    private final TargetOptions limits;

    IoHandler(TargetQueue queue, Controller controller) {
        this.queue = queue;
        this.controller = controller;
        this.subsystem = controller.subsystem();
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
            queue.complete(command, commandId, Statuses.COMMAND_SEQUENCE_ERROR);
            return;
        }
        switch (opcode) {
            case NvmOpcode.READ, NvmOpcode.WRITE, NvmOpcode.WRITE_ZEROES -> blocks(command, entry, opcode, commandId);
            case NvmOpcode.FLUSH -> flush(command, entry.nsid(), commandId);
            case NvmOpcode.DATASET_MANAGEMENT -> datasetManagement(command, entry, commandId);
            default -> queue.complete(command, commandId, Statuses.INVALID_OPCODE);
        }
    }

    private void blocks(ReceivedCommand command, SubmissionQueueEntry entry, int opcode, int commandId) {
        Namespace namespace = subsystem.namespace(entry.nsid());
        if (namespace == null) {
            queue.complete(command, commandId, Statuses.INVALID_NAMESPACE);
            return;
        }
        long slba = ReadWriteCommand.slba(entry.buffer(), entry.index());
        int count = ReadWriteCommand.blocks(entry.buffer(), entry.index());
        long length = namespace.bytes(count);
        boolean moves = opcode != NvmOpcode.WRITE_ZEROES;
        if (moves && !limits.permits(length)) {
            queue.complete(command, commandId, Statuses.INVALID_FIELD);
            return;
        }
        if (!namespace.contains(slba, count)) {
            queue.complete(command, commandId, Statuses.LBA_OUT_OF_RANGE);
            return;
        }
        if (command.dataLength() != (moves ? length : 0)) {
            queue.complete(command, commandId, Statuses.DATA_LENGTH_INVALID);
            return;
        }
        BlockStore store = namespace.store();
        long offset = namespace.offset(slba);
        if (opcode == NvmOpcode.READ) {
            new ReadTransfer(queue, command, commandId, store, offset, length).advance();
            return;
        }
        boolean durable = controller.writeThrough() || ReadWriteCommand.fua(entry.buffer(), entry.index());
        if (opcode == NvmOpcode.WRITE) {
            new WriteTransfer(queue, command, commandId, store, offset, length, durable).start();
        } else {
            command.release();
            new StoreOperation(queue, commandId).start(() -> {
                Mono<Void> zeroed = store.writeZeroes(offset, length);
                return durable ? zeroed.then(Mono.defer(store::flush)) : zeroed;
            });
        }
    }

    private void flush(ReceivedCommand command, int nsid, int commandId) {
        command.release();
        StoreOperation operation = new StoreOperation(queue, commandId);
        if (nsid == SubmissionQueueEntry.BROADCAST_NSID) {
            operation.start(controller::flushAll);
            return;
        }
        Namespace namespace = subsystem.namespace(nsid);
        if (namespace == null) {
            queue.complete(commandId, Statuses.INVALID_NAMESPACE);
        } else {
            operation.start(namespace.store()::flush);
        }
    }

    private void datasetManagement(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        Namespace namespace = subsystem.namespace(entry.nsid());
        if (namespace == null) {
            queue.complete(command, commandId, Statuses.INVALID_NAMESPACE);
            return;
        }
        int ranges = (entry.cdw10() & 0xFF) + 1;
        boolean deallocate = (entry.cdw11() & ATTRIBUTE_DEALLOCATE) != 0;
        long needed = (long) ranges * RANGE;
        if (command.dataLength() < needed || command.dataLength() > MAX_RANGES_LENGTH) {
            queue.complete(command, commandId, Statuses.DATA_LENGTH_INVALID);
            return;
        }
        command.receive(0, (int) needed)
                .subscribe(
                        list -> deallocate(namespace, list, deallocate, commandId),
                        failure -> queue.complete(commandId, Statuses.ofTransfer(failure)));
        command.release();
    }

    private void deallocate(Namespace namespace, ByteBuf list, boolean deallocate, int commandId) {
        List<long[]> ranges;
        try {
            ranges = ranges(namespace, list);
        } finally {
            list.release();
        }
        if (ranges == null) {
            queue.complete(commandId, Statuses.LBA_OUT_OF_RANGE);
        } else if (deallocate) {
            Flux<Void> deallocated = Flux.fromIterable(ranges)
                    .concatMap(range -> namespace.store().deallocate(range[0], range[1]), 0);
            new StoreOperation(queue, commandId).start(deallocated::then);
        } else {
            queue.complete(commandId, Status.SUCCESS);
        }
    }

    /** Offsets and lengths in bytes; null if one of the ranges is not within the namespace. */
    private static @Nullable List<long[]> ranges(Namespace namespace, ByteBuf list) {
        List<long[]> ranges = new ArrayList<>(list.readableBytes() / RANGE);
        while (list.isReadable()) {
            list.skipBytes(Integer.BYTES);
            long count = list.readUnsignedIntLE();
            long slba = list.readLongLE();
            if (slba < 0 || slba > namespace.blocks() || count > namespace.blocks() - slba) {
                return null;
            }
            if (count > 0) {
                ranges.add(new long[] {namespace.offset(slba), count << namespace.blockShift()});
            }
        }
        return ranges;
    }

    private void handleFabrics(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        switch (entry.fabricsCommandType()) {
            case FabricsCommandType.CONNECT -> {
                controller.connectedAlready(
                        ConnectCommand.decode(entry.buffer(), entry.index()).queueId());
                queue.complete(command, commandId, Statuses.COMMAND_SEQUENCE_ERROR);
            }
            case FabricsCommandType.DISCONNECT -> {
                int format = DisconnectCommand.recordFormat(entry.buffer(), entry.index());
                if (format != 0) {
                    queue.complete(command, commandId, Statuses.CONNECT_INCOMPATIBLE_FORMAT);
                    return;
                }
                command.release();
                queue.completeDisconnect(commandId);
            }
            default -> queue.complete(command, commandId, Statuses.INVALID_OPCODE);
        }
    }
}
