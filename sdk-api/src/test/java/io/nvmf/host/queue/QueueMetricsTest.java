package io.nvmf.host.queue;

import static io.nvmf.host.queue.QueueFixture.data;
import static io.nvmf.host.queue.QueueFixture.named;
import static io.nvmf.host.queue.QueueFixture.read;
import static io.nvmf.host.queue.QueueFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.metrics.QueueMetrics;
import io.nvmf.spec.AdminOpcode;
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

/** What a queue tells those who measure it. */
class QueueMetricsTest {

    private final QueueFixture fixture = new QueueFixture(1, 1, 1024, 8);
    private final Told told = new Told();

    /** Everything that was told, in words and without times. */
    private static final class Told implements QueueMetrics {

        final List<String> all = new ArrayList<>();
        final List<Long> times = new ArrayList<>();

        @Override
        public void waitBegins() {
            all.add("wait");
        }

        @Override
        public void waitEnds(long nanos) {
            all.add("waited");
            times.add(nanos);
        }

        @Override
        public void commandBegins(int opcode) {
            all.add("begin " + opcode);
        }

        @Override
        public void answered(int opcode, int type, int code, long nanos, int read, int written) {
            all.add("answered " + opcode + " with " + type + "/" + code + ", read " + read + ", written " + written);
            times.add(nanos);
        }

        @Override
        public void unanswered(int opcode, Unanswered why, long nanos) {
            all.add("unanswered " + opcode + ", " + why);
            times.add(nanos);
        }

        @Override
        public void orphanBegins() {
            all.add("orphan");
        }

        @Override
        public void orphanEnds() {
            all.add("orphan over");
        }

        @Override
        public void memoryBegins(int bytes) {
            all.add("holds " + bytes);
        }

        @Override
        public void memoryEnds(int bytes) {
            all.add("returns " + bytes);
        }

        @Override
        public void digestWrong() {
            all.add("digest");
        }
    }

    QueueMetricsTest() {
        fixture.queue.measure(told);
        fixture.loop.pump();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(fixture.memoryAfterEnd()).isZero();
        assertThat(told.times).allSatisfy(nanos -> assertThat(nanos).isNotNegative());
        assertThat(count("wait")).isEqualTo(count("waited"));
        assertThat(count("orphan")).isEqualTo(count("orphan over"));
        assertThat(count("holds")).isEqualTo(count("returns"));
        assertThat(count("begin")).isEqualTo(count("answered") + count("unanswered"));
    }

    private long count(String first) {
        return told.all.stream()
                .filter(line -> line.equals(first) || (line.startsWith(first + " ") && !line.equals("orphan over")))
                .count();
    }

    private static void release(Probe probe) {
        probe.elements.forEach(completion -> {
            ByteBuf data = completion.data();
            if (data != null) {
                data.release();
            }
        });
    }

    @Test
    void aReadIsToldFromItsSlotToItsEnd() {
        Probe probe = fixture.execute(read(512));
        fixture.onLoop(() -> fixture.pair.transfer(0));
        fixture.onLoop(() -> fixture.pair.respond(0));
        release(probe);
        assertThat(told.all)
                .containsExactly("begin 2", "holds 512", "answered 2 with 0/0, read 512, written 0", "returns 512");
    }

    @Test
    void aWriteIsToldWithWhatItHasSent() {
        fixture.execute(write(data(512)));
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(told.all)
                .containsExactly("begin 1", "holds 512", "answered 1 with 0/0, read 0, written 512", "returns 512");
    }

    @Test
    void anErrorIsToldWithItsStatus() {
        fixture.execute(named(1));
        fixture.onLoop(() -> fixture.pair.respond(0, Status.of(StatusCode.LBA_OUT_OF_RANGE, true)));
        fixture.execute(named(2));
        fixture.onLoop(() -> fixture.pair.respond(0, Status.of(7, 0xFF, false)));
        assertThat(told.all)
                .containsExactly(
                        "begin 0",
                        "answered 0 with 0/128, read 0, written 0",
                        "begin 0",
                        "answered 0 with 7/255, read 0, written 0");
    }

    @Test
    void aWrongDigestIsToldAndIsTheStatusOfItsCommand() {
        fixture.execute(read(512));
        fixture.onLoop(() -> fixture.pair.damage(0));
        fixture.onLoop(() -> fixture.pair.respond(0));
        assertThat(told.all)
                .containsExactly(
                        "begin 2", "holds 512", "digest", "answered 2 with 0/34, read 0, written 0", "returns 512");
    }

    @Test
    void waitingForASlotIsTold() {
        fixture.execute(named(1));
        Probe second = fixture.execute(named(2));
        Probe third = fixture.execute(named(3));
        third.cancel();
        fixture.loop.pump();
        fixture.onLoop(() -> fixture.pair.respond(0));
        fixture.onLoop(() -> fixture.pair.respond(0));
        assertThat(second.names()).containsExactly(2);
        assertThat(told.all)
                .startsWith("begin 0", "wait", "wait", "waited", "answered 0 with 0/0, read 0, written 0", "waited")
                .hasSize(8);
    }

    @Test
    void waitingThatEndsWithTheQueueIsTold() {
        fixture.execute(named(1));
        fixture.execute(named(2));
        fixture.cut();
        assertThat(told.all).containsExactly("begin 0", "wait", "unanswered 0, LOST", "waited");
    }

    @Test
    void waitingThatTakesTooLongIsTold() {
        fixture.execute(named(1));
        fixture.execute(named(2));
        fixture.pass(QueueFixture.TIMEOUT.multipliedBy(9).dividedBy(8));
        assertThat(told.all).containsExactly("begin 0", "wait", "unanswered 0, TIMEOUT", "orphan", "waited");
    }

    @Test
    void aCancelledCommandThatHasLeftIsAnOrphanUntilItsAnswer() {
        Probe probe = fixture.execute(read(512));
        probe.cancel();
        fixture.loop.pump();
        assertThat(told.all).containsExactly("begin 2", "holds 512", "unanswered 2, CANCELLED", "orphan");
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(told.all).endsWith("returns 512", "orphan over").hasSize(6);
    }

    @Test
    void anOrphanEndsWithTheQueue() {
        Probe probe = fixture.execute(read(512));
        probe.cancel();
        fixture.loop.pump();
        fixture.cut();
        assertThat(told.all)
                .containsExactly(
                        "begin 2", "holds 512", "unanswered 2, CANCELLED", "orphan", "returns 512", "orphan over");
    }

    @Test
    void aLateCommandIsToldAsLateAndNotAsCancelled() {
        fixture.execute(read(512));
        fixture.pass(QueueFixture.TIMEOUT.multipliedBy(9).dividedBy(8));
        assertThat(told.all).containsExactly("begin 2", "holds 512", "unanswered 2, TIMEOUT", "orphan");
    }

    @Test
    void aCommandThatIsTakenBackIsNoOrphan() {
        Probe probe = new Probe(1);
        fixture.onLoop(() -> {
            fixture.queue.execute(read(512)).subscribe(probe);
            probe.cancel();
        });
        assertThat(told.all).containsExactly("begin 2", "holds 512", "unanswered 2, CANCELLED", "returns 512");
    }

    @Test
    void aCommandThatCannotBeSentIsTold() {
        fixture.pair.maxTransferSize = 256;
        fixture.execute(read(512));
        assertThat(told.all).containsExactly("begin 2", "unanswered 2, NOT_SENT");
    }

    @Test
    void aStreamOfCommandsIsToldCommandByCommand() {
        Probe probe = new Probe(Long.MAX_VALUE);
        fixture.queue.execute(Flux.range(1, 3).map(QueueFixture::named)).subscribe(probe);
        fixture.loop.pump();
        for (int i = 0; i < 3; i++) {
            fixture.onLoop(() -> fixture.pair.respond(0));
        }
        assertThat(probe.names()).containsExactly(1, 2, 3);
        assertThat(count("begin")).isEqualTo(3);
        assertThat(count("answered")).isEqualTo(3);
    }

    @Test
    void aStreamThatWaitsIsToldOnce() {
        fixture.execute(named(1));
        Probe probe = new Probe(Long.MAX_VALUE);
        fixture.queue.execute(Flux.just(named(2))).subscribe(probe);
        fixture.loop.pump();
        assertThat(told.all).containsExactly("begin 0", "wait");
        probe.cancel();
        fixture.loop.pump();
        assertThat(told.all).containsExactly("begin 0", "wait", "waited");
    }

    @Test
    void whatWaitsInTheControllerIsNotTold() {
        Request parked = new Request() {

            @Override
            protected Command command() {
                return Command.opcode(AdminOpcode.ASYNC_EVENT_REQUEST).build();
            }

            @Override
            protected boolean longRunning() {
                return true;
            }

            @Override
            protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {}

            @Override
            protected void failed(RuntimeException failure, CommandOutcome outcome) {}
        };
        QueueFixture reserved = new QueueFixture(1, 3, 8, 8);
        reserved.queue.measure(told);
        reserved.queue.submit(parked);
        reserved.loop.pump();
        assertThat(reserved.pair.left).hasSize(1);
        reserved.cut();
        assertThat(told.all).isEmpty();
    }

    @Test
    void whatWasUnderWayBeforeIsNotTold() {
        QueueFixture started = new QueueFixture(1);
        Probe first = started.execute(read(512));
        Probe second = started.execute(named(2));
        started.queue.measure(told);
        started.loop.pump();
        first.cancel();
        started.loop.pump();
        started.onLoop(() -> started.pair.answer(0));
        assertThat(told.all).containsExactly("begin 0");
        started.onLoop(() -> started.pair.respond(0));
        assertThat(second.names()).containsExactly(2);
        assertThat(told.all).containsExactly("begin 0", "answered 0 with 0/0, read 0, written 0");
    }

    @Test
    void whatTheListenerThrowsDisturbsNobodyAndIsTheLastItHears() {
        List<Throwable> dropped = new ArrayList<>();
        Hooks.onErrorDropped(dropped::add);
        try {
            List<String> calls = new ArrayList<>();
            QueueFixture own = new QueueFixture(1);
            own.queue.measure(new QueueMetrics() {

                @Override
                public void commandBegins(int opcode) {
                    calls.add("begin");
                    throw new IllegalStateException("broken");
                }

                @Override
                public void answered(int opcode, int type, int code, long nanos, int read, int written) {
                    calls.add("answered");
                }
            });
            Probe probe = own.execute(named(1));
            own.onLoop(() -> own.pair.respond(0));
            assertThat(probe.names()).containsExactly(1);
            assertThat(calls).containsExactly("begin");
            assertThat(dropped).hasSize(1).first().isInstanceOf(IllegalStateException.class);
        } finally {
            Hooks.resetOnErrorDropped();
        }
    }
}
