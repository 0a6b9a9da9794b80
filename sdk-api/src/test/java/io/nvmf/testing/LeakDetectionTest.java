package io.nvmf.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LeakDetectionTest {

    static Stream<ByteBufAllocator> allocators() {
        return Stream.of(ByteBufAllocator.DEFAULT, PooledByteBufAllocator.DEFAULT, UnpooledByteBufAllocator.DEFAULT);
    }

    @ParameterizedTest
    @MethodSource("allocators")
    void reportsOneForgottenBufferWithThePlaceThatAllocatedIt(ByteBufAllocator allocator) {
        forgetOne(allocator);

        // Whoever allocates at this moment, on any thread, may be at work on the report.
        List<String> found = new ArrayList<>();
        await().until(() -> found.addAll(LeakDetection.leaks()));
        assertThat(found).singleElement().asString().contains("LeakDetectionTest.forgetOne");
        assertThat(LeakDetection.leaks()).isEmpty();
    }

    @Test
    void doesNotReportAReleasedOrAReachableBuffer() {
        ByteBufAllocator.DEFAULT.directBuffer(16).release();
        ByteBuf inUse = ByteBufAllocator.DEFAULT.directBuffer(16);

        assertThat(LeakDetection.leaks()).isEmpty();

        inUse.release();
    }

    private static void forgetOne(ByteBufAllocator allocator) {
        ByteBuf forgotten = allocator.directBuffer(16);
        forgotten.writeByte(1);
    }
}
