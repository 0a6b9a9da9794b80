package io.nvmf.rdma.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaCompletion;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaReceiver;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.EventLoopWatch;
import io.nvmf.transport.TransportAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * One end of a {@link MemoryRdmaLink}. What crosses is copied and runs on the other end's event loop in order; what
 * crosses says so in its name ({@code ...Arrived}).
 */
final class MemoryRdmaConnection implements RdmaConnection {

    private static final RdmaEnd CLOSED_HERE = new RdmaEnd.Closed(RdmaEnd.Side.LOCAL);
    private static final RdmaEnd CLOSED_THERE = new RdmaEnd.Closed(RdmaEnd.Side.REMOTE);

    /** What an end is made with. */
    record Setup(
            EventExecutor executor,
            RdmaLimits limits,
            ByteBuffer privateData,
            TransportAddress localAddress,
            TransportAddress remoteAddress) {}

    private final Setup setup;
    private final MemoryRdmaSettings settings;
    private final MemoryRdmaLink link;
    private final MemoryInbox inbox;
    private final MemoryOutgoing outgoing;
    private final MemoryWindows windows;
    private final MemoryDeliveries deliveries;
    private final MemoryWritability writability;
    private final FutureListener<Object> loopEnd = ended -> end(new RdmaEnd.EventLoopGone(), CLOSED_THERE);
    private final Sinks.Empty<Void> closed = Sinks.empty();

    private boolean closing;
    private boolean finished;
    private volatile @Nullable RdmaEnd end;

    MemoryRdmaConnection(Setup setup, MemoryRdmaSettings settings, MemoryRdmaLink link) {
        this.setup = setup;
        this.settings = settings;
        this.link = link;
        this.inbox = new MemoryInbox(setup.executor());
        this.windows =
                new MemoryWindows(settings.maxWindows(), settings.capabilities().revokesAtOnce());
        this.deliveries = new MemoryDeliveries(setup.limits().receives());
        this.outgoing = new MemoryOutgoing(setup.limits(), this::later, this::leave);
        this.writability = new MemoryWritability(settings.maxUntaken(), deliveries::writableChanged, this::later);
    }

    /** Watches over the event loop; when both ends are there. */
    void watchLoop() {
        setup.executor().terminationFuture().addListener(loopEnd);
    }

    MemoryInbox inbox() {
        return inbox;
    }

    MemoryWritability writability() {
        return writability;
    }

    /** How it ended, null while it lives; any thread. */
    @Nullable
    RdmaEnd ended() {
        return end;
    }

    Mono<Void> gone() {
        return closed.asMono();
    }

    private MemoryRdmaConnection peer() {
        return link.otherEndOf(this);
    }

    @Override
    public EventExecutor executor() {
        return setup.executor();
    }

    @Override
    public ByteBufAllocator allocator() {
        return settings.allocator();
    }

    @Override
    public RdmaLimits limits() {
        return setup.limits();
    }

    @Override
    public ByteBuffer privateData() {
        return setup.privateData().duplicate();
    }

    @Override
    public TransportAddress localAddress() {
        return setup.localAddress();
    }

    @Override
    public TransportAddress remoteAddress() {
        return setup.remoteAddress();
    }

    @Override
    public String agreement() {
        return "memory, " + setup.limits();
    }

    @Override
    public void receiver(RdmaReceiver named) {
        requireLoop();
        deliveries.receiver(named);
        later(() -> {
            deliveries.deliver();
            if (finished) {
                deliveries.ended(end);
            }
        });
    }

    @Override
    public RdmaWindow expose(ByteBuf memory, int index, int length, RdmaAccess access) {
        requireLoop();
        requireMemory(memory, index, length);
        if (isOver()) {
            throw new RdmaException(RdmaException.Kind.FLUSHED, "the connection has ended: " + end);
        }
        return windows.expose(memory, index, length, access);
    }

    @Override
    public void send(ByteBuf header, @Nullable ByteBuf data, int invalidate, RdmaCompletion completion) {
        requireLoop();
        take(header, data);
        start(MemoryOperation.send(header, data, invalidate, completion));
    }

    @Override
    public void write(ByteBuf data, long address, int key, RdmaCompletion completion) {
        requireLoop();
        take(data, null);
        start(MemoryOperation.write(data, address, key, completion));
    }

    @Override
    public void read(ByteBuf memory, int index, int length, long address, int key, RdmaCompletion completion) {
        requireLoop();
        requireMemory(memory, index, length);
        start(MemoryOperation.read(memory, index, length, address, key, completion));
    }

    private void start(MemoryOperation operation) {
        outgoing.start(operation, isOver() ? "the connection has ended: " + end : null);
    }

    @Override
    public void flush() {
        requireLoop();
        outgoing.flush();
    }

    private void leave(MemoryOperation operation) {
        if (end != null || !link.passes()) {
            return;
        }
        MemoryRdmaConnection peer = peer();
        switch (operation.kind) {
            case SEND -> {
                byte[] bytes = operation.bytes();
                int invalidate = link.invalidated(this, operation.key);
                writability.leaves(bytes.length);
                peer.inbox.post(() -> peer.messageArrived(bytes, invalidate, () -> taken(operation)));
            }
            case WRITE -> {
                byte[] bytes = operation.bytes();
                writability.leaves(bytes.length);
                peer.inbox.post(
                        () -> peer.writeArrived(bytes, operation.address, operation.key, () -> taken(operation)));
            }
            case READ -> peer.inbox.post(() -> peer.readArrived(operation));
        }
    }

    /** The peer has a message or write of this end; on the peer's event loop. */
    private void taken(MemoryOperation operation) {
        later(() -> {
            writability.arrived(operation.length);
            outgoing.done(operation);
        });
    }

    private void messageArrived(byte[] message, int invalidate, Runnable taken) {
        if (isOver()) {
            return;
        }
        if (message.length > setup.limits().receiveSize()) {
            violation("a message of " + message.length + " bytes, the places have "
                    + setup.limits().receiveSize());
            return;
        }
        if (invalidate != NO_KEY && !windows.invalidate(invalidate)) {
            violation(String.format("a message invalidates 0x%08x, which is no window", invalidate));
            return;
        }
        if (!deliveries.add(message, invalidate)) {
            violation("a message without a place, there are " + setup.limits().receives());
            return;
        }
        taken.run();
        deliveries.deliver();
    }

    private void writeArrived(byte[] bytes, long address, int key, Runnable taken) {
        if (isOver()) {
            return;
        }
        String wrong = windows.place(bytes, address, key);
        if (wrong == null) {
            taken.run();
        } else {
            violation(wrong);
        }
    }

    private void readArrived(MemoryOperation operation) {
        if (isOver()) {
            return;
        }
        String wrong = windows.checkRead(operation.length, operation.address, operation.key);
        if (wrong == null) {
            byte[] bytes = windows.fetch(operation.length, operation.address, operation.key);
            MemoryRdmaConnection peer = peer();
            peer.inbox.post(() -> peer.answerArrived(operation, bytes));
        } else {
            violation(wrong);
        }
    }

    private void answerArrived(MemoryOperation operation, byte[] bytes) {
        if (isOver()) {
            return;
        }
        operation.place(bytes);
        outgoing.done(operation);
    }

    private void violation(String detail) {
        end(
                new RdmaEnd.ProtocolError(RdmaEnd.Side.LOCAL, RdmaEnd.ProtocolError.NO_CODE, detail),
                new RdmaEnd.ProtocolError(RdmaEnd.Side.REMOTE, RdmaEnd.ProtocolError.NO_CODE, detail));
    }

    @Override
    public boolean isWritable() {
        requireLoop();
        return writability.isWritable();
    }

    @Override
    public void abort(String detail) {
        requireLoop();
        violation(detail);
    }

    @Override
    public Mono<Void> close() {
        EventLoopTasks.run(setup.executor(), this::beginClose);
        return closed.asMono();
    }

    private void beginClose() {
        if (isOver()) {
            return;
        }
        closing = true;
        outgoing.flush();
        seal();
        MemoryRdmaConnection peer = peer();
        peer.inbox.post(() -> {
            peer.end(CLOSED_THERE, null);
            later(() -> end(CLOSED_HERE, null));
        });
        Future<?> bound = GlobalEventExecutor.INSTANCE.schedule(
                () -> later(() -> end(CLOSED_HERE, null)),
                settings.closeTimeout().toNanos(),
                TimeUnit.NANOSECONDS);
        closed.asMono().subscribe(never -> {}, failure -> {}, () -> bound.cancel(false));
    }

    /** Nothing is delivered or placed from now on. */
    private boolean isOver() {
        return closing || end != null;
    }

    private void seal() {
        windows.closeAll();
        deliveries.drop();
    }

    /**
     * Ends this end; later calls do nothing. Event loop only.
     *
     * @param how why, unless this end was closed before
     * @param peerSees what the peer is told, null if nothing
     */
    void end(RdmaEnd how, @Nullable RdmaEnd peerSees) {
        if (end != null) {
            return;
        }
        if (closing) {
            end = CLOSED_HERE;
        } else {
            // an event loop that is gone is why, whoever tells first
            end = EventLoopWatch.isGone(setup.executor()) ? new RdmaEnd.EventLoopGone() : how;
        }
        if (peerSees != null) {
            MemoryRdmaConnection peer = peer();
            peer.inbox.post(() -> peer.end(peerSees, null));
        }
        seal();
        later(this::finish);
    }

    private void finish() {
        finished = true;
        setup.executor().terminationFuture().removeListener(loopEnd);
        outgoing.end("the connection has ended: " + end);
        deliveries.ended(end);
        closed.tryEmitEmpty();
    }

    private void later(Runnable task) {
        EventLoopTasks.later(setup.executor(), task);
    }

    private void requireLoop() {
        EventExecutor executor = setup.executor();
        if (!executor.inEventLoop() && !EventLoopWatch.isGone(executor)) {
            throw new IllegalStateException("not on the event loop of the connection");
        }
    }

    /** The data is this end's from now on, and given back at once if it cannot be sent. */
    private void take(ByteBuf first, @Nullable ByteBuf second) {
        boolean usable = first.isReadable() && isKnown(first) && (second == null || isKnown(second));
        if (!usable) {
            first.release();
            if (second != null) {
                second.release();
            }
            throw new IllegalArgumentException("nothing to send, or memory of somebody else");
        }
    }

    private void requireMemory(ByteBuf memory, int index, int length) {
        if (length < 1 || !isKnown(memory)) {
            throw new IllegalArgumentException(length + " bytes of " + memory);
        }
        Objects.checkFromIndexSize(index, length, memory.capacity());
    }

    private boolean isKnown(ByteBuf memory) {
        return settings.capabilities().anyMemory() || memory.alloc() == settings.allocator();
    }
}
