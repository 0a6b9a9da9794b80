package io.nvmf.testing.kernel;

import io.netty.buffer.ByteBuf;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A store that counts, and holds writes back on demand, so that a test knows that it is in the middle of something; and that
 * outlives its target.
 */
public final class WatchedStore extends DelegatingBlockStore {

    private final BlockStore store;
    private final AtomicLong bytesWritten = new AtomicLong();
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicLong flushes = new AtomicLong();

    private final AtomicInteger held = new AtomicInteger();
    private volatile Mono<Void> gate = Mono.empty();
    private Sinks.Empty<Void> opener = Sinks.empty();

    public WatchedStore(BlockStore store) {
        super(store);
        this.store = store;
    }

    /** Lets no write through until {@link #releaseWrites}. */
    public void holdWrites() {
        opener = Sinks.empty();
        gate = opener.asMono();
    }

    public void releaseWrites() {
        gate = Mono.empty();
        opener.tryEmitEmpty();
    }

    /** Writes that wait at the moment. */
    public int held() {
        return held.get();
    }

    public long bytesWritten() {
        return bytesWritten.get();
    }

    public long bytesRead() {
        return bytesRead.get();
    }

    public long flushes() {
        return flushes.get();
    }

    /** The content as the controller's side sees it. */
    public byte[] content(long offset, int length) {
        byte[] content = new byte[length];
        for (int done = 0; done < length; ) {
            ByteBuf part = Hosts.await(store.read(offset + done, Math.min(length - done, 1 << 20)));
            try {
                int count = part.readableBytes();
                part.readBytes(content, done, count);
                done += count;
            } finally {
                part.release();
            }
        }
        return content;
    }

    public void dispose() {
        store.close().block(Hosts.LIMIT);
    }

    @Override
    public Mono<ByteBuf> read(long offset, int length) {
        return super.read(offset, length).doOnNext(data -> bytesRead.addAndGet(length));
    }

    @Override
    public Mono<Void> write(long offset, ByteBuf data) {
        int length = data.readableBytes();
        return Mono.defer(() -> {
                    held.incrementAndGet();
                    return gate;
                })
                .doFinally(signal -> held.decrementAndGet())
                .then(super.write(offset, data))
                .doOnSuccess(done -> bytesWritten.addAndGet(length));
    }

    @Override
    public Mono<Void> flush() {
        return super.flush().doOnSuccess(done -> flushes.incrementAndGet());
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }
}
