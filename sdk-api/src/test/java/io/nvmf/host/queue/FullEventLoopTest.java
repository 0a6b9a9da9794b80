package io.nvmf.host.queue;

import static io.nvmf.host.queue.QueueFixture.named;
import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.QueueFixture.Probe;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/**
 * An event loop that has too many tasks refuses those of the queue, and goes on. What was left for it is done when it
 * takes tasks again, even if nothing else happens; and so is what comes afterwards.
 */
class FullEventLoopTest {

    private final QueueFixture fixture = new QueueFixture(4);

    /** The event loop takes tasks again, and what was refused comes by itself. */
    private void roomAgain() {
        fixture.loop.full(false);
        Awaitility.await().until(() -> fixture.loop.pendingTasks() > 0);
        fixture.loop.pump();
    }

    @Test
    void commandsThatAreSubmittedMeanwhileAreSent() {
        fixture.loop.full(true);
        Probe first = fixture.execute(named(1));
        Probe second = fixture.execute(named(2));
        assertThat(fixture.pair.left).isEmpty();
        roomAgain();
        assertThat(fixture.pair.left).containsExactly(1, 2);
        fixture.execute(named(3));
        assertThat(fixture.pair.left).containsExactly(1, 2, 3);
        assertThat(first.silent()).isTrue();
        assertThat(second.silent()).isTrue();
        assertThat(fixture.memoryAfterEnd()).isZero();
    }

    @Test
    void demandOfAStreamIsNotForgotten() {
        Probe stream = new Probe(0);
        fixture.queue.execute(Flux.range(1, 10).map(QueueFixture::named)).subscribe(stream);
        fixture.loop.pump();
        fixture.loop.full(true);
        stream.request(1);
        stream.request(1);
        roomAgain();
        assertThat(fixture.pair.left).containsExactly(1, 2);
        stream.request(1);
        fixture.loop.pump();
        assertThat(fixture.pair.left).containsExactly(1, 2, 3);
        assertThat(fixture.memoryAfterEnd()).isZero();
    }

    @Test
    void aCancelIsNotForgotten() {
        Probe cancelled = fixture.execute(named(1));
        fixture.loop.full(true);
        cancelled.cancel();
        roomAgain();
        assertThat(fixture.aborts).hasSize(1);
        assertThat(cancelled.silent()).isTrue();
        assertThat(fixture.memoryAfterEnd()).isZero();
    }

    @Test
    void timeGoesOn() {
        Probe late = fixture.execute(named(1));
        fixture.loop.full(true);
        fixture.timer.advanceTimeBy(QueueFixture.TIMEOUT.plus(Duration.ofSeconds(2)));
        fixture.loop.full(false);
        Awaitility.await().until(() -> {
            fixture.loop.pump();
            return !late.errors.isEmpty();
        });
        assertThat(TestFailure.is(late.error(), TestFailure.Kind.TIMEOUT, CommandOutcome.UNKNOWN))
                .isTrue();
        assertThat(fixture.memoryAfterEnd()).isZero();
    }

    @Test
    void whatATimerBringsIsNotForgotten() {
        AtomicInteger ran = new AtomicInteger();
        fixture.loop.full(true);
        fixture.queue.leaveTimer(ran::incrementAndGet);
        assertThat(ran).hasValue(0);
        roomAgain();
        assertThat(ran).hasValue(1);
    }
}
