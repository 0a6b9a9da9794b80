package io.nvmf.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The counted buffer does what the buffer that it wraps does, at the same memory. */
class CountedByteBufTest {

    private static final int SIZE = 256;

    private final HeldBytes held = new HeldBytes(new Deaf(), 1 << 20);
    private final ByteBuf memory = memory(PooledByteBufAllocator.DEFAULT);
    private final ByteBuf plain = memory(PooledByteBufAllocator.DEFAULT);
    private final ByteBuf counted = counted(memory);

    /** A stream that has nothing to do. */
    private static final class Deaf extends EventLoopDrain {
        Deaf() {
            super(ImmediateEventExecutor.INSTANCE);
        }

        @Override
        void drain() {}

        @Override
        void broken(Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    private static ByteBuf memory(ByteBufAllocator allocator) {
        byte[] bytes = new byte[SIZE];
        new Random(1).nextBytes(bytes);
        return allocator.directBuffer(SIZE, SIZE).writeBytes(bytes).setIndex(16, SIZE - 16);
    }

    private ByteBuf counted(ByteBuf buffer) {
        assertThat(held.take(SIZE)).isTrue();
        return held.emitted(buffer, SIZE);
    }

    @AfterEach
    void released() {
        plain.release();
        assertThat(held.bytes()).isEqualTo(SIZE);
        assertThat(counted.release()).isTrue();
        assertThat(held.bytes()).isZero();
        assertThat(memory.refCnt()).isZero();
    }

    @Test
    void indicesAndMemoryAreThoseOfTheBuffer() {
        assertThat(counted.readerIndex()).isEqualTo(16);
        assertThat(counted.writerIndex()).isEqualTo(SIZE - 16);
        assertThat(counted.capacity()).isEqualTo(SIZE);
        assertThat(counted.maxCapacity()).isEqualTo(SIZE);
        assertThat(counted).isEqualTo(plain).hasSameHashCodeAs(plain).isEqualByComparingTo(plain);
        assertThat(counted.alloc()).isSameAs(memory.alloc());
        assertThat(counted.isReadOnly()).isFalse();
    }

    /** What Netty asks a buffer before it gives it to a socket as it is. */
    @Test
    void socketsReachTheMemoryDirectly() {
        assertThat(counted.isDirect()).isTrue();
        assertThat(counted.isContiguous()).isTrue();
        assertThat(counted.hasArray()).isFalse();
        assertThat(counted.hasMemoryAddress()).isEqualTo(memory.hasMemoryAddress());
        if (memory.hasMemoryAddress()) {
            assertThat(counted.memoryAddress()).isEqualTo(memory.memoryAddress());
            assertThat(counted.slice(8, 8).memoryAddress()).isEqualTo(memory.memoryAddress() + 8);
        }
        assertThat(counted.nioBufferCount()).isOne();
        memory.setByte(20, 99);
        assertThat(counted.internalNioBuffer(20, 1)).matches(part -> part.isDirect() && part.get() == 99);
        assertThat(counted.nioBuffer(20, 1)).matches(part -> part.isDirect() && part.get() == 99);
        assertThat(counted.nioBuffers(20, 1)).hasSize(1).allMatch(part -> part.isDirect() && part.get() == 99);
        assertThat(counted.unwrap()).isNull();
    }

    @Test
    void heapMemoryIsReachedAsWell() {
        ByteBuf heap = counted(Unpooled.wrappedBuffer(new byte[] {1, 2, 3}));
        assertThat(heap.hasArray()).isTrue();
        assertThat(heap.array()[heap.arrayOffset() + 1]).isEqualTo((byte) 2);
        heap.release();
    }

    /** One way to read and write at an index. */
    private record Access(BiFunction<ByteBuf, Integer, Object> get, BiConsumer<ByteBuf, Integer> set) {}

    private static Arguments access(
            String name, BiFunction<ByteBuf, Integer, Object> get, BiConsumer<ByteBuf, Integer> set) {
        return Arguments.of(Named.of(name, new Access(get, set)));
    }

    static Stream<Arguments> accesses() {
        return Stream.of(
                access("byte", ByteBuf::getByte, (b, i) -> b.setByte(i, 0x12)),
                access("short", ByteBuf::getShort, (b, i) -> b.setShort(i, 0x1234)),
                access("short, little endian", ByteBuf::getShortLE, (b, i) -> b.setShortLE(i, 0x2345)),
                access("medium", ByteBuf::getUnsignedMedium, (b, i) -> b.setMedium(i, 0x123456)),
                access("medium, little endian", ByteBuf::getUnsignedMediumLE, (b, i) -> b.setMediumLE(i, 0x234567)),
                access("int", ByteBuf::getInt, (b, i) -> b.setInt(i, 0x12345678)),
                access("int, little endian", ByteBuf::getIntLE, (b, i) -> b.setIntLE(i, 0x23456789)),
                access("long", ByteBuf::getLong, (b, i) -> b.setLong(i, 0x123456789ABCDEFL)),
                access("long, little endian", ByteBuf::getLongLE, (b, i) -> b.setLongLE(i, 0x23456789ABCDEFL)),
                access("array", CountedByteBufTest::array, (b, i) -> b.setBytes(i, new byte[] {1, 2, 3, 4}, 1, 3)),
                access("NIO", CountedByteBufTest::nio, (b, i) -> b.setBytes(i, ByteBuffer.wrap(new byte[] {5, 6}))),
                access("buffer", CountedByteBufTest::buffer, (b, i) -> b.setBytes(i, Unpooled.copyInt(7, 8), 2, 6)),
                access("stream", CountedByteBufTest::stream, CountedByteBufTest::fromStream),
                access("channel", CountedByteBufTest::channel, CountedByteBufTest::fromChannel),
                access("copy", CountedByteBufTest::copy, (b, i) -> b.setZero(i, 5)),
                access("search", (b, i) -> b.bytesBefore(i, 40, (byte) 7), (b, i) -> b.setByte(i + 30, 7)),
                access("search backwards", (b, i) -> b.indexOf(i + 40, i, (byte) 8), (b, i) -> b.setByte(i + 3, 8)),
                access("each", (b, i) -> b.forEachByte(i, 40, x -> x != 9), (b, i) -> b.setByte(i + 10, 9)),
                access("each backwards", (b, i) -> b.forEachByteDesc(i, 40, x -> x != 9), (b, i) -> b.setByte(i, 9)));
    }

    private static Object array(ByteBuf buffer, int index) {
        byte[] bytes = new byte[12];
        buffer.getBytes(index, bytes, 2, 10);
        return Unpooled.wrappedBuffer(bytes);
    }

    private static Object nio(ByteBuf buffer, int index) {
        ByteBuffer bytes = ByteBuffer.allocate(10);
        buffer.getBytes(index, bytes);
        return bytes.flip();
    }

    private static Object buffer(ByteBuf buffer, int index) {
        ByteBuf bytes = Unpooled.buffer(12).writeZero(12);
        buffer.getBytes(index, bytes, 2, 10);
        return bytes;
    }

    private static Object stream(ByteBuf buffer, int index) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            buffer.getBytes(index, bytes, 10);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Unpooled.wrappedBuffer(bytes.toByteArray());
    }

    private static void fromStream(ByteBuf buffer, int index) {
        try {
            assertThat(buffer.setBytes(index, new ByteArrayInputStream(new byte[] {1, 2, 3}), 3))
                    .isEqualTo(3);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object channel(ByteBuf buffer, int index) {
        return inFile(channel -> {
            assertThat(buffer.getBytes(index, channel, 10)).isEqualTo(10);
            assertThat(buffer.getBytes(index, channel, 20, 10)).isEqualTo(10);
        });
    }

    private static void fromChannel(ByteBuf buffer, int index) {
        inFile(channel -> {
            channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6}));
            channel.position(0);
            assertThat(buffer.setBytes(index, channel, 3)).isEqualTo(3);
            assertThat(buffer.setBytes(index + 3, channel, 4, 2)).isEqualTo(2);
        });
    }

    private interface Use {
        void of(FileChannel channel) throws IOException;
    }

    private static ByteBuf inFile(Use use) {
        try {
            Path file = Files.createTempFile("counted", null);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                use.of(channel);
                return Unpooled.wrappedBuffer(Files.readAllBytes(file));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object copy(ByteBuf buffer, int index) {
        ByteBuf copy = buffer.copy(index, 10);
        try {
            return Unpooled.copiedBuffer(copy);
        } finally {
            copy.release();
        }
    }

    @ParameterizedTest
    @MethodSource("accesses")
    void everyAccessIsThatOfTheBuffer(Access access) {
        for (int index : new int[] {0, 17, SIZE - 64}) {
            access.set.accept(plain, index);
            access.set.accept(counted, index);
            assertThat(access.get.apply(counted, index)).isEqualTo(access.get.apply(plain, index));
            assertThat(counted.slice(0, SIZE)).isEqualTo(plain.slice(0, SIZE)).isEqualTo(memory.slice(0, SIZE));
        }
        for (int index : new int[] {-1, SIZE}) {
            Throwable expected = catchThrowable(() -> access.get.apply(plain, index));
            Throwable thrown = catchThrowable(() -> access.get.apply(counted, index));
            assertThat(thrown == null ? null : thrown.getClass())
                    .isEqualTo(expected == null ? null : expected.getClass());
        }
    }

    @Test
    void aSmallerCapacityMovesTheIndices() {
        counted.capacity(100);
        assertThat(counted.capacity()).isEqualTo(100).isEqualTo(memory.capacity());
        assertThat(counted.writerIndex()).isEqualTo(100);
        assertThatThrownBy(() -> counted.capacity(SIZE + 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aReleasedBufferIsRefused() {
        ByteBuf released = counted(memory(PooledByteBufAllocator.DEFAULT));
        assertThat(released.release()).isTrue();
        assertThatThrownBy(() -> released.getByte(0)).isInstanceOf(IllegalReferenceCountException.class);
        assertThatThrownBy(released::release).isInstanceOf(IllegalReferenceCountException.class);
        assertThatThrownBy(released::retain).isInstanceOf(IllegalReferenceCountException.class);
        assertThat(held.bytes()).isEqualTo(SIZE);
    }
}
