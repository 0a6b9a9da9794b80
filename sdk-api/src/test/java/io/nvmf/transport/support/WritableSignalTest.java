package io.nvmf.transport.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WritableSignalTest {

    private static final int MANY = 50_000;

    private final WritableSignal signal = new WritableSignal(ImmediateEventExecutor.INSTANCE, () -> this.writable);
    private final List<Integer> told = new ArrayList<>();

    private boolean writable;

    private void await(int number, Runnable then) {
        signal.mono().subscribe(nothing -> {}, failure -> {}, () -> {
            told.add(number);
            then.run();
        });
    }

    @Test
    void manyWhoSendAtOnceAreToldOneAfterTheOther() {
        IntStream.range(0, MANY).forEach(number -> await(number, signal::changed));

        writable = true;
        signal.changed();

        assertThat(told)
                .containsExactlyElementsOf(IntStream.range(0, MANY).boxed().toList());
        assertThat(signal.isAwaited()).isFalse();
    }

    @Test
    void nobodyIsToldOnceTheConnectionIsFullAgain() {
        await(0, () -> {});
        await(1, () -> {
            writable = false;
            signal.changed();
        });
        await(2, () -> {});

        writable = true;
        signal.changed();
        assertThat(told).containsExactly(0, 1);
        assertThat(signal.isAwaited()).isTrue();

        writable = true;
        signal.changed();
        assertThat(told).containsExactly(0, 1, 2);
    }

    @Test
    void whoWaitsAgainWhileBeingToldIsToldInItsTurn() {
        await(0, () -> {
            writable = false;
            await(2, () -> {});
            writable = true;
            signal.changed();
        });
        await(1, () -> {});

        writable = true;
        signal.changed();

        assertThat(told).containsExactly(0, 1, 2);
    }
}
