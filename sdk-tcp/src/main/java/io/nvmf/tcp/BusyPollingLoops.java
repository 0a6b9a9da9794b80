package io.nvmf.tcp;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.nvmf.spec.Require;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.NonBlocking;
import reactor.netty.resources.LoopResources;

/**
 * Event loops that can look for input again and again instead of sleeping, for connections that ask for it with
 * {@link TcpOptions#BUSY_POLL}. To be given as {@link TcpOptions#LOOP_RESOURCES} by those who want to say how many
 * there are; without that all such connections share one set, a loop per processor.
 *
 * <p>Needs epoll, so Linux and Netty's native library. The threads are daemons and start with their first connection.
 * Stays the caller's to dispose. Thread safe.
 */
public final class BusyPollingLoops implements LoopResources {

    private final EventLoopGroup group;

    private BusyPollingLoops(EventLoopGroup group) {
        this.group = group;
    }

    private static final class Shared {
        static final BusyPollingLoops INSTANCE =
                create("nvmf-tcp-poll", Runtime.getRuntime().availableProcessors());
    }

    /** For connections that bring no loops of their own. */
    static BusyPollingLoops shared() {
        return Shared.INSTANCE;
    }

    /**
     * Makes event loops.
     *
     * @param prefix start of the threads' names
     * @param loops number of threads, at least 1; each takes a processor for itself while commands are in flight on its
     *     connections
     * @return the loops
     * @throws IllegalStateException without epoll
     */
    public static BusyPollingLoops create(String prefix, int loops) {
        Require.positive("loops", loops);
        if (!Epoll.isAvailable()) {
            throw new IllegalStateException(
                    "busy polling needs epoll, which is not available", Epoll.unavailabilityCause());
        }
        AtomicInteger count = new AtomicInteger();
        ThreadFactory threads = task -> new PollingThread(task, prefix + '-' + count.incrementAndGet());
        return new BusyPollingLoops(
                new MultiThreadIoEventLoopGroup(loops, threads, EpollIoHandler.newFactory(0, BusyPolling::new)));
    }

    @Override
    public boolean daemon() {
        return true;
    }

    @Override
    public EventLoopGroup onServer(boolean useNative) {
        return group;
    }

    @Override
    public <C extends Channel> C onChannel(Class<C> channelType, EventLoopGroup loops) {
        return channelType.cast(
                ServerChannel.class.isAssignableFrom(channelType)
                        ? new EpollServerSocketChannel()
                        : new EpollSocketChannel());
    }

    @Override
    public <C extends Channel> Class<? extends C> onChannelClass(Class<C> channelType, EventLoopGroup loops) {
        return (ServerChannel.class.isAssignableFrom(channelType)
                        ? EpollServerSocketChannel.class
                        : EpollSocketChannel.class)
                .asSubclass(channelType);
    }

    @Override
    public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
        return Mono.create(
                sink -> group.shutdownGracefully(quietPeriod.toMillis(), timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .addListener(done -> sink.success()));
    }

    @Override
    public boolean isDisposed() {
        return group.isShuttingDown();
    }

    /** Event loops must not be blocked, and say so. */
    private static final class PollingThread extends FastThreadLocalThread implements NonBlocking {

        PollingThread(Runnable task, String name) {
            super(task, name);
            setDaemon(true);
        }
    }
}
