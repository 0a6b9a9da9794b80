package io.nvmf.host.association;

import static io.nvmf.host.queue.QueueFixture.named;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.QueueFixture;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.host.queue.Request;
import io.nvmf.transport.ResponseCapsule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an association depends on waits behind nobody's commands and is not refused because of them. */
class EssentialCommandsTest {

    private static final Duration KATO = Duration.ofSeconds(8);
    private static final int KEEP_ALIVE = 0;

    /** One ordinary slot, two reserved ones, and room for one request that waits. */
    private final QueueFixture admin = new QueueFixture(1, 2, 1, 8);

    private final List<String> losses = new ArrayList<>();

    private final KeepAlive keepAlive = new KeepAlive(
            admin.queue,
            KATO,
            null,
            () -> 0,
            admin.timer,
            () -> losses.add(admin.loop.inEventLoop(Thread.currentThread()) ? "on the event loop" : "elsewhere"));

    /** Off the event loop, so that they pile up in front of it. */
    private List<Probe> flood() {
        List<Probe> probes = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Probe probe = new Probe(1);
            admin.queue.execute(named(100 + i)).subscribe(probe);
            probes.add(probe);
        }
        return probes;
    }

    @Test
    void keepAlivePassesAnInboxThatIsFull() {
        keepAlive.start();
        admin.timer.advanceTimeBy(KATO.dividedBy(2));
        List<Probe> flood = flood();
        assertThat(flood).anySatisfy(probe -> assertThat(probe.errors).hasSize(1));
        admin.loop.pump();
        assertThat(admin.pair.left).contains(KEEP_ALIVE);
        keepAlive.stop();
    }

    @Test
    void essentialCommandsPassAnInboxThatIsFullAndGoBeforeThoseThatWait() {
        flood();
        Probe essential = new Probe(1);
        admin.queue.executeEssential(named(7)).subscribe(essential);
        admin.loop.pump();
        assertThat(admin.pair.left).as("with a reserved slot").containsExactly(100, 7);
        Probe another = new Probe(1);
        admin.queue.executeEssential(named(8)).subscribe(another);
        admin.loop.pump();
        assertThat(admin.pair.left).as("the last reserved slot is Keep Alive's").containsExactly(100, 7);
        admin.onLoop(() -> admin.pair.answer(admin.pair.outstanding().get(0)));
        assertThat(admin.pair.left).as("before the user's that waits").startsWith(100, 7, 8);
    }

    @Test
    void keepAliveThatDidNotLeaveIsTriedAgainWhileItsTimeRunsOn() {
        Blocker one = new Blocker();
        Blocker two = new Blocker();
        admin.queue.submit(one);
        admin.queue.submit(two);
        admin.loop.pump();
        keepAlive.start();
        admin.pass(KATO.dividedBy(2));
        assertThat(admin.pair.left).doesNotContain(KEEP_ALIVE);
        admin.onLoop(() -> admin.pair.answer(admin.pair.outstanding().get(0)));
        admin.pass(KATO.dividedBy(64));
        assertThat(admin.pair.left).contains(KEEP_ALIVE);
        assertThat(losses).isEmpty();
        keepAlive.stop();
    }

    @Test
    void keepAliveThatNeverLeavesIsALossOnTheEventLoop() {
        admin.queue.submit(new Blocker());
        admin.queue.submit(new Blocker());
        admin.loop.pump();
        keepAlive.start();
        for (int i = 0; i < 24; i++) {
            admin.pass(KATO.dividedBy(16));
        }
        assertThat(losses).containsExactly("on the event loop");
        keepAlive.stop();
    }

    /** Takes a place that is meant for Keep Alive. */
    private static final class Blocker extends Request {
        @Override
        protected Command command() {
            return named(1);
        }

        @Override
        protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
            releaseUnwanted(data);
        }

        @Override
        protected void failed(RuntimeException failure, CommandOutcome outcome) {}

        @Override
        protected boolean longRunning() {
            return true;
        }
    }
}
