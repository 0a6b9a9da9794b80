package io.nvmf.rdma.iwarp;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.spec.Require;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.Handover;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.support.SocketAddresses;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Waits for a request and is it for the acceptor, until that has accepted or rejected it. Peers that want markers are
 * rejected at once; without a request in time the channel is closed. After the reply nothing is sent before the peer has
 * sent its first FPDU.
 */
final class MpaResponder extends MpaHandler implements RdmaIncoming {

    private static final Logger LOG = LoggerFactory.getLogger(MpaResponder.class);

    private final Consumer<? super RdmaIncoming> acceptor;
    private final AtomicBoolean answered = new AtomicBoolean();

    private @Nullable ScheduledFuture<?> deadline;
    private volatile @Nullable MpaFrame request;
    private @Nullable Handover<RdmaConnection> accepting;

    /**
     * Nothing is read before {@link #start}.
     *
     * @param channel connected
     * @param options of the provider
     * @param acceptor gets the request
     */
    MpaResponder(Channel channel, TransportOptions options, Consumer<? super RdmaIncoming> acceptor) {
        super(channel, options, false);
        this.acceptor = acceptor;
    }

    /** Waits for the request. */
    void start() {
        Duration timeout = options.require(IwarpOptions.START_TIMEOUT);
        deadline = channel.eventLoop()
                .schedule(
                        () -> fail(new IOException("no request within " + timeout)),
                        timeout.toNanos(),
                        TimeUnit.NANOSECONDS);
        channel.read();
    }

    @Override
    void arrived(MpaFrame frame) {
        stopWaiting();
        request = frame;
        if (frame.has(MpaFrame.MARKERS)) {
            LOG.debug("{} wants markers, and is rejected", channel);
            reject(ByteBuffer.allocate(0));
            return;
        }
        acceptor.accept(this);
    }

    @Override
    void failed(Throwable cause) {
        stopWaiting();
        LOG.debug("{} does not become a connection", channel, cause);
        Handover<RdmaConnection> waiting = accepting;
        if (waiting != null) {
            waiting.fail(cause);
        }
    }

    private void stopWaiting() {
        ScheduledFuture<?> running = deadline;
        if (running != null) {
            running.cancel(false);
        }
    }

    private MpaFrame request() {
        MpaFrame present = request;
        if (present == null) {
            throw new IllegalStateException("nothing was requested");
        }
        return present;
    }

    // ---- RdmaIncoming

    @Override
    public EventExecutor executor() {
        return channel.eventLoop();
    }

    @Override
    public ByteBuffer privateData() {
        return ByteBuffer.wrap(request().privateData()).asReadOnlyBuffer();
    }

    @Override
    public int peerReadsIn() {
        MpaFrame frame = request();
        return frame.agreesOnReads() ? frame.readsIn() & MpaFrame.READS : unnegotiated();
    }

    @Override
    public @Nullable TransportAddress localAddress() {
        return SocketAddresses.of(channel.localAddress());
    }

    @Override
    public @Nullable TransportAddress remoteAddress() {
        return SocketAddresses.of(channel.remoteAddress());
    }

    @Override
    public Mono<RdmaConnection> accept(ByteBuffer data, RdmaLimits limits) {
        ByteBuffer reply = data.asReadOnlyBuffer();
        return Handover.create(
                handover -> {
                    Require.range("private data", reply.remaining(), 0, MpaFrame.MOST_PRIVATE);
                    accept(handover, bytes(reply), limits);
                },
                unwanted -> unwanted.close().subscribe());
    }

    private void accept(Handover<RdmaConnection> handover, byte[] reply, RdmaLimits limits) {
        if (!answered.compareAndSet(false, true)) {
            handover.fail(new IllegalStateException("the request was answered before"));
            return;
        }
        handover.onCancel(() -> EventLoopTasks.run(executor(), channel::close));
        EventLoopTasks.run(executor(), () -> accepted(handover, reply, limits));
    }

    private void accepted(Handover<RdmaConnection> handover, byte[] data, RdmaLimits limits) {
        if (!isOpen() || !channel.isActive()) {
            handover.fail(new IOException("the peer has gone"));
            return;
        }
        accepting = handover;
        MpaFrame asked = request();
        RdmaLimits agreed = new RdmaLimits(
                limits.sends(),
                limits.receives(),
                limits.receiveSize(),
                readsIn(asked, limits),
                Math.min(limits.readsOut(), peerReadsIn()));
        boolean checked = asked.has(MpaFrame.CRC) || options.require(IwarpOptions.CRC);
        write(reply(asked, agreed, checked, data), channel.newPromise());
        if (isOpen()) {
            handover.give(connected(false, asked, agreed, checked, ConnectionTerms.Ready.NONE));
        }
    }

    private static MpaFrame reply(MpaFrame asked, RdmaLimits agreed, boolean checked, byte[] data) {
        int flags = (checked ? MpaFrame.CRC : 0) | asked.flags() & MpaFrame.ENHANCED;
        return new MpaFrame(
                true,
                flags,
                asked.revision(),
                agreed.readsIn() | (isPeerToPeer(asked) ? MpaFrame.PEER_TO_PEER : 0),
                agreed.readsOut() | ready(asked),
                data);
    }

    private static boolean isPeerToPeer(MpaFrame asked) {
        return asked.has(MpaFrame.ENHANCED) && (asked.readsIn() & MpaFrame.PEER_TO_PEER) != 0;
    }

    /** An empty write if the peer can do that, as it needs no answer. */
    private static int ready(MpaFrame asked) {
        if (!isPeerToPeer(asked)) {
            return 0;
        }
        return (asked.readsOut() & MpaFrame.READY_WRITE) != 0
                ? MpaFrame.READY_WRITE
                : asked.readsOut() & MpaFrame.READY_READ;
    }

    /** Reads that this side serves: not more than the peer wants, and one for an empty read that says it is ready. */
    private int readsIn(MpaFrame asked, RdmaLimits limits) {
        int wanted = asked.agreesOnReads() ? asked.readsOut() & MpaFrame.READS : unnegotiated();
        int granted = Math.min(limits.readsIn(), wanted);
        return ready(asked) == MpaFrame.READY_READ ? Math.max(1, granted) : granted;
    }

    @Override
    public void reject(ByteBuffer data) {
        Require.range("private data", data.remaining(), 0, MpaFrame.MOST_PRIVATE);
        byte[] reply = bytes(data);
        if (answered.compareAndSet(false, true)) {
            EventLoopTasks.run(executor(), () -> rejected(reply));
        }
    }

    private void rejected(byte[] data) {
        if (!isOpen() || !channel.isActive()) {
            return;
        }
        MpaFrame asked = request();
        int flags = MpaFrame.REJECTED | asked.flags() & (MpaFrame.CRC | MpaFrame.ENHANCED);
        MpaFrame reply = new MpaFrame(
                true, flags, asked.revision(), 0, asked.agreesOnReads() ? asked.readsIn() & MpaFrame.READS : 0, data);
        write(reply, channel.newPromise().addListener(written -> fail(new IOException("rejected"))));
    }

    /** The listener takes no more; what was answered goes on. */
    void abandon() {
        EventLoopTasks.run(executor(), () -> {
            if (answered.compareAndSet(false, true)) {
                fail(new IOException("nobody listens any more"));
            }
        });
    }
}
