package io.nvmf.host.queue;

import static io.nvmf.host.queue.QueueFixture.data;
import static io.nvmf.host.queue.QueueFixture.named;
import static io.nvmf.host.queue.QueueFixture.read;
import static io.nvmf.host.queue.QueueFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.metrics.QueueMetrics.Unanswered;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.transport.ResponseCapsule;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;

/** What somebody hears who follows single commands. */
class CommandTraceTest {

    private static final String KEY = "trace";

    private final QueueFixture fixture = new QueueFixture(1);
    private final List<String> told = new ArrayList<>();
    private @Nullable RuntimeException failure;

    /** Says everything in words, with the name that the subscriber has in its context. */
    private final class Words implements CommandTrace {

        private final String name;

        Words(String name) {
            this.name = name;
        }

        private void say(String what) {
            assertThat(fixture.loop.inEventLoop()).isTrue();
            told.add(name + " " + what);
        }

        @Override
        public void slotTaken(Command command) {
            say("slot " + command.opcode());
        }

        @Override
        public void transmitted() {
            say("transmitted");
        }

        @Override
        public void dataRequested(long bytes) {
            say("asked for " + bytes);
        }

        @Override
        public void dataEnded(long bytes) {
            say("moved " + bytes);
        }

        @Override
        public void responded(ResponseCapsule response) {
            say("responded");
        }

        @Override
        public void completed(ResponseCapsule response, int bytes) {
            say("completed " + (response.isSuccess() ? "well" : "badly") + " with " + bytes);
        }

        @Override
        public void failed(Unanswered why, @Nullable RuntimeException cause) {
            say("failed " + why);
            failure = cause;
        }
    }

    CommandTraceTest() {
        fixture.queue.trace((queueId, context) -> {
            assertThat(queueId).isEqualTo(1);
            String name = context.getOrDefault(KEY, "nobody");
            told.add(name + " accepted");
            return "nobody".equals(name) ? null : new Words(name);
        });
        fixture.loop.pump();
    }

    @AfterEach
    void end() {
        assertThat(fixture.memoryAfterEnd()).isZero();
    }

    private Probe execute(String name, Command command) {
        Probe probe = new Probe(Long.MAX_VALUE);
        fixture.queue
                .execute(command)
                .contextWrite(context -> context.put(KEY, name))
                .subscribe(probe);
        fixture.loop.pump();
        return probe;
    }

    @Test
    void aReadIsFollowedThroughAllPhases() {
        Probe probe = execute("a", read(8));
        fixture.onLoop(() -> fixture.pair.answer(0));
        probe.elements.forEach(done -> done.data().release());
        assertThat(told)
                .containsExactly(
                        "a accepted",
                        "a slot 2",
                        "a transmitted",
                        "a moved 8",
                        "a responded",
                        "a completed well with 8");
    }

    @Test
    void aWriteIsFollowedWithWhatTheControllerAsksFor() {
        execute("a", write(data(8)));
        fixture.onLoop(() -> {
            fixture.pair.capsule(0).dataRequested(8);
            fixture.pair.respond(0, Status.of(StatusCode.WRITE_FAULT, true));
            fixture.pair.transfer(0, 8);
        });
        assertThat(told)
                .containsExactly(
                        "a accepted",
                        "a slot 1",
                        "a transmitted",
                        "a asked for 8",
                        "a responded",
                        "a moved 8",
                        "a completed badly with 8");
    }

    @Test
    void oneThatWaitsIsAcceptedBeforeItHasASlot() {
        execute("a", named(1));
        execute("b", named(2));
        assertThat(told).containsExactly("a accepted", "a slot 0", "a transmitted", "b accepted");
        fixture.onLoop(() -> fixture.pair.respond(0));
        assertThat(told).endsWith("a completed well with 0", "b slot 0", "b transmitted");
        fixture.onLoop(() -> fixture.pair.respond(0));
        assertThat(told).endsWith("b completed well with 0");
    }

    @Test
    void oneThatIsCancelledWhileItWaitsHasFailed() {
        execute("a", named(1));
        Probe second = execute("b", named(2));
        second.cancel();
        fixture.loop.pump();
        assertThat(told).endsWith("b accepted", "b failed CANCELLED");
        assertThat(failure).isNull();
    }

    @Test
    void oneThatWaitsForTooLongHasFailed() {
        execute("a", named(1));
        execute("b", named(2));
        fixture.pass(QueueFixture.TIMEOUT.multipliedBy(9).dividedBy(8));
        assertThat(told).contains("a failed TIMEOUT", "b failed TIMEOUT");
        assertThat(failure).isInstanceOf(NvmeTimeoutException.class);
    }

    @Test
    void oneThatWaitsWhenTheQueueEndsHasFailed() {
        execute("a", named(1));
        execute("b", named(2));
        fixture.cut();
        assertThat(told).endsWith("a failed LOST", "b failed LOST");
    }

    @Test
    void nothingFollowsTheEnd() {
        Probe probe = execute("a", read(8));
        probe.cancel();
        fixture.loop.pump();
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(told).containsExactly("a accepted", "a slot 2", "a transmitted", "a failed CANCELLED");
    }

    @Test
    void theSlotIsFreeOfItsTraceForTheNext() {
        execute("a", named(1));
        fixture.onLoop(() -> fixture.pair.respond(0));
        told.clear();
        fixture.execute(named(2));
        fixture.onLoop(() -> fixture.pair.respond(0));
        assertThat(told).containsExactly("nobody accepted");
    }

    @Test
    void commandsOfAStreamHaveTheContextOfItsSubscriber() {
        Probe probe = new Probe(Long.MAX_VALUE);
        fixture.queue
                .execute(Flux.just(named(1)))
                .contextWrite(context -> context.put(KEY, "s"))
                .subscribe(probe);
        fixture.loop.pump();
        fixture.onLoop(() -> fixture.pair.respond(0));
        assertThat(told).contains("s accepted", "s slot 0", "s completed well with 0");
    }

    @Test
    void commandsOfTheAssociationAreNotFollowed() {
        fixture.queue.executeEssential(named(1)).subscribe(new Probe(1));
        fixture.loop.pump();
        assertThat(fixture.pair.left).containsExactly(1);
        assertThat(told).isEmpty();
    }

    @Test
    void aRequestThatCannotMakeItsCommandHasFailed() {
        execute("a", named(1));
        ByteBuf gone = data(8);
        Command write = write(gone);
        execute("b", write);
        execute("c", write);
        fixture.onLoop(() -> fixture.pair.respond(0));
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(told).contains("b completed well with 8", "c failed NOT_SENT");
    }

    @Test
    void whatATraceThrowsDisturbsNobodyAndIsTheLastItHears() {
        List<Throwable> dropped = new ArrayList<>();
        Hooks.onErrorDropped(dropped::add);
        try {
            QueueFixture own = new QueueFixture(1);
            own.queue.trace((queueId, context) -> new CommandTrace() {

                @Override
                public void slotTaken(Command command) {
                    throw new IllegalStateException("broken");
                }

                @Override
                public void completed(ResponseCapsule response, int bytes) {
                    told.add("completed");
                }

                @Override
                public void failed(Unanswered why, @Nullable RuntimeException cause) {
                    told.add("failed");
                }
            });
            Probe probe = own.execute(named(1));
            own.onLoop(() -> own.pair.respond(0));
            assertThat(probe.names()).containsExactly(1);
            assertThat(told).isEmpty();
            assertThat(dropped).hasSize(1);
        } finally {
            Hooks.resetOnErrorDropped();
        }
    }
}
