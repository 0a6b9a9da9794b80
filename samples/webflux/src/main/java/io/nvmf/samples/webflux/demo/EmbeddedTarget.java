package io.nvmf.samples.webflux.demo;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeTarget;
import io.nvmf.subsystem.BlockStore;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A controller in this process: 512 MiB of memory as namespace 1, 64 MiB with small blocks as namespace 2, and as
 * namespace 3 ten gigabytes of bytes that count up, which take no memory.
 */
final class EmbeddedTarget {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedTarget.class);
    private static final String NQN = "nqn.2026-01.io.nvmf:gateway-demo";

    private final NvmeTarget target;
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private volatile BoundTarget bound;

    private EmbeddedTarget(NvmeTarget target, BoundTarget bound) {
        this.target = target.bindAddress(NvmeTarget.DEFAULT_HOST, bound.port()); // the same one when it comes back
        this.bound = bound;
    }

    static EmbeddedTarget start() {
        NvmeTarget target = NvmeTarget.create()
                .bindAddress(NvmeTarget.DEFAULT_HOST, 0)
                .subsystem(
                        NQN,
                        subsystem -> subsystem
                                .namespace(1, BlockStore.memory(512L << 20, 4096))
                                .namespace(2, BlockStore.memory(64L << 20, 512))
                                .namespace(3, BlockStore.nullBlocks(10L << 30, 4096)));
        return new EmbeddedTarget(target, target.bind().blockOptional().orElseThrow());
    }

    URI uri() {
        return bound.uri(NQN);
    }

    /**
     * Goes away, and comes back with everything that was in it.
     *
     * @return false if it is away already
     */
    boolean interrupt(Duration time) {
        if (!interrupted.compareAndSet(false, true)) {
            return false;
        }
        bound.close()
                .onErrorComplete()
                .then(Mono.delay(time, Schedulers.boundedElastic()))
                .then(Mono.defer(target::bind)) // looks for transports in files, on a thread that may
                .doOnNext(again -> bound = again)
                .doFinally(end -> interrupted.set(false))
                .subscribe(again -> {}, failure -> log.warn("the embedded controller does not come back", failure));
        return true;
    }

    /** Called by Spring, which waits for it. */
    Mono<Void> close() {
        return bound.close();
    }
}
