package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.EventLoopWatch;
import io.nvmf.transport.QueuePair;
import io.nvmf.transport.Termination;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.concurrent.Queues;

/**
 * What both sides share: the inbox through which the other side's messages hop to this side's executor, and the end.
 *
 * <p>The inbox is bounded by what the other side may have outstanding: per command one capsule, its response, its data,
 * and as many requests for data as the limit allows.
 */
abstract class LoopQueuePair implements QueuePair {

    /** FES of NVMe/TCP, Invalid PDU Header Field; FEI says which. */
    static final int INVALID_HEADER_FIELD = 1;

    /** Where NVMe/TCP has the command identifier in data and R2T PDUs. */
    static final int COMMAND_IDENTIFIER = 8;

    /** FES of NVMe/TCP, Data Transfer Out of Range. */
    static final int TRANSFER_OUT_OF_RANGE = 4;

    /** FES of NVMe/TCP, Data Transfer Limit Exceeded. */
    static final int LIMIT_EXCEEDED = 5;

    private final EventExecutor executor;
    private final ByteBufAllocator allocator;
    private final Queue<Signal> inbox = Queues.<Signal>unboundedMultiproducer().get();
    private final AtomicInteger arrivals = new AtomicInteger();
    private final Sinks.One<Termination> termination = Sinks.one();
    private final Sinks.Empty<Void> closed = Sinks.empty();
    private final Mono<Void> close;
    private volatile boolean stalled;
    private final AtomicReference<@Nullable Termination> ended = new AtomicReference<>();

    LoopQueuePair(EventExecutor executor, ByteBufAllocator allocator) {
        this.executor = executor;
        this.allocator = allocator;
        this.close = Mono.defer(() -> {
            run(() -> end(
                    new Termination.Closed(Termination.Side.LOCAL), new Termination.Closed(Termination.Side.REMOTE)));
            return closed.asMono();
        });
    }

    /** The other side. */
    abstract LoopQueuePair peer();

    /** Completes everything outstanding and ends the stream of capsules; once. */
    abstract void finish(Termination reason);

    @Override
    public final TransportType transportType() {
        return TransportType.LOOP;
    }

    @Override
    public final EventExecutor executor() {
        return executor;
    }

    @Override
    public final ByteBufAllocator allocator() {
        return allocator;
    }

    @Override
    public final Mono<Termination> termination() {
        return termination.asMono();
    }

    @Override
    public final Mono<Void> close() {
        return close;
    }

    /** How this side ended, null while it lives; any thread. */
    public final @Nullable Termination ended() {
        return ended.get();
    }

    /** Runs on the executor, at once if this is it. */
    final void run(Runnable task) {
        EventLoopTasks.run(executor, task);
    }

    /** Runs in a later turn of the executor. */
    final void later(Runnable task) {
        EventLoopTasks.later(executor, task);
    }

    /** Hands a message to this side; any thread. */
    final void post(Signal signal) {
        inbox.add(signal);
        if (arrivals.getAndIncrement() == 0) {
            later(this::drain);
        }
    }

    /** Lets messages pile up until {@link #resume}; any thread. */
    final void stall() {
        stalled = true;
    }

    /** Takes the messages that have piled up; any thread. */
    final void resume() {
        stalled = false;
        later(this::drain);
    }

    /**
     * Ends this side; executor only, later calls do nothing. The work is left to a turn of its own, so that this may be
     * called from inside any call-back.
     *
     * @param forPeer what the other side is told, null if it need not be told
     */
    final void end(Termination reason, @Nullable Termination forPeer) {
        if (!ended.compareAndSet(null, reason)) {
            return;
        }
        if (forPeer != null) {
            peer().post(new End(peer(), forPeer));
        }
        later(() -> {
            drain();
            finish(reason);
            termination.tryEmitValue(reason);
            closed.tryEmitEmpty();
        });
    }

    /** Hears of the end of the executor; once the other side is there, too. */
    final void watchExecutor() {
        EventLoopWatch.over(
                this, () -> end(Termination.Closed.EVENT_LOOP_GONE, new Termination.Closed(Termination.Side.REMOTE)));
    }

    /** Something above this transport threw. */
    final void fail(Throwable failure) {
        end(new Termination.IoFailure(failure), new Termination.PeerReset("the peer failed: " + failure));
    }

    /** The other side broke the protocol. */
    final void protocolError(int fatalErrorStatus, long fatalErrorInformation, String detail, ByteBuf header) {
        ByteBuffer copy = ByteBuffer.allocate(header.readableBytes());
        header.getBytes(header.readerIndex(), copy);
        copy.flip();
        end(
                new Termination.ProtocolError(
                        Termination.Side.LOCAL, fatalErrorStatus, fatalErrorInformation, detail, copy),
                new Termination.ProtocolError(
                        Termination.Side.REMOTE, fatalErrorStatus, fatalErrorInformation, detail, copy));
    }

    private void drain() {
        int missed = arrivals.get();
        do {
            while (ended() != null || !stalled) {
                Signal signal = inbox.poll();
                if (signal == null) {
                    break;
                }
                take(signal);
            }
            if (stalled && ended() == null) {
                return; // with arrivals left above 0, so that nobody but resume() schedules the next pass
            }
            missed = arrivals.addAndGet(-missed);
        } while (missed != 0);
    }

    private void take(Signal signal) {
        if (ended() != null) {
            signal.discard();
            return;
        }
        try {
            signal.deliver();
        } catch (Throwable e) { // errors too: whoever waits for the rest has to hear of the end
            fail(e);
        }
    }

    private record End(LoopQueuePair side, Termination reason) implements Signal {
        @Override
        public void deliver() {
            // An event loop that is gone is why the other side ended, and this thread may be here before the one that
            // tells so.
            side.end(EventLoopWatch.isGone(side.executor()) ? Termination.Closed.EVENT_LOOP_GONE : reason, null);
        }

        @Override
        public void discard() {}
    }
}
