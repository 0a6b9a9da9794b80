package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.HOST;
import static io.nvmf.subsystem.engine.TargetFixture.HOST_ID;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static io.nvmf.subsystem.engine.TargetFixture.connect;
import static io.nvmf.subsystem.engine.TargetFixture.connectAdmin;
import static io.nvmf.subsystem.engine.TargetFixture.connectData;
import static io.nvmf.subsystem.engine.TargetFixture.enable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.ControllerStatus;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Property;
import io.nvmf.spec.PropertyCommand;
import io.nvmf.spec.StatusCode;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ResponseCapsule;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.scheduler.VirtualTimeScheduler;

/** How an association comes to rest, and what has to wait until it has. */
class QuiesceTest {

    private static final int PART = 128 * 1024;
    private static final String OTHER = "nqn.2024-01.io.nvmf:other";

    private final VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    private final ScriptedStore store = new ScriptedStore(1 << 20, BLOCK);
    private final TargetFixture target = TargetFixture.start(
            TargetOptions.DEFAULTS.queueMemory(PART).quiesceTime(Duration.ofMillis(200)),
            timer,
            SubsystemOptions.of(SUBSYSTEM).namespace(1, store),
            SubsystemOptions.of(OTHER).namespace(1, BlockStore.memory(1 << 20, BLOCK)));
    private final TargetFixture.Admin admin = target.admin();
    private final RawQueue io = target.io(admin.controllerId(), 1, 0);

    @AfterEach
    void close() {
        store.answerEverything();
        target.close();
    }

    private static ControllerStatus status(RawQueue queue) {
        return ControllerStatus.decode(
                queue.succeed(RawCommand.get(Property.CSTS)).dw0());
    }

    /** A new controller, whether it is ready or not. */
    private RawQueue enabled(String subsystem, UUID hostId, String host) {
        RawQueue queue = target.open(true);
        queue.succeed(connect(0, 32, 0, 0, connectData(hostId, 0xFFFF, subsystem, host)));
        queue.succeed(enable());
        return queue;
    }

    private void workOn() {
        io.send(RawCommand.write(0, PART / BLOCK, new byte[PART]));
        await().until(() -> store.calls.size() == 1);
        io.send(RawCommand.write(0, PART / BLOCK, new byte[PART]));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 500, 65_535})
    @Covers("The controller reports its command quiesce time (CQT)")
    void theTimeIsReported(int millis) {
        try (TargetFixture other = TargetFixture.start(
                TargetOptions.DEFAULTS.quiesceTime(Duration.ofMillis(millis)),
                timer,
                SubsystemOptions.of(SUBSYSTEM).namespace(1, BlockStore.memory(BLOCK, BLOCK)))) {
            RawCommand identify = RawCommand.identify(IdentifyCommand.CNS_CONTROLLER, 0);
            other.admin().queue().succeed(identify);

            assertThat(new IdentifyController()
                            .wrap(Unpooled.wrappedBuffer(identify.received()), 0)
                            .get(IdentifyController.Field.CQT))
                    .isEqualTo(millis);
        }
    }

    @Test
    @Covers("A host's new controller is not ready before the stores are through with its lost association")
    void aHostGetsNoReadyControllerWhileAStoreIsAtWorkForItsLostAssociation() {
        workOn();
        admin.queue().close();
        await().until(() -> target.server.controllers() == 0);

        RawQueue again = enabled(SUBSYSTEM, HOST_ID, HOST);

        assertThat(status(again).ready()).isFalse();
        again.refuse(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        assertThat(status(enabled(SUBSYSTEM, HOST_ID, HOST + "2")).ready()).isTrue();
        assertThat(status(enabled(SUBSYSTEM, new UUID(1, 1), HOST)).ready()).isTrue();
        assertThat(status(enabled(OTHER, HOST_ID, HOST)).ready()).isTrue();
        store.last().done();
        await().until(() -> status(again).ready());
        again.succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));
        // The write that waited for memory was given up with the association.
        assertThat(store.calls).hasSize(1);
    }

    @Test
    void aControllerThatIsDisabledBeforeItWasReadyIsNot() {
        workOn();
        admin.queue().close();
        await().until(() -> target.server.controllers() == 0);
        RawQueue again = enabled(SUBSYSTEM, HOST_ID, HOST);
        again.succeed(RawCommand.set(Property.CC, 0x460000));

        store.last().done();
        await().until(() -> target.server.connections() == 1);
        again.succeed(RawCommand.get(Property.CC));

        assertThat(status(again).ready()).isFalse();
        again.succeed(enable());
        assertThat(status(again).ready()).isTrue();
    }

    @Test
    @Covers("CSTS.RDY stays until no command can change a store any more")
    void disablingIsOverWhenTheStoresAreThrough() {
        workOn();

        admin.queue().succeed(RawCommand.set(Property.CC, 0x460000));

        assertThat(status(admin.queue()).ready()).isTrue();
        admin.queue().refuse(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        io.termination();
        store.last().done();
        await().until(() -> !status(admin.queue()).ready());
        assertThat(store.calls).hasSize(1);
        admin.queue().succeed(enable());
        assertThat(status(admin.queue()).ready()).isTrue();
    }

    @Test
    void disabledAndEnabledAtOnceItIsReadyWhenTheStoresAreThrough() {
        workOn();
        admin.queue().succeed(RawCommand.set(Property.CC, 0x460000));
        admin.queue().succeed(enable());
        assertThat(status(admin.queue()).ready()).isFalse();
        RawQueue early = target.open(false);
        early.refuse(TargetFixture.connectIo(1, admin.controllerId(), 16, 0), StatusCode.COMMAND_SEQUENCE_ERROR, false);

        store.last().done();

        await().until(() -> {
            ResponseCapsule response = admin.queue().run(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));
            return response.isSuccess();
        });
        await().until(() -> status(admin.queue()).ready());
        target.io(admin.controllerId(), 1, 0);
    }

    // The whole subsystem

    @Test
    @Covers("NVM subsystem reset (NSSR) ends every association of the subsystem")
    void aSubsystemResetEndsEveryAssociationOfTheSubsystem() {
        ResponseCapsule cap = admin.queue().succeed(RawCommand.get(Property.CAP));
        assertThat(ControllerCapabilities.decode(PropertyCommand.value(cap.dw0(), cap.dw1()))
                        .nssrs())
                .isTrue();
        RawQueue second = enabled(SUBSYSTEM, HOST_ID, HOST + "2");
        RawQueue other = enabled(OTHER, HOST_ID, HOST);
        RawQueue discovery = target.discovery();
        admin.queue().succeed(RawCommand.set(Property.NSSR, 1));
        assertThat(admin.queue().succeed(RawCommand.get(Property.NSSR)).dw0()).isZero();
        discovery.refuse(RawCommand.set(Property.NSSR, Property.SUBSYSTEM_RESET), StatusCode.INVALID_FIELD, true);

        admin.queue().send(RawCommand.set(Property.NSSR, Property.SUBSYSTEM_RESET));

        admin.queue().termination();
        io.termination();
        second.termination();
        other.succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));
        await().until(() -> target.server.controllers() == 2);
        assertThat(status(enabled(SUBSYSTEM, HOST_ID, HOST)).ready()).isTrue();
    }

    @Test
    void controllersThatFailStayUntilTheyAreReset() {
        Objects.requireNonNull(target.server.served(SUBSYSTEM))
                .failControllers()
                .block(RawQueue.PATIENCE);

        assertThat(status(admin.queue()).fatal()).isTrue();
        io.refuse(RawCommand.opcode(NvmOpcode.FLUSH, 1), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        RawQueue fresh = target.open(true);
        fresh.succeed(connectAdmin(0));
        fresh.succeed(enable());
        assertThat(status(fresh).fatal()).isFalse();
        admin.queue().succeed(RawCommand.set(Property.CC, 0x460000));
        await().until(() -> !status(admin.queue()).fatal());
        admin.queue().succeed(enable());
        assertThat(status(admin.queue()).ready()).isTrue();
        target.io(admin.controllerId(), 1, 0);
    }
}
