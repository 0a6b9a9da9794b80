package io.nvmf.tcp;

import reactor.netty.resources.LoopResources;

/** The threads of this transport. */
final class EventLoops {

    private EventLoops() {}

    /**
     * Loops for connections that were not given any: daemon threads, taken in turn. Not colocated: connections opened
     * from a thread of these loops would otherwise all land on that very thread.
     */
    private static final class Shared {
        static final LoopResources INSTANCE = LoopResources.create(
                "nvmf-tcp", LoopResources.DEFAULT_IO_SELECT_COUNT, LoopResources.DEFAULT_IO_WORKER_COUNT, true, false);
    }

    static LoopResources shared() {
        return Shared.INSTANCE;
    }
}
