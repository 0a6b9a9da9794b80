package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.testing.ScriptedQueuePair;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.Termination;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A queue pair with a namespace of bytes behind it. It answers at the end of the turn, or when the test says so and in
 * the order the test says.
 */
final class MemoryController extends ScriptedQueuePair {

    /** A command that left, as the wire has it. */
    record Wire(int opcode, long slba, int blocks, boolean fua) {
        static Wire read(long slba, int blocks) {
            return new Wire(NvmOpcode.READ, slba, blocks, false);
        }

        static Wire write(long slba, int blocks) {
            return new Wire(NvmOpcode.WRITE, slba, blocks, false);
        }

        static Wire fua(long slba, int blocks) {
            return new Wire(NvmOpcode.WRITE, slba, blocks, true);
        }

        static Wire flush() {
            return new Wire(NvmOpcode.FLUSH, 0, 0, false);
        }
    }

    private record Held(CommandCapsule capsule, Wire wire) {}

    private final int blockSize;
    private final List<Held> held = new ArrayList<>();

    final byte[] media;
    final List<Wire> wire = new ArrayList<>();
    final Map<Long, Status> statusAt = new HashMap<>();
    final Map<Long, Integer> shortAt = new HashMap<>();
    Status flushStatus = Status.SUCCESS;
    boolean hold;

    MemoryController(EventExecutor executor, int blockSize, byte[] media) {
        super(executor);
        this.blockSize = blockSize;
        this.media = media;
    }

    /** Fills the media with bytes that differ from block to block. */
    void fill() {
        for (int i = 0; i < media.length; i++) {
            media[i] = pattern(i);
        }
    }

    static byte pattern(long index) {
        return (byte) (index * 31 + (index >>> 9) * 7 + 1);
    }

    @Override
    protected void sent(CommandCapsule capsule, ByteBuf entry) {
        int opcode = SubmissionQueueEntry.opcode(entry, 0);
        Wire sent = opcode == NvmOpcode.FLUSH
                ? Wire.flush()
                : new Wire(
                        opcode,
                        ReadWriteCommand.slba(entry, 0),
                        ReadWriteCommand.blocks(entry, 0),
                        ReadWriteCommand.fua(entry, 0));
        wire.add(sent);
        held.add(new Held(capsule, sent));
    }

    @Override
    protected void flushed() {
        if (!hold) {
            answerAll();
        }
    }

    int outstanding() {
        return held.size();
    }

    /** The data of a command that left and is not answered, oldest is 0. */
    ByteBuf data(int index) {
        CommandCapsule capsule = held.get(index).capsule;
        return capsule.data().slice(capsule.dataIndex(), capsule.dataLength());
    }

    void answerAll() {
        while (!held.isEmpty()) {
            answer(0);
        }
    }

    void answerNewest() {
        answer(held.size() - 1);
    }

    /** Carries out and answers one of the commands that left, oldest is 0. */
    void answer(int index) {
        Held command = held.remove(index);
        CommandCapsule capsule = command.capsule;
        Wire sent = command.wire;
        Status status = sent.opcode == NvmOpcode.FLUSH ? flushStatus : statusAt.getOrDefault(sent.slba, Status.SUCCESS);
        if (isTransferOpen(capsule.commandId())) {
            takeTransfer(capsule.commandId());
            int bytes = status.isSuccess() ? shortAt.getOrDefault(sent.slba, capsule.dataLength()) : 0;
            int at = Math.toIntExact(sent.slba * blockSize);
            if (capsule.transfer() == CommandCapsule.Transfer.SEND) {
                capsule.data().getBytes(capsule.dataIndex(), media, at, bytes);
            } else {
                capsule.data().setBytes(capsule.dataIndex(), media, at, bytes);
            }
            capsule.transferComplete(bytes, null);
        }
        complete(capsule.commandId(), status);
    }

    @Override
    public void end(Termination reason) {
        held.clear();
        super.end(reason);
    }
}
