package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.host.queue.Request;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.testing.Recorder;
import io.nvmf.transport.ResponseCapsule;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** Without memory a command fails as documented and alone: its slot is back, and the queue goes on. */
class CommandWithoutMemoryTest {

    private static final int BLOCK = NamespaceFixture.BLOCK;

    private final NamespaceFixture fixture =
            NamespaceFixture.blocks(64).slots(1).build();

    @AfterEach
    void theQueueGoesOnAndHoldsNothing() {
        exhausted(false);
        Recorder<ByteBuf> read = subscribe(fixture.namespace.read(0, 1).flux());
        assertThat(read.elements).hasSize(1).allMatch(ByteBuf::release);
        assertThat(fixture.controller.usedMemory()).isZero();
    }

    private void exhausted(boolean value) {
        fixture.controller.allocator().exhausted = value;
    }

    private <T> Recorder<T> subscribe(Flux<T> work) {
        Recorder<T> recorder = new Recorder<>(Long.MAX_VALUE);
        work.subscribe(recorder);
        fixture.pump();
        return recorder;
    }

    private static void assertNoMemory(Recorder<?> recorder, String what, long bytes) {
        assertThat(recorder.elements).isEmpty();
        assertThat(recorder.errors).singleElement().satisfies(failure -> assertNoMemory(failure, what, bytes));
    }

    private static void assertNoMemory(Throwable failure, String what, long bytes) {
        assertThat(failure)
                .isInstanceOfSatisfying(NvmeLimitException.class, limit -> {
                    assertThat(limit.quantity()).isEqualTo("free memory");
                    assertThat(limit.value()).isEqualTo(bytes);
                    assertThat(limit.limit()).isZero();
                })
                .hasMessageStartingWith(what)
                .hasMessageContaining("no memory for " + bytes + " bytes; nothing was sent")
                .hasCauseInstanceOf(OutOfMemoryError.class);
    }

    private static Command rawRead(int blocks) {
        return Command.nvm(NvmOpcode.READ, 7).range(0, blocks).receive(blocks * BLOCK);
    }

    @Test
    void aReadFailsWithWhatItWantedAndItsSlotIsBack() {
        exhausted(true);

        for (int blocks = 1; blocks <= 5; blocks++) {
            assertNoMemory(subscribe(fixture.namespace.read(3, blocks).flux()), "Read", (long) blocks * BLOCK);
        }
        assertNoMemory(subscribe(fixture.queue.execute(rawRead(4)).flux()), "Read", 4 * BLOCK);
        assertThat(fixture.controller.wire).isEmpty();
    }

    @Test
    void whatNeedsNoneIsCarriedOut() {
        ByteBuf data = fixture.data(BLOCK);
        ByteBuf destination = fixture.data(BLOCK).clear();
        exhausted(true);

        assertThat(subscribe(fixture.namespace.write(1, data).flux()).completes).isOne();
        assertThat(subscribe(fixture.namespace.readInto(1, destination).flux()).completes)
                .isOne();
        assertThat(subscribe(fixture.namespace.flush().flux()).completes).isOne();
        destination.release();
    }

    @Test
    void thoseThatWaitForASlotAreServedAllTheSame() {
        fixture.controller.hold = true;
        Recorder<ByteBuf> first = subscribe(fixture.namespace.read(0, 1).flux());
        Recorder<ByteBuf> second = subscribe(fixture.namespace.read(1, 2).flux());
        Recorder<Void> third =
                subscribe(fixture.namespace.write(2, fixture.data(BLOCK)).flux());
        exhausted(true);

        fixture.answer(0);
        fixture.answer(0);

        assertThat(first.elements).hasSize(1).allMatch(ByteBuf::release);
        assertNoMemory(second, "Read", 2 * BLOCK);
        assertThat(third.completes).isOne();
        fixture.controller.hold = false;
    }

    @Test
    void aStreamOfCommandsFailsAndItsSourceIsCancelled() {
        List<String> source = new ArrayList<>();
        exhausted(true);

        Recorder<Completion> stream = subscribe(fixture.queue.execute(
                Flux.just(rawRead(1), rawRead(2)).concatWith(Flux.never()).doOnCancel(() -> source.add("cancelled"))));

        assertNoMemory(stream, "Read", BLOCK);
        assertThat(source).containsExactly("cancelled");
    }

    /** Where the command itself is made as late as possible, and something else than the data finds no memory. */
    @Test
    void aCommandThatCannotBeMadeIsRefusedLikewise() {
        List<Throwable> failures = new ArrayList<>();
        List<CommandOutcome> outcomes = new ArrayList<>();
        class Unmade extends Request {
            @Override
            protected Command command() {
                throw new OutOfMemoryError("Cannot reserve 64 bytes of direct buffer memory");
            }

            @Override
            protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
                throw new AssertionError("it was never sent");
            }

            @Override
            protected void failed(RuntimeException failure, CommandOutcome outcome) {
                failures.add(failure);
                outcomes.add(outcome);
            }
        }
        for (int i = 0; i < 3; i++) {
            fixture.queue.submit(new Unmade());
            fixture.pump();
        }

        assertThat(failures)
                .hasSize(3)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(NvmeLimitException.class)
                        .hasMessageContaining("a command: no memory")
                        .hasMessageContaining("Cannot reserve 64 bytes")
                        .hasCauseInstanceOf(OutOfMemoryError.class));
        assertThat(outcomes).containsOnly(CommandOutcome.NOT_SENT);
    }
}
