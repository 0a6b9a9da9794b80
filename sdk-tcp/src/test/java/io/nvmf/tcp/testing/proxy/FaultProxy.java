package io.nvmf.tcp.testing.proxy;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between hosts and a target on the loopback interface, passes PDUs on one by one, and lets happen to each what a script says.
 * All of it happens on one thread. Methods may be called by any thread; what they do is done when they return.
 */
public final class FaultProxy implements AutoCloseable {

    private final EventLoopGroup group;
    private final EventLoop loop;
    private final InetSocketAddress target;
    private final Channel server;
    private final List<ProxiedConnection> open = new CopyOnWriteArrayList<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private volatile FaultScript script = FaultScript.none();
    private volatile boolean refusing;
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** A PDU that lets others pass. */
    private static final class Waiter {

        final Pipe pipe;
        final Runnable then;
        int left;
        boolean done;

        Waiter(Pipe pipe, int left, Runnable then) {
            this.pipe = pipe;
            this.left = left;
            this.then = then;
        }

        void go() {
            if (!done) {
                done = true;
                then.run();
            }
        }
    }

    private FaultProxy(InetSocketAddress target) {
        this.target = target;
        this.group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        this.loop = group.next();
        this.server = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel host) {
                        accept(host);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    /** A proxy in front of a target, through which everything passes. */
    public static FaultProxy start(InetSocketAddress target) {
        return new FaultProxy(target);
    }

    /** Where hosts connect to instead of the target. */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.localAddress();
    }

    /** From now on this happens, also on connections that are there. */
    public FaultProxy script(FaultScript next) {
        script = next;
        return this;
    }

    FaultScript script() {
        return script;
    }

    /** The connections that live. */
    public List<ProxiedConnection> connections() {
        return List.copyOf(open);
    }

    /** How many connections there have been, without those that were refused. */
    public int accepted() {
        return accepted.get();
    }

    /** Resets every connection. */
    public void cutAll() {
        run(() -> open.forEach(ProxiedConnection::cut));
    }

    /** Whether new connections are reset as soon as they are there. */
    public void refuse(boolean on) {
        refusing = on;
    }

    /** Resets every connection and new ones for a time. */
    public void outage(Duration time) {
        refuse(true);
        cutAll();
        loop.schedule(() -> refuse(false), time.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        refuse(true);
        server.close().syncUninterruptibly();
        cutAll();
        group.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private void accept(SocketChannel host) {
        if (refusing) {
            reset(host);
            return;
        }
        int number = accepted.getAndIncrement();
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel controller) {}
                })
                .connect(target);
        connecting.addListener(connected -> {
            if (!connected.isSuccess() || refusing || !host.isActive()) {
                reset(host);
                reset(connecting.channel());
                return;
            }
            open.add(new ProxiedConnection(this, number, host, connecting.channel()));
            host.config().setAutoRead(true);
            connecting.channel().config().setAutoRead(true);
        });
    }

    private static void reset(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
        }
    }

    /** Runs on the thread of the proxy and waits for it. */
    void run(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else if (!loop.isShuttingDown()) {
            loop.submit(task).syncUninterruptibly();
        }
    }

    void ended(ProxiedConnection connection) {
        open.remove(connection);
    }

    void passed(Pipe pipe) {
        for (Waiter waiter : List.copyOf(waiters)) {
            if (waiter.pipe.direction() == pipe.direction() && waiter.pipe != pipe && --waiter.left == 0) {
                waiters.remove(waiter);
                waiter.go();
            }
        }
    }

    void afterOthers(Pipe pipe, int count, Duration atMost, Runnable then) {
        Waiter waiter = new Waiter(pipe, count, then);
        waiters.add(waiter);
        pipe.after(atMost, () -> {
            waiters.remove(waiter);
            waiter.go();
        });
    }
}
