package io.nvmf.transport.support;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadSizeTest {

    private final ReadSize size = new ReadSize(2048, 8192);

    @Test
    void eachReadThatFillsItsBufferDoublesTheNextOneUpToTheMost() {
        assertThat(size.get()).isEqualTo(2048);
        size.read(2048, true);
        assertThat(size.get()).isEqualTo(4096);
        size.read(4096, true);
        size.read(8192, true);
        assertThat(size.get()).isEqualTo(8192);
    }

    @Test
    void twoTurnsInARowThatNeedHalfOfItHalveItDownToTheLeast() {
        size.read(2048, true);
        size.read(4096, false);
        size.turnOver();
        for (int turn = 0; turn < 5; turn++) {
            size.read(1024, false);
            size.turnOver();
            assertThat(size.get()).isEqualTo(turn == 0 ? 4096 : 2048);
        }
    }

    @Test
    void aTurnThatNeedsMoreOrBringsNothingBeginsTheCountAnew() {
        size.read(2048, true);
        size.read(4096, false);
        size.turnOver();
        size.read(1024, false);
        size.turnOver();
        size.turnOver(); // nothing came
        size.read(1024, false);
        size.turnOver();
        size.read(3000, false);
        size.turnOver();
        size.read(1024, false);
        size.turnOver();
        assertThat(size.get()).isEqualTo(4096);
        size.read(1024, false);
        size.turnOver();
        assertThat(size.get()).isEqualTo(2048);
    }
}
