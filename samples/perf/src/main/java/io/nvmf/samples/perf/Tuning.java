package io.nvmf.samples.perf;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.SocketChannel;
import io.nvmf.tcp.BusyPollingLoops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * How the client does its work.
 *
 * @param poll how long its event loops always look for input before they sleep; zero for as the address says
 * @param adaptivePoll how long they look for input where that pays, zero for not at all; null for as the address says
 * @param targetPoll the same as poll for the embedded target
 * @param loops number of event loops, 0 for one per processor
 * @param io the interface that the event loops use, null for epoll, or else what Reactor Netty finds best
 * @param metering what it tells of itself
 */
record Tuning(
        Duration poll,
        @Nullable Duration adaptivePoll,
        Duration targetPoll,
        int loops,
        @Nullable Io io,
        Metering metering) {

    static final Tuning DEFAULTS = new Tuning(Duration.ZERO, null, Duration.ZERO, 0, null, Metering.OFF);

    private static final String THREADS = "nvmf-perf";

    boolean polls() {
        return !poll.isZero();
    }

    long pollMicros() {
        return micros(poll);
    }

    private static long micros(Duration time) {
        return TimeUnit.NANOSECONDS.toMicros(time.toNanos());
    }

    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (polls()) {
            parts.add("polls for " + pollMicros() + " µs");
        } else if (adaptivePoll != null) {
            parts.add(adaptivePoll.isZero() ? "sleeps" : "polls where it pays for " + micros(adaptivePoll) + " µs");
        }
        if (!targetPoll.isZero()) {
            parts.add("target polls for " + micros(targetPoll) + " µs");
        }
        if (loops > 0) {
            parts.add(loops + (loops == 1 ? " event loop" : " event loops"));
        }
        if (io != null) {
            parts.add(io.toString());
        }
        if (metering != Metering.OFF) {
            parts.add("with " + metering);
        }
        return String.join(", ", parts);
    }

    /**
     * The event loops to give the client.
     *
     * @return null for those it has of its own; to be disposed otherwise
     * @throws IllegalArgumentException if the interface is not there
     */
    @Nullable
    LoopResources eventLoops() {
        if (loops == 0 && io == null) {
            return null;
        }
        int count = loops == 0 ? Runtime.getRuntime().availableProcessors() : loops;
        boolean epoll = io == Io.EPOLL || (io == null && LoopResources.DEFAULT_NATIVE);
        if (polls() || (epoll && Epoll.isAvailable())) {
            // As the client's own, these poll where it pays if they do not always.
            return BusyPollingLoops.create(THREADS, count);
        }
        // Not colocated: connections opened from a thread of these loops would otherwise all be on that very thread.
        LoopResources made = LoopResources.create(THREADS, LoopResources.DEFAULT_IO_SELECT_COUNT, count, true, false);
        LoopResources result = io == Io.NIO ? new WithoutNative(made) : made;
        if (io != null) {
            String channel = result.onChannelClass(SocketChannel.class, result.onClient(true))
                    .getSimpleName();
            if (!channel.startsWith(io.channelPrefix())) {
                result.dispose();
                throw new IllegalArgumentException(
                        "--io " + io + " is not what Reactor Netty finds, which is " + channel
                                + ": io_uring is preferred where the jars netty-transport-classes-io_uring and"
                                + " netty-transport-native-io_uring are on the class path, and epoll without them");
            }
        }
        return result;
    }

    /** Loops of NIO, whatever the native libraries can do. */
    private record WithoutNative(LoopResources loops) implements LoopResources {

        @Override
        public EventLoopGroup onServer(boolean useNative) {
            return loops.onServer(false);
        }

        @Override
        public EventLoopGroup onClient(boolean useNative) {
            return loops.onClient(false);
        }

        @Override
        public boolean daemon() {
            return loops.daemon();
        }

        @Override
        public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
            return loops.disposeLater(quietPeriod, timeout);
        }

        @Override
        public boolean isDisposed() {
            return loops.isDisposed();
        }
    }
}
