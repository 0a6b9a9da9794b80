package io.nvmf.host.association;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.host.queue.QueueFixture;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Users hear of an association on an event loop of its own where it has one. */
class SignalThreadTest {

    private final QueueFixture fixture = new QueueFixture(1);
    private final List<Boolean> ranInEventLoop = new ArrayList<>();

    private void note() {
        ranInEventLoop.add(fixture.loop.inEventLoop());
    }

    @Test
    void fromAnotherThreadItTakesATurnOfTheEventLoop() {
        SignalThread.run(List.of(fixture.queue), this::note);
        assertThat(ranInEventLoop).isEmpty();

        fixture.loop.pump();

        assertThat(ranInEventLoop).containsExactly(true);
    }

    @Test
    void onTheEventLoopItRunsAtOnce() {
        fixture.loop.call(() -> {
            SignalThread.run(List.of(fixture.queue), this::note);
            assertThat(ranInEventLoop).containsExactly(true);
        });
    }

    @Test
    void withoutAQueueItRunsAtOnce() {
        SignalThread.run(List.of(), this::note);

        assertThat(ranInEventLoop).containsExactly(false);
    }
}
