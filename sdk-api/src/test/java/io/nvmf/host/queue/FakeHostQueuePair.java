package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.testing.ScriptedQueuePair;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.TransferException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A queue pair whose wire is a map and whose peer answers, moves data and damages it one by one, as the test says. */
public final class FakeHostQueuePair extends ScriptedQueuePair {

    private final Map<Integer, CommandCapsule> sent = new LinkedHashMap<>();

    /** Namespace identifiers in the order in which commands left; tests use them as names. */
    public final List<Integer> left = new ArrayList<>();

    public int peak;
    public boolean autoAnswer;

    /** Whether late data is thrown away; if not, it is written. */
    public boolean discards;

    private final Set<CommandCapsule> discarded = Collections.newSetFromMap(new IdentityHashMap<>());
    public long maxTransferSize = UNLIMITED;

    public FakeHostQueuePair(EventExecutor executor) {
        super(executor);
    }

    // The peer. On the event loop.

    @Override
    protected void sent(CommandCapsule capsule, ByteBuf entry) {
        left.add(SubmissionQueueEntry.nsid(entry, 0));
        if (sent.put(capsule.commandId(), capsule) != null) {
            throw new AssertionError("command identifier " + capsule.commandId() + " is used twice");
        }
    }

    @Override
    protected void flushed() {
        peak = Math.max(peak, sent.size());
        if (autoAnswer) {
            for (int id : List.copyOf(sent.keySet())) {
                answer(id);
            }
        }
    }

    public List<Integer> outstanding() {
        return List.copyOf(sent.keySet());
    }

    public CommandCapsule capsule(int commandId) {
        return sent.get(commandId);
    }

    /** Moves all data of a command. */
    public void transfer(int commandId) {
        CommandCapsule capsule = takeTransfer(commandId);
        transfer(capsule, capsule.dataLength());
    }

    @Override
    public boolean discardData(CommandCapsule capsule) {
        if (discards) {
            discarded.add(capsule);
        }
        return discards;
    }

    public void transfer(int commandId, int bytes) {
        transfer(takeTransfer(commandId), bytes);
    }

    private void transfer(CommandCapsule capsule, int bytes) {
        if (!discarded.remove(capsule) && capsule.transfer() == CommandCapsule.Transfer.RECEIVE) {
            for (int i = 0; i < bytes; i++) {
                capsule.data().setByte(capsule.dataIndex() + i, i + 1);
            }
        }
        capsule.transferComplete(bytes, null);
    }

    public void damage(int commandId) {
        takeTransfer(commandId)
                .transferComplete(0, new TransferException(TransferException.Kind.INTEGRITY, 0, "digest"));
    }

    public void respond(int commandId) {
        respond(commandId, Status.SUCCESS);
    }

    public void respond(int commandId, Status status) {
        sent.remove(commandId);
        complete(commandId, status);
    }

    /** Answers with success and a result in dword 0. */
    public void respond(int commandId, int dw0) {
        sent.remove(commandId);
        complete(commandId, Status.SUCCESS, dw0);
    }

    public void answer(int commandId) {
        if (isTransferOpen(commandId)) {
            transfer(commandId);
        }
        respond(commandId);
    }

    @Override
    public long maxTransferSize() {
        return maxTransferSize;
    }
}
