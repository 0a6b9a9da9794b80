package io.nvmf.subsystem;

import reactor.core.publisher.Mono;

/** Everything of another store but its close. */
final class KeptOpenBlockStore extends DelegatingBlockStore {

    private final BlockStore store;

    KeptOpenBlockStore(BlockStore store) {
        super(store);
        this.store = store;
    }

    @Override
    public BlockStore resized(long size) {
        return new KeptOpenBlockStore(store.resized(size));
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }
}
