package io.nvmf.rdma.iwarp;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.nvmf.rdma.spi.RdmaConnectRequest;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.Handover;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.tcp.TcpClient;
import reactor.util.context.Context;

/**
 * One attempt to connect, from resolving the name to the reply. It knows the channel from the beginning, so that a cancel
 * closes it in whatever step it is, and one time limit is over all of it.
 */
final class IwarpConnect extends BaseSubscriber<Connection> {

    private final RdmaConnectRequest request;
    private final Handover<RdmaConnection> handover;
    private final long started = System.nanoTime();

    /** Of the address that is being tried. */
    private volatile @Nullable Channel channel;

    private volatile boolean abandoned;
    private volatile @Nullable ScheduledFuture<?> deadline;

    private IwarpConnect(RdmaConnectRequest request, Handover<RdmaConnection> handover) {
        this.request = request;
        this.handover = handover;
    }

    /**
     * Connects with a client that is ready but for what this has to watch.
     *
     * @param client knows where to connect to, and how
     * @param request of the user
     * @return the connection after the reply
     */
    static Mono<RdmaConnection> over(TcpClient client, RdmaConnectRequest request) {
        return Handover.create(
                handover -> new IwarpConnect(request, handover).start(client),
                unwanted -> unwanted.close().subscribe());
    }

    private void start(TcpClient client) {
        handover.onCancel(this::abandon);
        client.doOnChannelInit((observer, opened, address) -> opened(opened))
                .connect()
                .subscribe(this);
    }

    @Override
    public Context currentContext() {
        return handover.context();
    }

    private void opened(Channel next) {
        channel = next;
        stopWaiting();
        if (abandoned) {
            next.close();
            return;
        }
        long left = request.timeout().toNanos() - (System.nanoTime() - started);
        deadline = next.eventLoop().schedule(this::late, Math.max(0, left), TimeUnit.NANOSECONDS);
    }

    private void late() {
        abandon();
        handover.fail(timeout(null));
    }

    private TimeoutException timeout(@Nullable Throwable cause) {
        TimeoutException timeout =
                new TimeoutException("no connection to " + request.address() + " within " + request.timeout());
        timeout.initCause(cause);
        return timeout;
    }

    private void stopWaiting() {
        ScheduledFuture<?> running = deadline;
        if (running != null) {
            running.cancel(false);
        }
    }

    /** Nobody waits any more; any thread. */
    private void abandon() {
        abandoned = true;
        cancel();
        stopWaiting();
        Channel open = channel;
        if (open != null) {
            EventLoopTasks.run(open.eventLoop(), open::close);
        }
    }

    @Override
    protected void hookOnNext(Connection connection) {
        Channel connected = connection.channel();
        EventLoopTasks.run(connected.eventLoop(), () -> startMpa(connection, connected));
    }

    private void startMpa(Connection connection, Channel connected) {
        if (abandoned) {
            connected.close();
            return;
        }
        try {
            MpaInitiator initiator = new MpaInitiator(connected, request, this::connected, this::failed);
            connection.addHandlerLast("iwarp", initiator);
            initiator.start();
        } catch (RuntimeException | Error broken) { // without memory, for one
            connected.close();
            failed(broken);
        }
    }

    private void connected(RdmaConnection ready) {
        stopWaiting();
        handover.give(ready);
    }

    private void failed(Throwable cause) {
        stopWaiting();
        handover.fail(cause);
    }

    @Override
    protected void hookOnError(Throwable failure) {
        boolean late = System.nanoTime() - started >= request.timeout().toNanos();
        failed(late ? timeout(failure) : failure);
    }
}
