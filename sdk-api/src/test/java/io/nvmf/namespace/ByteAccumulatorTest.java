package io.nvmf.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ByteAccumulatorTest {

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final ByteAccumulator accumulator = new ByteAccumulator(allocator);

    @AfterEach
    void nothingIsHeld() {
        accumulator.release();
        assertThat(accumulator.isEmpty()).isTrue();
        assertThat(allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory())
                .isZero();
    }

    private ByteBuf add(int length) {
        ByteBuf buffer = allocator.directBuffer(length, length).writeZero(length);
        accumulator.add(buffer);
        return buffer;
    }

    @Test
    void wholeBufferComesOutAsItWentIn() {
        ByteBuf buffer = add(4096);
        ByteBuf taken = accumulator.take(4096);
        assertThat(taken).isSameAs(buffer);
        taken.release();
    }

    @Test
    void partOfABufferIsASliceOfItsMemory() {
        ByteBuf buffer = add(4096);
        accumulator.take(1024).release();
        ByteBuf taken = accumulator.take(1024);
        assertThat(taken.memoryAddress()).isEqualTo(buffer.memoryAddress() + 1024);
        taken.release();
    }

    @Test
    void chunkOverSeveralBuffersIsMadeOfTheirMemory() {
        ByteBuf first = add(1000);
        ByteBuf second = add(1000);
        ByteBuf third = add(1000);
        accumulator.take(500).release();
        ByteBuf taken = accumulator.take(2000);
        assertThat(taken).isInstanceOf(CompositeByteBuf.class);
        assertThat(taken.nioBufferCount()).isEqualTo(3);
        CompositeByteBuf pieces = (CompositeByteBuf) taken;
        assertThat(pieces.componentSlice(0).memoryAddress()).isEqualTo(first.memoryAddress() + 500);
        assertThat(pieces.componentSlice(1).memoryAddress()).isEqualTo(second.memoryAddress());
        assertThat(pieces.componentSlice(2).memoryAddress()).isEqualTo(third.memoryAddress());
        taken.release();
    }

    @Test
    void smallBuffersAreGathered() {
        for (int i = 0; i < 100; i++) {
            assertThat(add(20).refCnt()).isZero();
        }
        add(0);
        assertThat(accumulator.readableBytes()).isEqualTo(2000);
        ByteBuf taken = accumulator.take(1500);
        assertThat(taken.nioBufferCount()).isOne();
        for (int i = 0; i < 100; i++) {
            add(20);
        }
        taken.release();
        assertThat(accumulator.readableBytes()).isEqualTo(2500);
        accumulator.take(2500).release();
    }
}
