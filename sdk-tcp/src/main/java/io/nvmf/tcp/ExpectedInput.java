package io.nvmf.tcp;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.nvmf.transport.TransportOptions;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one connection expects of its peer that is worth polling for: answers to commands, or commands of a host. Event
 * loop only.
 */
final class ExpectedInput implements BusyPolling.Input {

    private final Channel channel;
    private final BooleanSupplier reading;

    /** Null unless the connection makes its event loop poll. */
    private @Nullable BusyPolling loop;

    /** What epoll would tell that there is something to read; null if it is not epoll. */
    private @Nullable EpollIoHandle socket;

    private boolean always;
    private int expected;

    /** Something has been read since the latest {@link #read} began. */
    private boolean arrived;

    /**
     * Creates the part.
     *
     * @param channel the connection's
     * @param reading whether the connection takes input at present
     */
    ExpectedInput(Channel channel, BooleanSupplier reading) {
        this.channel = channel;
        this.reading = reading;
    }

    /** Makes the event loop poll as the options say, if it can. */
    void poll(TransportOptions options) {
        Duration limit = options.require(TcpOptions.BUSY_POLL);
        Duration adaptive = options.require(TcpOptions.ADAPTIVE_POLL);
        BusyPolling current = limit.isZero() && adaptive.isZero() ? null : BusyPolling.current();
        if (current == null) {
            return;
        }
        loop = current;
        socket = channel.unsafe() instanceof EpollIoHandle handle ? handle : null;
        always = !limit.isZero();
        if (always) {
            current.limit(limit.toNanos());
        } else {
            current.adaptiveLimit(adaptive.toNanos());
        }
    }

    /** Something more is expected, or less. */
    void change(int by) {
        BusyPolling polling = loop;
        if (polling != null) {
            int before = expected;
            expected = before + by;
            polling.expect(this, always, before, expected);
        }
    }

    /** The connection has read something. */
    void arrived() {
        BusyPolling polling = loop;
        if (polling != null) {
            arrived = true;
            polling.arrived();
        }
    }

    @Override
    public boolean read() {
        EpollIoHandle open = socket;
        if (open == null || !reading.getAsBoolean()) {
            return false;
        }
        arrived = false;
        // Only the event counts: this is not the work of a registration.
        open.handle(null, Readiness.INPUT);
        return arrived;
    }

    /** The connection ends: nothing is expected any more. */
    void end() {
        BusyPolling polling = loop;
        if (polling != null) {
            change(-expected);
            polling.ended();
            loop = null;
        }
    }

    /** Loaded with the first loop that polls, which has epoll. */
    private static final class Readiness {
        static final EpollIoEvent INPUT = () -> EpollIoOps.EPOLLIN;
    }
}
