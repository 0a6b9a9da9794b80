package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static io.nvmf.subsystem.engine.TargetFixture.enable;
import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.spec.ControllerStatus;
import io.nvmf.spec.ControllerStatus.ShutdownStatus;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Property;
import io.nvmf.spec.StatusCode;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.loop.LoopTransport;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Shutdown by CC.SHN: I/O under way is waited for, then the stores are flushed, and then the host may go. */
class ShutdownTest {

    private static final int ENABLED = 0x460001;
    private static final int NORMAL = ENABLED | 1 << 14;
    private static final int ABRUPT = ENABLED | 2 << 14;

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final ScriptedStore first = new ScriptedStore(1 << 20, BLOCK);
    private final ScriptedStore second = new ScriptedStore(1 << 20, BLOCK);
    private final TargetFixture target = TargetFixture.start(
            new LoopTransport(),
            TargetOptions.DEFAULTS,
            time,
            SubsystemOptions.of(SUBSYSTEM).namespace(1, first).namespace(2, second));
    private final TargetFixture.Admin controller = target.admin();
    private final RawQueue admin = controller.queue();

    @AfterEach
    void close() {
        first.answerEverything();
        second.answerEverything();
        target.close();
    }

    private ShutdownStatus status() {
        return ControllerStatus.decode(
                        admin.succeed(RawCommand.get(Property.CSTS)).dw0())
                .shutdown();
    }

    private void shutDown(int value) {
        admin.succeed(RawCommand.set(Property.CC, value));
    }

    private static void expectCalls(ScriptedStore store, String... calls) {
        Awaitility.await().untilAsserted(() -> assertThat(store.log()).containsExactly(calls));
    }

    private void expect(ShutdownStatus expected) {
        Awaitility.await().untilAsserted(() -> assertThat(status()).isEqualTo(expected));
    }

    @ParameterizedTest
    @ValueSource(ints = {NORMAL, ABRUPT})
    @Covers(
            "The controller answers event requests, refuses more I/O, waits for what is under way for 10 s at most, then flushes all stores")
    void everyStoreIsFlushedBeforeItIsComplete(int value) {
        shutDown(value);

        expectCalls(first, "flush 0+0");
        assertThat(status()).isEqualTo(ShutdownStatus.OCCURRING);
        first.last().done();
        expectCalls(second, "flush 0+0");
        assertThat(status()).isEqualTo(ShutdownStatus.OCCURRING);
        second.last().done();
        expect(ShutdownStatus.COMPLETE);
    }

    @Test
    void aFlushThatFailsDoesNotKeepTheOthersFromBeingFlushedNorTheHost() {
        shutDown(NORMAL);

        expectCalls(first, "flush 0+0");
        first.last().fail();
        expectCalls(second, "flush 0+0");
        second.last().fail();
        expect(ShutdownStatus.COMPLETE);
    }

    @Test
    @Covers(
            "The controller answers event requests, refuses more I/O, waits for what is under way for 10 s at most, then flushes all stores")
    void ioUnderWayIsAnsweredBeforeTheFlush() {
        RawQueue one = target.io(controller.controllerId(), 1, 0);
        RawQueue two = target.io(controller.controllerId(), 2, 0);
        one.send(RawCommand.write(0, 1, new byte[BLOCK]));
        two.send(RawCommand.blocks(NvmOpcode.WRITE, 2, 0, 1, 0).sending(new byte[BLOCK]));
        expectCalls(first, "write 0+512");
        expectCalls(second, "write 0+512");

        shutDown(NORMAL);

        one.refuse(RawCommand.opcode(NvmOpcode.FLUSH, 1), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        assertThat(status()).isEqualTo(ShutdownStatus.OCCURRING);
        first.last().done();
        assertThat(one.next().isSuccess()).isTrue();
        assertThat(status()).isEqualTo(ShutdownStatus.OCCURRING);
        assertThat(first.log()).containsExactly("write 0+512");
        second.last().done();
        assertThat(two.next().isSuccess()).isTrue();
        expectCalls(first, "write 0+512", "flush 0+0");
        first.last().done();
        expectCalls(second, "write 0+512", "flush 0+0");
        second.last().done();
        expect(ShutdownStatus.COMPLETE);
    }

    @Test
    @Covers(
            "The controller answers event requests, refuses more I/O, waits for what is under way for 10 s at most, then flushes all stores")
    void ioThatDoesNotEndIsNotWaitedForForEver() {
        RawQueue io = target.io(controller.controllerId(), 1, 0);
        io.send(RawCommand.write(0, 1, new byte[BLOCK]));
        expectCalls(first, "write 0+512");
        ScriptedStore.Call write = first.last();
        shutDown(NORMAL);
        assertThat(status()).isEqualTo(ShutdownStatus.OCCURRING);

        time.advanceTimeBy(Shutdown.PATIENCE.minus(Duration.ofMillis(1)));
        assertThat(status()).isEqualTo(ShutdownStatus.OCCURRING);
        assertThat(first.log()).containsExactly("write 0+512");
        time.advanceTimeBy(Duration.ofMillis(1));

        expectCalls(first, "write 0+512", "flush 0+0");
        first.last().done();
        expectCalls(second, "flush 0+0");
        second.last().done();
        expect(ShutdownStatus.COMPLETE);
        write.done();
        assertThat(io.next().isSuccess()).isTrue();
    }

    @Test
    @Covers("One flush at a time, however often SHN is written")
    void writingShutdownAgainAndAgainStartsNoSecondFlush() {
        for (int i = 0; i < 20; i++) {
            shutDown(NORMAL);
            shutDown(ENABLED);
            shutDown(ABRUPT);
        }
        expectCalls(first, "flush 0+0");
        first.last().done();
        expectCalls(second, "flush 0+0");
        second.last().done();
        expect(ShutdownStatus.COMPLETE);

        shutDown(ENABLED);
        shutDown(NORMAL);

        assertThat(status()).isEqualTo(ShutdownStatus.COMPLETE);
        assertThat(first.log()).hasSize(1);
    }

    @Test
    @Covers("One flush at a time, however often SHN is written")
    void resettingBetweenShutdownsNeverHasTwoFlushesAtATime() {
        for (int i = 0; i < 20; i++) {
            shutDown(NORMAL);
            admin.succeed(RawCommand.set(Property.CC, 0));
            admin.succeed(enable());
        }
        shutDown(NORMAL);
        expectCalls(first, "flush 0+0");
        first.last().done();
        expectCalls(second, "flush 0+0");
        second.last().done();

        // The last shutdown is not covered by a flush that began before it.
        expectCalls(first, "flush 0+0", "flush 0+0");
        assertThat(status()).isEqualTo(ShutdownStatus.OCCURRING);
        first.last().done();
        expectCalls(second, "flush 0+0", "flush 0+0");
        second.last().done();
        expect(ShutdownStatus.COMPLETE);
    }

    @Test
    void aResetBeginsAnew() {
        shutDown(NORMAL);
        expectCalls(first, "flush 0+0");
        admin.succeed(RawCommand.set(Property.CC, 0));
        assertThat(status()).isEqualTo(ShutdownStatus.NONE);
        first.last().done();
        expectCalls(second, "flush 0+0");
        second.last().done();

        admin.succeed(enable());

        assertThat(status()).isEqualTo(ShutdownStatus.NONE);
        RawQueue io = target.io(controller.controllerId(), 1, 0);
        int flush = io.send(RawCommand.opcode(NvmOpcode.FLUSH, 1));
        expectCalls(first, "flush 0+0", "flush 0+0");
        first.last().done();
        ResponseCapsule response = io.next();
        assertThat(response.commandId()).isEqualTo(flush);
        assertThat(response.isSuccess()).isTrue();
    }
}
