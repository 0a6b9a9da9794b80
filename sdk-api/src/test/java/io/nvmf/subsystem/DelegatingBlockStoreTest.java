package io.nvmf.subsystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class DelegatingBlockStoreTest {

    private final List<String> calls = new ArrayList<>();
    private final Mono<?> answer = Mono.never();
    private final BlockStore other = (BlockStore) Proxy.newProxyInstance(
            BlockStore.class.getClassLoader(), new Class<?>[] {BlockStore.class}, (proxy, method, arguments) -> {
                calls.add(method.getName());
                return method.getReturnType() == int.class ? 512 : method.getReturnType() == long.class ? 8L : answer;
            });

    @Test
    void everyMethodIsTheOtherStores() {
        BlockStore store = new DelegatingBlockStore(other) {};

        assertThat(store.blockSize()).isEqualTo(512);
        assertThat(store.blocks()).isEqualTo(8);
        assertThat(store.read(0, 512)).isSameAs(answer);
        assertThat(store.write(0, Unpooled.EMPTY_BUFFER)).isSameAs(answer);
        assertThat(store.flush()).isSameAs(answer);
        assertThat(store.writeZeroes(0, 512)).isSameAs(answer);
        assertThat(store.deallocate(0, 512)).isSameAs(answer);
        assertThat(store.close()).isSameAs(answer);
        assertThat(store.open()).isSameAs(answer);
        assertThat(calls)
                .containsExactly(
                        "blockSize", "blocks", "read", "write", "flush", "writeZeroes", "deallocate", "close", "open");
    }

    @Test
    void storeKeptOpenLacksTheCloseOnly() {
        BlockStore store = new KeptOpenBlockStore(other);

        store.close().block();
        assertThat(calls).isEmpty();
        assertThat(store.deallocate(0, 512)).isSameAs(answer);
    }

    @Test
    void sizeOfAStoreIsFixedUnlessItSaysOtherwise() {
        BlockStore memory = BlockStore.memory(512, 512);

        assertThat(memory.keepOpen().resized(1024).blocks()).isEqualTo(2);
        assertThat(BlockStore.nullBlocks(512, 512).resized(1024).blocks()).isEqualTo(2);
        assertThatThrownBy(() -> new DelegatingBlockStore(memory) {}.resized(1024))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void anotherStoreIsRequired() {
        assertThatNullPointerException().isThrownBy(() -> new DelegatingBlockStore(null) {});
    }
}
