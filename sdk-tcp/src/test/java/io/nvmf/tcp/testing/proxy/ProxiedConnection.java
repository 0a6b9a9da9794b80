package io.nvmf.tcp.testing.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.List;

/** One connection through a {@link FaultProxy}, and what a test can do to it at any time. Any thread. */
public final class ProxiedConnection {

    private final FaultProxy proxy;
    private final int number;
    private final Channel host;
    private final Channel controller;
    private final Pipe toController;
    private final Pipe toHost;
    private boolean hostGone;

    ProxiedConnection(FaultProxy proxy, int number, Channel host, Channel controller) {
        this.proxy = proxy;
        this.number = number;
        this.host = host;
        this.controller = controller;
        this.toController = new Pipe(this, Direction.TO_CONTROLLER, host, controller);
        this.toHost = new Pipe(this, Direction.TO_HOST, controller, host);
    }

    /** Which it is, from 0, as they were made. */
    public int number() {
        return number;
    }

    /** Whether it has not ended. */
    public boolean isOpen() {
        return host.isActive() && controller.isActive();
    }

    /** How many PDUs have been passed on in a direction. */
    public long passed(Direction direction) {
        long[] count = {0};
        proxy.run(() -> count[0] = pipe(direction).count());
        return count[0];
    }

    /** Both sides see a reset; what waits is lost. */
    public void cut() {
        proxy.run(() -> {
            for (Channel side : List.of(host, controller)) {
                reset(side);
            }
            stop();
        });
    }

    /**
     * The host sees a reset, the controller nothing: what the host had sent reaches it only after a time, and then a FIN. So does
     * something in between that forgets connections.
     */
    public void resetHost(Duration late) {
        proxy.run(() -> {
            hostGone = true;
            toHost.stop();
            toController.endLate(late);
            reset(host);
        });
    }

    private static void reset(Channel side) {
        if (side.isOpen()) {
            side.config().setOption(ChannelOption.SO_LINGER, 0);
            side.close();
        }
    }

    /** Nothing is passed on in a direction, nor is its end, until it is released. */
    public void hold(Direction direction) {
        proxy.run(() -> pipe(direction).hold());
    }

    /** What was held goes on. */
    public void release(Direction direction) {
        proxy.run(() -> pipe(direction).release());
    }

    /** Sends a FIN in a direction, ahead of what waits; the other direction goes on. */
    public void halfClose(Direction direction) {
        proxy.run(() -> pipe(direction).halfClose());
    }

    private Pipe pipe(Direction direction) {
        return direction == Direction.TO_HOST ? toHost : toController;
    }

    FaultProxy proxy() {
        return proxy;
    }

    /** The thread of the proxy: a direction has ended. */
    void halfClosed() {
        if (toController.isOver() && toHost.isOver()) {
            close();
        }
    }

    /** The thread of the proxy: the source of a pipe is closed. */
    void sideGone(Pipe pipe) {
        if (!hostGone || pipe == toHost) {
            close();
        }
    }

    /** Both sides see a FIN; what waits is lost. */
    public void close() {
        proxy.run(() -> {
            stop();
            host.close();
            controller.close();
        });
    }

    private void stop() {
        toController.stop();
        toHost.stop();
        proxy.ended(this);
    }
}
