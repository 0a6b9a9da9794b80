package io.nvmf.subsystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

class NullBlockStoreTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int BLOCK = 512;
    private static final long SIZE = 1L << 50;

    private final BlockStore store = BlockStore.nullBlocks(SIZE, BLOCK);

    private static ByteBuf read(BlockStore from, long offset, int length) {
        return from.read(offset, length).block(PATIENCE);
    }

    @ParameterizedTest
    @ValueSource(ints = {BLOCK, 4096, 128 * 1024, 128 * 1024 + BLOCK, 1 << 20})
    void readsOfEveryLengthGiveThePattern(int length) {
        byte[] expected = new byte[length];
        for (int i = 0; i < length; i++) {
            expected[i] = (byte) i;
        }

        ByteBuf bytes = read(store, SIZE - length, length);

        assertThat(ByteBufUtil.getBytes(bytes)).isEqualTo(expected);
        bytes.release();
    }

    @Test
    void writesAreAcceptedAndForgotten() {
        ByteBuf data = Unpooled.directBuffer().writeZero(BLOCK);

        StepVerifier.create(store.write(0, data)).verifyComplete();
        StepVerifier.create(store.flush()).verifyComplete();
        StepVerifier.create(store.writeZeroes(0, SIZE)).verifyComplete();
        StepVerifier.create(store.deallocate(0, SIZE)).verifyComplete();

        ByteBuf bytes = read(store, 0, BLOCK);
        assertThat(bytes.getByte(BLOCK - 1)).isEqualTo((byte) 255);
        bytes.release();
        assertThat(data.refCnt()).as("only lent").isOne();
        data.release();
    }

    @Test
    void readersShareMemoryButNotIndexesNorTheRightToChangeOrFreeIt() {
        ByteBuf first = read(store, 0, BLOCK);
        ByteBuf second = read(store, 0, BLOCK);

        assertThat(first.memoryAddress()).isEqualTo(second.memoryAddress());
        first.skipBytes(7);
        assertThat(second.readableBytes()).isEqualTo(BLOCK);
        assertThatThrownBy(() -> first.setByte(0, 1)).isInstanceOf(ReadOnlyBufferException.class);
        first.release();
        first.release();
        assertThat(second.getByte(1)).isOne();
        second.release();
    }

    @Test
    void answersInPlace() {
        assertThat(store.read(0, BLOCK)).isInstanceOf(Callable.class);
        assertThat(store.write(0, Unpooled.EMPTY_BUFFER)).isInstanceOf(Callable.class);
    }

    @Test
    void numbersAreChecked() {
        assertThat(store.size()).isEqualTo(SIZE);
        assertThat(store.blockSize()).isEqualTo(BLOCK);
        assertThat(store.blocks()).isEqualTo(SIZE / BLOCK);
        assertThatThrownBy(() -> BlockStore.nullBlocks(BLOCK + 1, BLOCK)).hasMessageContaining("513");
        assertThatThrownBy(() -> BlockStore.nullBlocks(BLOCK, 100)).hasMessageContaining("100");
        StepVerifier.create(store.close()).verifyComplete();
    }
}
