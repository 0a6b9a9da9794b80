package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.testing.ExhaustibleAllocator;
import io.nvmf.testing.ScriptedQueuePair;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.TransferException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A controller whose every move is somebody else's: it converts, moves data and answers only when told. */
final class ScheduledController extends ScriptedQueuePair {

    /** What it writes into memory that it was lent. */
    static final int MARK = 0x77;

    private static final byte[] MARKS = new byte[1 << 16];

    static {
        Arrays.fill(MARKS, (byte) MARK);
    }

    /** What Flush names. */
    static final int NO_BLOCK = -1;

    /** Hears of each command that leaves. */
    interface Wire {
        void left(int commandId, int firstBlock);
    }

    private final Map<Integer, CommandCapsule> unanswered = new LinkedHashMap<>();

    /** Answered, but for its data, which is still on its way to the controller. */
    private final Map<Integer, CommandCapsule> responded = new LinkedHashMap<>();

    private final Wire left;

    ScheduledController(EventExecutor executor, Wire left) {
        super(executor, new ExhaustibleAllocator(false));
        this.left = left;
        holdBack = true;
    }

    @Override
    protected void sent(CommandCapsule capsule, ByteBuf entry) {
        if (unanswered.put(capsule.commandId(), capsule) != null) {
            throw new AssertionError("two commands have identifier " + capsule.commandId());
        }
        boolean flush = SubmissionQueueEntry.opcode(entry, 0) == NvmOpcode.FLUSH;
        left.left(capsule.commandId(), flush ? NO_BLOCK : entry.getIntLE(SubmissionQueueEntry.CDW10));
    }

    @Override
    protected void flushed() {}

    List<Integer> unanswered() {
        return ended() ? List.of() : List.copyOf(unanswered.keySet());
    }

    boolean isUnanswered(int commandId) {
        return !ended() && unanswered.containsKey(commandId);
    }

    /** Identifiers of commands that have left and whose data has not been moved. */
    List<Integer> movable() {
        return openTransfers().stream().filter(this::isMovable).toList();
    }

    private boolean isMovable(int commandId) {
        return unanswered.containsKey(commandId) || responded.containsKey(commandId);
    }

    /** Moves all data of a command. */
    void move(int commandId) {
        CommandCapsule capsule = takeTransfer(commandId);
        responded.remove(commandId);
        if (capsule.transfer() == CommandCapsule.Transfer.RECEIVE) {
            touch(capsule);
        }
        capsule.transferComplete(capsule.dataLength(), null);
    }

    private static void touch(CommandCapsule capsule) {
        capsule.data().setBytes(capsule.dataIndex(), MARKS, 0, capsule.dataLength());
    }

    void damage(int commandId) {
        CommandCapsule capsule = takeTransfer(commandId);
        responded.remove(commandId);
        capsule.transferComplete(0, new TransferException(TransferException.Kind.INTEGRITY, 0, "digest"));
    }

    /** Answers; data for the host is there before its answer is, data from the host may still be on its way. */
    void respond(int commandId, boolean success) {
        CommandCapsule capsule = unanswered.remove(commandId);
        if (isTransferOpen(commandId)) {
            if (capsule.transfer() == CommandCapsule.Transfer.SEND) {
                responded.put(commandId, capsule);
            } else if (success) {
                move(commandId);
            } else {
                takeTransfer(commandId).transferComplete(0, null);
            }
        }
        complete(commandId, success ? Status.SUCCESS : Status.of(StatusCode.INTERNAL_ERROR));
    }
}
