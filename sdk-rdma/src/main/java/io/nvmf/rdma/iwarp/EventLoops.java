package io.nvmf.rdma.iwarp;

import reactor.netty.resources.LoopResources;

/** The threads of this provider. */
final class EventLoops {

    private static final String THREADS = "nvmf-iwarp";

    private EventLoops() {}

    /**
     * Loops for connections that were not given any: daemon threads, taken in turn. Not colocated: connections opened
     * from a thread of these loops would otherwise all land on that thread.
     */
    private static final class Shared {
        static final LoopResources INSTANCE = LoopResources.create(
                THREADS, LoopResources.DEFAULT_IO_SELECT_COUNT, LoopResources.DEFAULT_IO_WORKER_COUNT, true, false);
    }

    static LoopResources shared() {
        return Shared.INSTANCE;
    }
}
