package io.nvmf.subsystem;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * Another store with something changed: base class of stores that count, delay, damage or refuse.
 *
 * <p>Every method calls the same method of the other store and nothing else, and its publishers are that store's. So
 * {@link #writeZeroes} and {@link #deallocate} do not go through a {@link #write} that a subclass overrides, and
 * {@link #close} closes the other store. Threading and errors are those of {@link BlockStore}.
 */
public abstract class DelegatingBlockStore implements BlockStore {

    private final BlockStore store;

    /**
     * Creates a view of a store.
     *
     * @param store what is called
     */
    protected DelegatingBlockStore(BlockStore store) {
        this.store = Objects.requireNonNull(store, "store");
    }

    @Override
    public Mono<Void> open() {
        return store.open();
    }

    @Override
    public int blockSize() {
        return store.blockSize();
    }

    @Override
    public long blocks() {
        return store.blocks();
    }

    @Override
    public Mono<ByteBuf> read(long offset, int length) {
        return store.read(offset, length);
    }

    @Override
    public Mono<Void> write(long offset, ByteBuf data) {
        return store.write(offset, data);
    }

    @Override
    public Mono<Void> flush() {
        return store.flush();
    }

    @Override
    public Mono<Void> writeZeroes(long offset, long length) {
        return store.writeZeroes(offset, length);
    }

    @Override
    public Mono<Void> deallocate(long offset, long length) {
        return store.deallocate(offset, length);
    }

    @Override
    public Deallocation deallocation() {
        return store.deallocation();
    }

    @Override
    public Mono<Void> close() {
        return store.close();
    }
}
