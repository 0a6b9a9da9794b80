package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * A queue pair whose controller answers at once: what was submitted in one turn of the event loop is encoded, moved and answered
 * in the next, without a byte of data being touched or an object being made. Closing it frees its memory and tells
 * nobody.
 */
public final class AnsweringQueuePair implements HostQueuePair {

    private final EventExecutor executor;
    private final ResponseCapsule[] successes;

    /** Not of an allocator: a buffer that leak detection watches notes who touches it, which allocates. */
    private final ByteBuf entry = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(SubmissionQueueEntry.LENGTH));

    private final ArrayDeque<CommandCapsule> submitted = new ArrayDeque<>();
    private final Runnable turn = this::turn;
    private @Nullable CoreSubscriber<? super ResponseCapsule> subscriber;
    private boolean scheduled;

    /**
     * A queue pair.
     *
     * @param executor its event loop
     * @param commandIds number of command identifiers that will be used
     */
    public AnsweringQueuePair(EventExecutor executor, int commandIds) {
        this.executor = executor;
        this.successes = new ResponseCapsule[commandIds];
        for (int id = 0; id < commandIds; id++) {
            successes[id] = ResponseCapsule.of(id, 0, 0, 0, 0);
        }
    }

    private void turn() {
        scheduled = false;
        CoreSubscriber<? super ResponseCapsule> host = subscriber;
        for (int left = submitted.size(); left > 0 && host != null; left--) {
            CommandCapsule capsule = submitted.remove();
            if (!capsule.wanted()) {
                throw new IllegalStateException("nobody cancels here");
            }
            capsule.encode(entry, 0);
            capsule.transmitted();
            if (capsule.dataLength() > 0) {
                capsule.transferComplete(capsule.dataLength(), null);
            }
            host.onNext(successes[capsule.commandId()]);
        }
    }

    @Override
    public void submit(CommandCapsule capsule) {
        submitted.add(capsule);
        if (!scheduled) {
            scheduled = true;
            executor.execute(turn);
        }
    }

    @Override
    public Flux<ResponseCapsule> responses() {
        return new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super ResponseCapsule> actual) {
                subscriber = actual;
                actual.onSubscribe(Operators.emptySubscription());
            }
        };
    }

    @Override
    public boolean withdraw(CommandCapsule capsule) {
        return false;
    }

    @Override
    public Mono<Void> transmit(CommandCapsule capsule) {
        return Mono.error(new UnsupportedOperationException("transmit"));
    }

    @Override
    public long maxTransferSize() {
        return UNLIMITED;
    }

    @Override
    public TransportType transportType() {
        return TransportType.LOOP;
    }

    @Override
    public boolean admin() {
        return false;
    }

    @Override
    public EventExecutor executor() {
        return executor;
    }

    @Override
    public ByteBufAllocator allocator() {
        return ByteBufAllocator.DEFAULT;
    }

    @Override
    public Mono<Termination> termination() {
        return Mono.never();
    }

    @Override
    public Mono<Void> close() {
        return Mono.fromRunnable(entry::release);
    }
}
