package io.nvmf.tcp;

import io.netty.channel.Channel;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.ScheduledFuture;
import io.nvmf.security.TlsPsk;
import io.nvmf.tcp.tls.TlsHandler;
import io.nvmf.tcp.tls.TlsListener;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.EventLoopWatch;
import io.nvmf.transport.Handover;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.tcp.TcpClient;
import reactor.util.context.Context;

/**
 * One attempt of a host to connect, from resolving the name over TLS, if there are keys for it, to the end of the
 * handshake. It knows the channel from the beginning, so that a cancel closes it in whatever step it is.
 *
 * <p>The fields of the handshake belong to the channel's event loop.
 */
final class TcpConnect extends BaseSubscriber<Connection> {

    private static final Logger LOG = LoggerFactory.getLogger(TcpConnect.class);

    /** Name under which operators look for what to do with errors that nobody waits for. */
    private static final String ERROR_DROPPED = "reactor.onErrorDropped.local";

    private final HostQueuePairParameters parameters;

    /** To offer, best first; the caller's. None without TLS. */
    private final List<TlsPsk> keys;

    private final Handover<HostQueuePair> handover;

    /** Of the address that is being tried. */
    private volatile @Nullable Channel channel;

    private volatile boolean abandoned;
    private volatile @Nullable ScheduledFuture<?> resolving;
    private @Nullable HostTcpQueuePair queuePair;

    private TcpConnect(HostQueuePairParameters parameters, List<TlsPsk> keys, Handover<HostQueuePair> handover) {
        this.parameters = parameters;
        this.keys = keys;
        this.handover = handover;
    }

    /**
     * Connects with a client that is ready but for what this has to watch.
     *
     * @param client knows where to connect to, and how
     * @param parameters of the queue pair
     * @param keys for TLS, the caller's; none without
     * @return the queue pair after the handshake
     */
    static Mono<HostQueuePair> over(TcpClient client, HostQueuePairParameters parameters, List<TlsPsk> keys) {
        return Handover.create(
                handover -> new TcpConnect(parameters, keys, handover).start(client),
                unwanted -> unwanted.close().subscribe());
    }

    private void start(TcpClient client) {
        handover.onCancel(this::abandon);
        if (keys.isEmpty() || TlsSupport.isReady()) {
            connect(client);
        } else {
            TlsSupport.prepare().then(Mono.fromRunnable(() -> connect(client))).subscribe(null, handover::fail);
        }
    }

    private void connect(TcpClient client) {
        if (abandoned) {
            return;
        }
        client.doOnChannelInit((observer, opened, address) -> opened(opened))
                .doOnResolve(connection -> resolves(connection.channel()))
                .doAfterResolve((connection, address) -> resolved())
                .connect()
                .subscribe(this);
    }

    /** A channel that is closed as it is opened may tell of that just when this has been cancelled. */
    @Override
    public Context currentContext() {
        Consumer<Throwable> late = failure -> LOG.debug("nobody waits for this failure any more", failure);
        return handover.context().put(ERROR_DROPPED, late);
    }

    private void opened(Channel next) {
        channel = next;
        if (abandoned) {
            next.close();
        }
    }

    private void resolves(Channel waiting) {
        resolving = waiting.eventLoop()
                .schedule(
                        () -> {
                            abandon();
                            handover.fail(new TimeoutException(
                                    "the name " + parameters.address().host() + " was not resolved within "
                                            + parameters.connectTimeout()));
                        },
                        parameters.connectTimeout().toNanos(),
                        TimeUnit.NANOSECONDS);
        if (abandoned) {
            resolved();
        }
    }

    private void resolved() {
        ScheduledFuture<?> deadline = resolving;
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    /** Nobody waits any more; any thread. */
    private void abandon() {
        abandoned = true;
        cancel();
        resolved();
        Channel open = channel;
        if (open != null) {
            EventLoopTasks.run(open.eventLoop(), () -> close(open));
        }
    }

    private void close(Channel open) {
        HostTcpQueuePair started = queuePair;
        if (started == null) {
            open.close();
        } else {
            started.close().subscribe();
        }
    }

    @Override
    protected void hookOnNext(Connection connection) {
        Channel connected = connection.channel();
        EventLoopTasks.run(connected.eventLoop(), () -> shakeHands(connection, connected));
    }

    private void shakeHands(Connection connection, Channel connected) {
        if (abandoned) {
            connected.close();
            return;
        }
        TlsHandler tls = null;
        try {
            tls = keys.isEmpty() ? null : TlsHandler.client(keys, parameters.connectTimeout(), new Secured());
            HostTcpQueuePair started = new HostTcpQueuePair(connected, parameters, this::initialized);
            queuePair = started;
            started.termination().subscribe(end -> handover.fail(new QueuePairTerminatedException(end)));
            LOG.debug("[{}] queue {} is {}", parameters.association(), parameters.queueId(), connected);
            if (tls != null) {
                connection.addHandlerLast("nvme-tls", tls);
            }
            Capturing.install(connection, started, parameters.options(), true);
            connection.addHandlerLast("nvme-tcp", started.connection());
            EventLoopWatch.over(started, started.connection()::loopEnded);
            if (tls == null) {
                started.connection().start(parameters.connectTimeout());
            } else {
                EventLoopWatch.over(started, tls::discard);
            }
        } catch (Throwable broken) { // without memory, for one
            if (tls != null) {
                tls.discard();
            }
            connected.close();
            handover.fail(new QueuePairTerminatedException(new Termination.IoFailure(broken)));
        }
    }

    /** The queue pair's own handshake follows that of TLS, and has as much time. */
    private final class Secured implements TlsListener {

        @Override
        public void secured(String identity) {
            HostTcpQueuePair started = queuePair;
            if (started != null) {
                started.secured(identity);
                started.connection().start(parameters.connectTimeout());
            }
        }

        @Override
        public void failed(Throwable failure) {
            HostTcpQueuePair started = queuePair;
            if (started != null) {
                started.connection().failed(failure);
            }
        }
    }

    private void initialized() {
        HostTcpQueuePair ready = queuePair;
        if (ready != null) {
            handover.give(ready);
        }
    }

    @Override
    protected void hookOnError(Throwable failure) {
        resolved();
        handover.fail(isTimeout(failure) ? timeout(parameters.connectTimeout(), failure) : failure);
    }

    /**
     * Ours, the operating system's and the resolver's; those of the last two have no other mark that can be relied on.
     */
    private static boolean isTimeout(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            if (cause instanceof ConnectTimeoutException
                    || cause.getClass().getSimpleName().equals("DnsNameResolverTimeoutException")
                    || (message != null && message.contains("Connection timed out"))) {
                return true;
            }
        }
        return false;
    }

    private static TimeoutException timeout(Duration limit, Throwable cause) {
        TimeoutException timeout =
                new TimeoutException("no connection within " + limit + " (" + cause.getMessage() + ')');
        timeout.initCause(cause);
        return timeout;
    }
}
