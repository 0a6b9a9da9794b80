package io.nvmf.tcp;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.tcp.pdu.ProtocolViolation;
import io.nvmf.transport.support.CapsuleFlux;
import java.util.function.Consumer;

/**
 * Capsules on their way to the subscriber. They come faster than it asks for them only as long as data behind them has
 * to be read, so a bound for those that wait is one for the peer. Event loop only.
 *
 * @param <R> the capsules
 */
final class ReceivedCapsules<R> {

    /** Capsules that may wait for demand beyond the size of the queue: asynchronous events have no queue entry. */
    private static final int EXTRA_CAPSULES = 256;

    private final CapsuleFlux<R> flux;
    private final Consumer<? super R> discard;

    /**
     * Creates the stream.
     *
     * @param executor the event loop
     * @param demandChanged called when demand arrives
     * @param discard gets capsules that will not be delivered
     */
    ReceivedCapsules(EventExecutor executor, Runnable demandChanged, Consumer<? super R> discard) {
        this.flux = new CapsuleFlux<>(executor, demandChanged, discard);
        this.discard = discard;
    }

    CapsuleFlux<R> flux() {
        return flux;
    }

    /** Whether the subscriber waits for capsules. */
    boolean hasDemand() {
        return flux.hasDemand();
    }

    /**
     * Hands a capsule to the subscriber, unless the peer floods it.
     *
     * @param capsule discarded if there are too many
     * @param queueSize number of submission queue entries
     */
    void deliver(R capsule, int queueSize) throws ProtocolViolation {
        if (flux.waiting() >= queueSize + EXTRA_CAPSULES) {
            discard.accept(capsule);
            throw ProtocolViolation.sequence(
                    "more than " + flux.waiting() + " capsules on a queue of " + queueSize + " entries");
        }
        flux.emit(capsule);
    }

    /** No more come. */
    void complete() {
        flux.complete();
    }
}
