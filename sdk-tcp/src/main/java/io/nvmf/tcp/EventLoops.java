package io.nvmf.tcp;

import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import reactor.netty.resources.LoopResources;

/** The threads of this transport. */
final class EventLoops {

    private static final String THREADS = "nvmf-tcp";

    private EventLoops() {}

    /** Loops for connections that were not given any: daemon threads, taken in turn. */
    private static final class Shared {
        static final LoopResources INSTANCE = create();

        /** With epoll, loops that can poll. */
        private static LoopResources create() {
            // Not colocated: connections opened from a thread of these loops would otherwise all land on that very one.
            LoopResources found = LoopResources.create(
                    THREADS, LoopResources.DEFAULT_IO_SELECT_COUNT, LoopResources.DEFAULT_IO_WORKER_COUNT, true, false);
            if (found.onChannelClass(SocketChannel.class, found.onClient(true)) != EpollSocketChannel.class) {
                return found;
            }
            found.dispose();
            return BusyPollingLoops.create(THREADS, LoopResources.DEFAULT_IO_WORKER_COUNT);
        }
    }

    static LoopResources shared() {
        return Shared.INSTANCE;
    }
}
