package io.nvmf.rdma.iwarp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaAccess;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Windows: their bounds in 64 bits, their keys, and whose memory they keep. */
class WindowTest {

    private static final int LENGTH = 100;

    private final WindowTable table = new WindowTable(new KeySource());
    private final ByteBuf memory = Unpooled.buffer(LENGTH + 20);

    @AfterEach
    void nothingIsKept() {
        table.closeAll();
        assertThat(memory.refCnt()).isOne();
        memory.release();
    }

    private Window at(long address) {
        return new Window(table, memory, 10, LENGTH, RdmaAccess.REMOTE_READ, address, 1);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4096, Long.MAX_VALUE - 50, Long.MIN_VALUE, -1000, -LENGTH - 1L, -LENGTH})
    void aRangeIsRightOnlyWithinTheWindow(long address) {
        Window window = at(address);
        for (long from = -3; from <= LENGTH + 3; from++) {
            for (long length : new long[] {1, 2, 50, LENGTH - 1, LENGTH, LENGTH + 1, 0x7FFFFFFFL, 0xFFFFFFFFL}) {
                boolean inside = from >= 0 && from + length <= LENGTH;
                assertThat(window.check(address + from, length) == Window.Range.RIGHT)
                        .describedAs("%d bytes at %d of a window at 0x%x", length, from, address)
                        .isEqualTo(inside);
            }
        }
        assertThat(window.indexOf(address + 7)).isEqualTo(17);
        window.close();
    }

    @Test
    void aRangeThatGoesBeyondSixtyFourBitsWraps() {
        Window window = at(-LENGTH);
        assertThat(window.check(-1, 1)).isEqualTo(Window.Range.RIGHT);
        assertThat(window.check(-1, 2)).isEqualTo(Window.Range.WRAPS);
        assertThat(window.check(-LENGTH, LENGTH + 1)).isEqualTo(Window.Range.WRAPS);
        assertThat(window.check(3, 4)).isEqualTo(Window.Range.OUTSIDE);
        window.close();
    }

    @Test
    void keysAndAddressesDoNotRepeatAndAreSpread() {
        Set<Integer> keys = new HashSet<>();
        Set<Long> addresses = new HashSet<>();
        int bits = 0;
        for (int i = 0; i < 1000; i++) {
            Window window = table.expose(memory, 0, 1, RdmaAccess.REMOTE_READ);
            keys.add(window.key());
            addresses.add(window.address());
            bits += Integer.bitCount(window.key()) + Long.bitCount(window.address());
            if (i % 2 == 0) {
                window.close();
            }
        }
        assertThat(keys).hasSize(1000).doesNotContain(0);
        assertThat(addresses).hasSize(1000);
        assertThat(bits).isBetween(47_000, 49_000); // of 96,000
        assertThat(table.size()).isEqualTo(500);
    }

    @Test
    void memoryThatIsBeingSentIsKeptUntilItHasLeft() {
        Window window = table.expose(memory, 0, 10, RdmaAccess.REMOTE_READ);
        window.beginLeaving();
        assertThat(window.close()).isFalse();
        assertThat(window.isOpen()).isFalse();
        assertThat(table.find(window.key())).isNull();
        assertThat(memory.refCnt()).isEqualTo(2);

        window.left();

        assertThat(memory.refCnt()).isOne();
        assertThat(window.close()).isTrue();
    }

    @Test
    void aWindowIsWithinItsMemory() {
        assertThatThrownBy(() -> table.expose(memory, 0, 0, RdmaAccess.REMOTE_READ))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.expose(memory, 100, 21, RdmaAccess.REMOTE_READ))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
