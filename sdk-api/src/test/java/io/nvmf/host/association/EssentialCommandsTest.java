package io.nvmf.host.association;

import static io.nvmf.host.queue.QueueFixture.named;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.QueueFixture;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.host.queue.Request;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.Property;
import io.nvmf.transport.ResponseCapsule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** What an association depends on waits behind nobody's commands and is not refused because of them. */
class EssentialCommandsTest {

    private static final Duration KATO = Duration.ofSeconds(8);
    private static final int KEEP_ALIVE = 0;

    /** One ordinary slot, two reserved ones, and room for one request that waits. */
    private final QueueFixture admin = new QueueFixture(1, 2, 1, 8);

    private final List<String> losses = new ArrayList<>();
    private final List<Long> answers = new ArrayList<>();

    private final KeepAlive keepAlive = new KeepAlive(
            "test",
            admin.queue,
            KATO,
            null,
            () -> 0,
            admin.timer,
            () -> losses.add(admin.loop.inEventLoop(Thread.currentThread()) ? "on the event loop" : "elsewhere"),
            answers::add);

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

    @Test
    void otherCommandsThatTakeForEverLeaveKeepAliveItsSlot() {
        for (int i = 0; i < 5; i++) {
            admin.queue.submit(new Event());
        }
        Probe essential = new Probe(1);
        admin.queue.executeEssential(named(7)).subscribe(essential);
        admin.loop.pump();
        assertThat(admin.pair.left).as("one of them, and an ordinary slot").containsExactly(1, 7);
        keepAlive.start();
        admin.pass(KATO.dividedBy(2));
        assertThat(admin.pair.left).containsExactly(1, 7, KEEP_ALIVE);
        keepAlive.stop();
    }

    /** From other threads, all the time. */
    @Test
    void keepAliveGoesOnUnderAFloodThatNeverEnds() {
        keepAlive.start();
        int interval = 16;
        for (int i = 0; i < 100 * interval; i++) {
            List<Probe> flood = flood();
            admin.timer.advanceTimeBy(KATO.dividedBy(2L * interval));
            admin.loop.pump();
            admin.onLoop(() -> List.copyOf(admin.pair.outstanding()).forEach(admin.pair::answer));
            assertThat(admin.pair.outstanding())
                    .as("a slot is taken, and somebody waits")
                    .isNotEmpty();
            flood.forEach(Probe::cancel);
        }
        assertThat(admin.pair.left.stream().filter(name -> name == KEEP_ALIVE)).hasSize(100);
        assertThat(losses).isEmpty();
        keepAlive.stop();
    }

    @Test
    void everyCommandOfTheSdkCanBeEssential() {
        flood();
        admin.loop.pump();
        AdminCommands commands = new AdminCommands(admin.queue, new Failures()).essential();
        List<Mono<?>> all = List.of(
                commands.propertyGet(Property.CSTS),
                commands.propertySet(Property.CC, 0),
                commands.setFeature(FeatureId.KEEP_ALIVE_TIMER, 0),
                commands.setFeature(FeatureId.HOST_BEHAVIOR_SUPPORT, new byte[512]),
                commands.identify(new IdentifyCommand(IdentifyCommand.CNS_CONTROLLER, 0), data -> data),
                commands.logPage(GetLogPageCommand.of(LogPage.SMART_HEALTH, 512)));
        for (Mono<?> command : all) {
            int before = admin.pair.left.size();
            Disposable running = command.subscribe(nothing -> {}, failure -> {});
            admin.loop.pump();
            assertThat(admin.pair.left).hasSize(before + 1);
            int id = admin.pair.outstanding().get(admin.pair.outstanding().size() - 1);
            running.dispose();
            admin.loop.pump();
            admin.onLoop(() -> admin.pair.answer(id));
        }
        assertThat(admin.pair.left.stream().filter(name -> name >= 100))
                .as("of users")
                .hasSize(1);
    }

    /** Takes for ever, as Asynchronous Event Request does. */
    private static class Event extends Request {
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

    /** Takes a place that is meant for Keep Alive. */
    private static final class Blocker extends Event {
        @Override
        protected boolean essential() {
            return true;
        }
    }
}
