package io.nvmf.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransferException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A queue pair whose peer is the test; what becomes of a command that left is the subclass's. Keeps the transport contract and
 * insists that the host does. Commands leave at the end of the turn, or when the test says so. The allocator counts, so that a
 * test can insist that everything came back.
 */
public abstract class ScriptedQueuePair implements HostQueuePair {

    /** Whether commands leave only with {@link #flushUnsent}. */
    public boolean holdBack;

    private final EventExecutor executor;
    private final ExhaustibleAllocator allocator;
    private final Sinks.Many<ResponseCapsule> responses = Sinks.many().unicast().onBackpressureError();
    private final Sinks.One<Termination> termination = Sinks.one();
    private final List<CommandCapsule> unsent = new ArrayList<>();
    private final Map<Integer, CommandCapsule> openTransfers = new LinkedHashMap<>();
    private boolean ended;

    protected ScriptedQueuePair(EventExecutor executor) {
        this(executor, new ExhaustibleAllocator());
    }

    protected ScriptedQueuePair(EventExecutor executor, ExhaustibleAllocator allocator) {
        this.executor = executor;
        this.allocator = allocator;
    }

    // The peer. On the event loop.

    /** A command leaves. The entry is lent for this call. */
    protected abstract void sent(CommandCapsule capsule, ByteBuf entry);

    /** All commands that waited have left. */
    protected abstract void flushed();

    /** Lets all commands leave that wait. */
    public final void flushUnsent() {
        while (!unsent.isEmpty()) {
            CommandCapsule capsule = unsent.remove(0);
            if (!capsule.wanted()) {
                abortTransfer(capsule);
                capsule.withdrawn();
                continue;
            }
            ByteBuf entry = Unpooled.buffer(SubmissionQueueEntry.LENGTH);
            capsule.encode(entry, 0);
            sent(capsule, entry);
            entry.release();
            capsule.transmitted();
        }
        flushed();
    }

    /** The identifiers of the commands whose data is still to be moved. */
    protected final List<Integer> openTransfers() {
        return List.copyOf(openTransfers.keySet());
    }

    /** Whether the data of a command is still to be moved. */
    protected final boolean isTransferOpen(int commandId) {
        return openTransfers.containsKey(commandId);
    }

    /** Takes the transfer of a command's data, which only who took it can complete. */
    protected final CommandCapsule takeTransfer(int commandId) {
        return openTransfers.remove(commandId);
    }

    /** Answers a command. */
    protected final void complete(int commandId, Status status) {
        complete(commandId, status, 0);
    }

    /** Answers a command with a result in dword 0. */
    protected final void complete(int commandId, Status status, int dw0) {
        responses
                .tryEmitNext(ResponseCapsule.of(commandId, status.raw(), dw0, 0, 0))
                .orThrow();
    }

    /** Ends the connection, once. */
    public void end(Termination reason) {
        if (ended) {
            return;
        }
        ended = true;
        unsent.clear();
        List<CommandCapsule> open = List.copyOf(openTransfers.values());
        openTransfers.clear();
        open.forEach(ScriptedQueuePair::abort);
        responses.tryEmitComplete().orThrow();
        termination.tryEmitValue(reason).orThrow();
    }

    public final boolean ended() {
        return ended;
    }

    /** Bytes that the allocator has given out and not got back. */
    public final long usedMemory() {
        return allocator.usedMemory();
    }

    private static void abort(CommandCapsule capsule) {
        capsule.transferComplete(0, new TransferException(TransferException.Kind.ABORTED, 0, "ended"));
    }

    private void requireEventLoop(String what) {
        if (!executor.inEventLoop()) {
            throw new AssertionError(what + " outside the event loop");
        }
    }

    // The queue pair.

    @Override
    public final void submit(CommandCapsule capsule) {
        requireEventLoop("submit");
        if (ended) {
            if (capsule.dataLength() > 0) {
                abort(capsule);
            }
            return;
        }
        if (capsule.dataLength() > 0) {
            openTransfers.put(capsule.commandId(), capsule);
        }
        if (unsent.isEmpty() && !holdBack) {
            executor.execute(this::flushUnsent);
        }
        unsent.add(capsule);
    }

    @Override
    public final boolean withdraw(CommandCapsule capsule) {
        requireEventLoop("withdraw");
        if (!unsent.remove(capsule)) {
            return false;
        }
        abortTransfer(capsule);
        return true;
    }

    private void abortTransfer(CommandCapsule capsule) {
        if (openTransfers.remove(capsule.commandId()) != null) {
            abort(capsule);
        }
    }

    @Override
    public final Flux<ResponseCapsule> responses() {
        return responses.asFlux();
    }

    @Override
    public final Mono<Termination> termination() {
        return termination.asMono();
    }

    @Override
    public final Mono<Void> close() {
        return Mono.defer(() -> {
            executor.execute(() -> end(new Termination.Closed(Termination.Side.LOCAL)));
            return termination.asMono().then();
        });
    }

    @Override
    public final Mono<Void> transmit(CommandCapsule capsule) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long maxTransferSize() {
        return UNLIMITED;
    }

    @Override
    public final TransportType transportType() {
        return TransportType.LOOP;
    }

    @Override
    public final boolean admin() {
        return false;
    }

    @Override
    public final EventExecutor executor() {
        return executor;
    }

    @Override
    public final ExhaustibleAllocator allocator() {
        return allocator;
    }
}
