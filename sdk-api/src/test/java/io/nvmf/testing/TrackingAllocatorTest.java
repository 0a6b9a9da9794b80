package io.nvmf.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrackingAllocatorTest {

    private final TrackingAllocator allocator = new TrackingAllocator();

    @Test
    void countsBuffersOfEveryKindUntilTheyAreReleased() {
        List<ByteBuf> buffers = List.of(
                allocator.buffer(),
                allocator.heapBuffer(1),
                allocator.directBuffer(1, 2),
                allocator.ioBuffer(),
                allocator.compositeBuffer().addComponent(allocator.heapBuffer(3)),
                allocator.compositeHeapBuffer());
        assertThat(allocator.liveBuffers()).isEqualTo(7);

        buffers.get(1).retain().release();
        assertThat(allocator.liveBuffers()).isEqualTo(7);

        buffers.forEach(ByteBuf::release);
        assertThat(allocator.liveBuffers()).isZero();
        allocator.assertNoLiveBuffers();
    }

    @Test
    void aSliceKeepsItsBufferAlive() {
        ByteBuf buffer = allocator.buffer(10).writeZero(10);
        ByteBuf slice = buffer.readRetainedSlice(5);
        buffer.release();
        assertThat(allocator.liveBuffers()).isOne();

        slice.release();
        assertThat(allocator.liveBuffers()).isZero();
    }
}
