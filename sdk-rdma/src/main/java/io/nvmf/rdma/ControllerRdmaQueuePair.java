package io.nvmf.rdma;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.collection.IntObjectHashMap;
import io.nvmf.rdma.spi.RdmaCapabilities;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.spec.CompletionQueueEntry;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.DataAccount;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SglSupport;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.support.CallBacks;
import io.nvmf.transport.support.CapsuleFlux;
import io.nvmf.transport.support.UnsentCapsules;
import io.nvmf.transport.support.WritableSignal;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The queue pair of a controller: command capsules in, data both ways, response capsules out. Data of a read is written
 * into the host's window ahead of the response; data of a write is read from it as the store asks.
 *
 * <p>A message is copied when it is taken, so its place is free before the response can leave, and the host never finds
 * none. Event loop only, but for what returns a publisher.
 */
final class ControllerRdmaQueuePair extends RdmaQueuePair
        implements ControllerQueuePair, UnsentCapsules.Sender<ResponseCapsule> {

    private final CmRequest request;
    private final int inCapsuleData;
    private final boolean invalidates;
    private final CapsuleFlux<ReceivedCommand> commands;
    private final UnsentCapsules<ResponseCapsule> unsent;
    private final WritableSignal writable;
    private final RemoteReads reads;
    private final RemoteWrites writes;

    /** Commands without a response. */
    private final IntObjectHashMap<RdmaReceivedCommand> outstanding = new IntObjectHashMap<>();

    /** Commands whose data has no memory yet, and those behind them; they keep their places. */
    private final ArrayDeque<ByteBuf> stalled = new ArrayDeque<>();

    private final ArrayDeque<SubmissionQueueEntry> entries = new ArrayDeque<>();
    private final Runnable memoryTaken = this::memoryTaken;
    private @Nullable ControllerQueuePairParameters parameters;
    private @Nullable DataAccount account;

    /** What others than the event loop know of it. */
    private volatile boolean takesData = true;

    /**
     * Creates a queue pair that hears of its connection when {@link RdmaConnection#receiver} is called with it; on the
     * event loop.
     *
     * @param connection nobody's yet
     * @param request what the host has asked for
     * @param options of the transport
     * @param capabilities of the provider
     */
    ControllerRdmaQueuePair(
            RdmaConnection connection, CmRequest request, TransportOptions options, RdmaCapabilities capabilities) {
        super(connection);
        this.request = request;
        this.inCapsuleData = options.require(RdmaOptions.IN_CAPSULE_DATA);
        this.invalidates = options.require(RdmaOptions.REMOTE_INVALIDATION);
        this.commands = new CapsuleFlux<>(connection.executor(), () -> {}, ReceivedCommand::release);
        this.unsent = new UnsentCapsules<>(connection.executor(), this);
        this.writable = new WritableSignal(connection.executor(), () -> takesData || ended() != null);
        int readsAtOnce = Math.max(1, connection.limits().readsOut());
        this.reads = new RemoteReads(readsAtOnce);
        Bounce bounce = new Bounce(
                connection.allocator(), capabilities.anyMemory(), options.require(RdmaOptions.BOUNCE_MEMORY));
        this.writes =
                new RemoteWrites(this, bounce, Math.max(1, connection.limits().sends() - readsAtOnce));
    }

    RemoteReads reads() {
        return reads;
    }

    @Override
    public boolean admin() {
        ControllerQueuePairParameters agreed = parameters;
        return agreed == null || agreed.admin();
    }

    @Override
    public @Nullable TransportAddress localAddress() {
        return connection().localAddress();
    }

    @Override
    public @Nullable TransportAddress remoteAddress() {
        return connection().remoteAddress();
    }

    @Override
    public SglSupport sglSupport() {
        return new SglSupport(true, false, inCapsuleData);
    }

    @Override
    public Flux<ReceivedCommand> commands() {
        return commands;
    }

    @Override
    public void configure(ControllerQueuePairParameters agreed) {
        if (parameters != null) {
            throw new IllegalStateException("the queue pair is configured already: " + parameters);
        }
        parameters = agreed;
        if (agreed.admin() != (request.queueId() == 0)) {
            protocolError("the host asked for a connection for queue " + request.queueId() + ", and connects "
                    + (agreed.admin() ? "the admin queue" : "an I/O queue"));
        }
    }

    @Override
    public boolean account(DataAccount told) {
        account = told;
        writes.account(told);
        return true;
    }

    // ---- sending

    @Override
    public Mono<Void> transmit(ResponseCapsule response) {
        return Mono.<Void>create(sink -> EventLoopTasks.run(executor(), () -> {
                    RdmaReceivedCommand waiting = behindReads(response);
                    if (waiting == null) {
                        sink.success();
                    } else {
                        waiting.afterReads(sink::success);
                    }
                }))
                .then(unsent.transmit(response));
    }

    @Override
    public void submit(ResponseCapsule response) {
        RdmaReceivedCommand waiting = behindReads(response);
        if (waiting == null) {
            unsent.submit(response);
        } else {
            waiting.afterReads(() -> unsent.submit(response));
        }
    }

    /** The command whose reads a response must not overtake; null if it may leave. */
    private @Nullable RdmaReceivedCommand behindReads(ResponseCapsule response) {
        RdmaReceivedCommand command = outstanding.get(response.commandId());
        return command == null || command.answer() ? null : command;
    }

    @Override
    public void queued() {
        scheduleTurn();
    }

    @Override
    void turn() {
        writes.issue();
        while (ended() == null && writes.takesResponse() && unsent.convertNext()) {
            // the next
        }
        if (ended() == null) {
            connection().flush();
            updateWritable();
        }
    }

    @Override
    public void convert(ResponseCapsule response) {
        RdmaReceivedCommand command = outstanding.remove(response.commandId());
        ByteBuf entry = allocator().directBuffer(CompletionQueueEntry.LENGTH);
        response.encode(entry.writeZero(CompletionQueueEntry.LENGTH), 0);
        writes.respond(entry, command == null || !invalidates ? RdmaConnection.NO_KEY : command.keyToInvalidate());
    }

    @Override
    public void dropped(ResponseCapsule response) {}

    /** Data of a command for the host; consumes it. */
    void write(ByteBuf data, long address, int key) {
        writes.write(data, address, key);
        updateWritable();
    }

    @Override
    public Mono<Void> writable() {
        return writable.mono();
    }

    @Override
    public void writableChanged() {
        updateWritable();
    }

    private void updateWritable() {
        takesData = writes.isWritable() && connection().isWritable();
        if (takesData) {
            writable.changed();
        }
    }

    // ---- receiving

    /** Bytes of data that a capsule may bring. */
    private int maxInCapsuleData() {
        if (request.queueId() == 0) {
            return 0;
        }
        ControllerQueuePairParameters agreed = parameters;
        return agreed == null ? inCapsuleData : Math.min(inCapsuleData, agreed.maxInCapsuleData());
    }

    @Override
    public void received(ByteBuf message, int invalidated) {
        try {
            String violation = ended() == null ? violation(message, invalidated) : null;
            if (violation != null) {
                protocolError(violation);
            }
            if (ended() != null) {
                message.release();
            } else if (!stalled.isEmpty() || !take(message)) {
                stalled.add(message);
            }
        } catch (Throwable e) { // errors too: whoever waits for the rest has to hear of the end
            fail(e);
        }
    }

    private @Nullable String violation(ByteBuf message, int invalidated) {
        int length = message.readableBytes();
        if (length < SubmissionQueueEntry.LENGTH) {
            return "a command of " + length + " bytes, which are fewer than " + SubmissionQueueEntry.LENGTH;
        }
        int inCapsule = length - SubmissionQueueEntry.LENGTH;
        if (inCapsule > maxInCapsuleData()) {
            return "in-capsule data of " + inCapsule + " bytes exceeds the limit of " + maxInCapsuleData();
        }
        if (invalidated != RdmaConnection.NO_KEY) {
            return "a command has invalidated a key of the controller";
        }
        if (outstanding.size() + stalled.size() >= request.queueSize()) {
            return "more commands than the " + request.queueSize() + " entries of the queue";
        }
        return null;
    }

    /** Takes a message in, unless it has to wait for memory. */
    private boolean take(ByteBuf message) {
        int inCapsule = message.readableBytes() - SubmissionQueueEntry.LENGTH;
        DataAccount told = account;
        if (inCapsule > 0 && told != null) {
            if (!told.takeInCapsule(inCapsule, memoryTaken)) {
                return false;
            }
            deliver(message, true);
        } else {
            deliver(message, false);
        }
        return true;
    }

    /** There is memory for the first of those that wait. */
    private void memoryTaken() {
        ByteBuf first = stalled.poll();
        try {
            if (first != null) {
                deliver(first, true);
            }
            while (ended() == null && !stalled.isEmpty() && take(stalled.element())) {
                stalled.remove();
            }
        } catch (Throwable e) { // as above
            fail(e);
        }
    }

    private void deliver(ByteBuf message, boolean accounted) {
        int start = message.readerIndex();
        int inCapsule = message.readableBytes() - SubmissionQueueEntry.LENGTH;
        SubmissionQueueEntry entry = entries.poll();
        if (entry == null) {
            entry = new SubmissionQueueEntry().wrap(Unpooled.wrappedBuffer(new byte[SubmissionQueueEntry.LENGTH]), 0);
        }
        entry.buffer().setBytes(0, message, start, SubmissionQueueEntry.LENGTH);
        ByteBuf data = inCapsule == 0 ? null : copy(message, start + SubmissionQueueEntry.LENGTH, inCapsule);
        message.release();
        RdmaReceivedCommand command = new RdmaReceivedCommand(this, entry, inCapsule, data, accounted);
        outstanding.put(command.commandId(), command);
        commands.emit(command);
    }

    private @Nullable ByteBuf copy(ByteBuf message, int index, int length) {
        try {
            return allocator().directBuffer(length, length).writeBytes(message, index, length);
        } catch (OutOfMemoryError e) { // the end of this command, which says so, and of nothing else
            return null;
        }
    }

    /** The entry is not needed any more. */
    void recycle(SubmissionQueueEntry entry) {
        entries.add(entry);
    }

    /** In-capsule data that was accounted for is not needed any more. */
    void giveInCapsule(int bytes) {
        DataAccount told = account;
        if (told != null) {
            told.giveInCapsule(bytes);
        }
    }

    // ---- the end

    @Override
    void finish(Termination how) {
        unsent.dropAll(how);
        writes.dropAll();
        reads.abortAll();
        stalled.forEach(ByteBuf::release);
        stalled.clear();
        outstanding.clear();
        takesData = true;
        writable.changed();
        CallBacks.guarded(commands::complete);
    }
}
