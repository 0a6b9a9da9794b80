package io.nvmf.tcp;

import io.netty.channel.epoll.Epoll;
import reactor.netty.resources.LoopResources;

/** The threads of this transport. */
final class EventLoops {

    private static final String THREADS = "nvmf-tcp";

    private EventLoops() {}

    /**
     * Loops for connections that were not given any: daemon threads, taken in turn. With epoll, unless Reactor Netty is
     * told to do without native code, they can poll.
     */
    private static final class Shared {
        static final LoopResources INSTANCE = LoopResources.DEFAULT_NATIVE && Epoll.isAvailable()
                ? BusyPollingLoops.create(THREADS, LoopResources.DEFAULT_IO_WORKER_COUNT)
                : others();

        /** Not colocated: connections opened from a thread of these loops would otherwise all land on that thread. */
        private static LoopResources others() {
            return LoopResources.create(
                    THREADS, LoopResources.DEFAULT_IO_SELECT_COUNT, LoopResources.DEFAULT_IO_WORKER_COUNT, true, false);
        }
    }

    static LoopResources shared() {
        return Shared.INSTANCE;
    }
}
