package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.Nqn;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import io.nvmf.transport.Termination;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

class KeepAliveTest {

    private static final Termination GONE = new Termination.Closed(Termination.Side.REMOTE);

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final TargetFixture target = TargetFixture.start(
            TargetOptions.DEFAULTS,
            time,
            SubsystemOptions.of(SUBSYSTEM).namespace(1, BlockStore.memory(1 << 20, BLOCK)));

    @AfterEach
    void close() {
        target.close();
    }

    /** Lets time pass, and the event loops do what it brings, before anything else happens. */
    private void pass(int millis) {
        time.advanceTimeBy(Duration.ofMillis(millis));
        target.transport
                .connections()
                .forEach(connection ->
                        connection.controller().executor().submit(() -> {}).syncUninterruptibly());
    }

    @Test
    @Covers("The controller ends the association of a host that is silent for KATO, on discovery controllers too")
    void silentHostLosesItsController() {
        TargetFixture.Admin admin = target.admin(1000);
        RawQueue io = target.io(admin.controllerId(), 1, 0);
        pass(250);
        await().untilAsserted(() -> assertThat(target.server.controllers()).isOne());

        pass(1250);

        assertThat(admin.queue().termination()).isEqualTo(GONE);
        assertThat(io.termination()).isEqualTo(GONE);
        await().until(() -> target.server.controllers() == 0);
    }

    @Test
    @Covers("The controller counts commands of any queue (TBKAS); KATO 0 is none")
    void commandsOfAnyQueueKeepItAlive() {
        TargetFixture.Admin admin = target.admin(1000);
        RawQueue io = target.io(admin.controllerId(), 1, 0);

        for (int i = 0; i < 5; i++) {
            pass(750);
            io.succeed(RawCommand.read(0, 1, BLOCK));
            pass(750);
            admin.queue().succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));
        }

        assertThat(target.server.controllers()).isOne();
    }

    @Test
    @Covers("The controller counts commands of any queue (TBKAS); KATO 0 is none")
    void timeoutOfZeroLetsTheHostBeSilent() {
        TargetFixture.Admin admin = target.admin(0);

        pass(3_600_000);

        admin.queue().succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));
    }

    @Test
    void timeoutCanBeChangedByTheHost() {
        TargetFixture.Admin admin = target.admin(1000);
        admin.queue().succeed(RawCommand.setFeature(FeatureId.KEEP_ALIVE_TIMER, 10_000));

        pass(5000);
        admin.queue().succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));
        pass(12_500);

        assertThat(admin.queue().termination()).isEqualTo(GONE);
    }

    @Test
    @Covers("The controller ends the association of a host that is silent for KATO, on discovery controllers too")
    void discoveryControllersExpireAsWell() {
        RawQueue discovery = target.open(true);
        discovery.succeed(TargetFixture.connect(
                0,
                32,
                0,
                500,
                TargetFixture.connectData(TargetFixture.HOST_ID, 0xFFFF, Nqn.DISCOVERY, TargetFixture.HOST)));

        pass(625);

        assertThat(discovery.termination()).isEqualTo(GONE);
    }

    @Test
    void nothingIsLeftOnTheTimerWhenTheHostHasGone() {
        TargetFixture.Admin admin = target.admin(1000);
        assertThat(time.getScheduledTaskCount()).isPositive();

        admin.queue().close();

        await().until(() -> target.server.controllers() == 0);
        pass(60_000);
        assertThat(target.server.connections()).isZero();
    }
}
