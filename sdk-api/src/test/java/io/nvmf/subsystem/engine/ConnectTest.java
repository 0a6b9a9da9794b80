package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.HOST;
import static io.nvmf.subsystem.engine.TargetFixture.HOST_ID;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static io.nvmf.subsystem.engine.TargetFixture.connect;
import static io.nvmf.subsystem.engine.TargetFixture.connectAdmin;
import static io.nvmf.subsystem.engine.TargetFixture.connectData;
import static io.nvmf.subsystem.engine.TargetFixture.connectIo;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.nvmf.spec.AbortCommand;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Property;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

class ConnectTest {

    private static final int IN_DATA = 1 << 16;

    private TargetFixture target = TargetFixture.start();

    @AfterEach
    void close() {
        target.close();
    }

    private void restart(TargetOptions limits, SubsystemOptions... subsystems) {
        target.close();
        target = TargetFixture.start(limits, Schedulers.parallel(), subsystems);
    }

    private void strict() {
        restart(TargetOptions.DEFAULTS.strict(true), subsystem(SUBSYSTEM));
    }

    private static SubsystemOptions subsystem(String nqn) {
        return SubsystemOptions.of(nqn).namespace(1, BlockStore.memory(BLOCK, BLOCK));
    }

    @Test
    void adminConnectGivesAControllerAndCountsAsTheFirstCommand() {
        ResponseCapsule response = target.open(true).succeed(connectAdmin(0));

        assertThat(response.dw0()).isBetween(1, 0xFFEF);
        assertThat(response.sqHead()).isEqualTo(1);
        assertThat(target.server.controllers()).isOne();
    }

    @Test
    @Covers("With it, SQHD goes round with the size of the queue; without, it is 0")
    void flowControlOffIsSaidInTheResponseAndHeadsAreZeroAfterwards() {
        RawQueue queue = target.open(true);

        ResponseCapsule connected = queue.succeed(connect(
                0, 32, ConnectCommand.DISABLE_SQ_FLOW_CONTROL, 0, connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST)));

        assertThat(connected.sqHead()).isEqualTo(0xFFFF);
        assertThat(queue.succeed(RawCommand.get(Property.CAP)).sqHead()).isZero();
    }

    @Test
    @Covers("With it, SQHD goes round with the size of the queue; without, it is 0")
    void headGoesRoundWithTheSizeOfTheQueue() {
        RawQueue queue = target.open(true);
        byte[] data = connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST);

        assertThat(queue.succeed(connect(0, 3, 0, 0, data)).sqHead()).isEqualTo(1);
        assertThat(queue.succeed(RawCommand.get(Property.CSTS)).sqHead()).isEqualTo(2);
        assertThat(queue.succeed(RawCommand.get(Property.CSTS)).sqHead()).isZero();
        assertThat(queue.succeed(RawCommand.get(Property.CSTS)).sqHead()).isEqualTo(1);
    }

    @Test
    void headPassesEventRequestsThatWereDroppedWithoutAnAnswer() {
        RawQueue queue = target.admin().queue();
        queue.send(RawCommand.awaitEvent().id(100));
        queue.send(RawCommand.awaitEvent().id(101));
        assertThat(queue.succeed(RawCommand.get(Property.CSTS)).sqHead()).isEqualTo(3);

        assertThat(queue.succeed(RawCommand.get(Property.CSTS).id(101)).sqHead())
                .isEqualTo(6);
        queue.send(RawCommand.awaitEvent());
        assertThat(queue.succeed(RawCommand.set(Property.CC, 0)).sqHead()).isEqualTo(8);
    }

    @Test
    @Covers("Once per queue, and first of all commands: 0/0Ch otherwise")
    void everythingButConnectIsOutOfSequenceBefore() {
        RawQueue queue = target.open(true);

        queue.refuse(RawCommand.get(Property.CAP), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        queue.refuse(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        queue.refuse(RawCommand.read(0, 1, BLOCK), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        queue.succeed(connectAdmin(0));
    }

    @Test
    @Covers("Record format other than 0: 1/80h")
    void recordFormatMustBeZero() {
        target.open(true)
                .refuse(connectAdmin(0).with(entry -> entry.cdw10(1)), StatusCode.CONNECT_INCOMPATIBLE_FORMAT, true);
    }

    @Test
    @Covers("Data of another length than 1,024 is refused")
    void dataMustHave1024Bytes() {
        RawQueue queue = target.open(true);
        byte[] data = connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST);

        queue.refuse(connect(0, 32, 0, 0, Arrays.copyOf(data, 1023)), StatusCode.DATA_SGL_LENGTH_INVALID, true);
        queue.refuse(connect(0, 32, 0, 0, Arrays.copyOf(data, 1028)), StatusCode.DATA_SGL_LENGTH_INVALID, true);
    }

    @Test
    @Covers("SQSIZE outside its limits: 1/82h with its offset")
    void queueSizeMustBeWithinItsLimits() {
        byte[] data = connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST);
        invalid(target.open(true), connect(0, 1, 0, 0, data), ConnectCommand.SQSIZE);
        invalid(target.open(true), connect(0, 129, 0, 0, data), ConnectCommand.SQSIZE);
        target.open(true).succeed(connect(0, 128, 0, 0, data));

        int controller = target.admin().controllerId();
        invalid(target.open(false), connectIo(1, controller, 1, 0), ConnectCommand.SQSIZE);
        invalid(target.open(false), connectIo(1, controller, 129, 0), ConnectCommand.SQSIZE);
        target.open(false).succeed(connectIo(1, controller, 128, 0));
    }

    @Test
    @Covers("Unknown or malformed NQN: 1/82h with its offset in the data")
    void namesMustBeKnownAndWellFormed() {
        strict();
        RawQueue queue = target.open(true);

        invalid(queue, admin(connectData(HOST_ID, 0xFFFF, "nqn.2024-01.io.nvmf:other", HOST)), IN_DATA | 256);
        invalid(queue, admin(connectData(HOST_ID, 0xFFFF, SUBSYSTEM, "no-qualified-name")), IN_DATA | 512);
        byte[] unterminated = connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST);
        Arrays.fill(unterminated, 256, 512, (byte) 'n');
        invalid(queue, admin(unterminated), IN_DATA | 256);
        unterminated = connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST);
        Arrays.fill(unterminated, 512, 768, (byte) 'n');
        invalid(queue, admin(unterminated), IN_DATA | 512);
        invalid(queue, admin(connectData(new UUID(0, 0), 0xFFFF, SUBSYSTEM, HOST)), IN_DATA);
        assertThat(target.server.controllers()).isZero();
    }

    @Test
    @Covers("Dynamic controllers only: another CNTLID is 1/82h")
    void onlyDynamicControllersCanBeAskedFor() {
        RawQueue queue = target.open(true);

        invalid(queue, admin(connectData(HOST_ID, 1, SUBSYSTEM, HOST)), IN_DATA | 16);
        invalid(queue, admin(connectData(HOST_ID, 0xFFFE, SUBSYSTEM, HOST)), IN_DATA | 16);
    }

    @Test
    @Covers("A host that is not allowed: 1/84h")
    void hostsThatAreNotAllowedAreTurnedAway() {
        restart(TargetOptions.DEFAULTS, subsystem(SUBSYSTEM).allowHosts("nqn.2024-01.io.nvmf:friend"));

        target.open(true).refuse(connectAdmin(0), StatusCode.CONNECT_INVALID_HOST, true);
        target.open(true).succeed(admin(connectData(HOST_ID, 0xFFFF, SUBSYSTEM, "nqn.2024-01.io.nvmf:friend")));
    }

    @Test
    @Covers("No controller left: 1/81h")
    void controllersAreLimitedAndTheirPlacesComeFree() {
        restart(
                TargetOptions.DEFAULTS
                        .ioQueues(1)
                        .queueSize(16)
                        .inCapsuleData(8192)
                        .maxTransfer(0)
                        .controllers(1),
                subsystem(SUBSYSTEM));
        RawQueue first = target.open(true);
        first.succeed(connectAdmin(0));
        RawQueue second = target.open(true);
        second.refuse(connectAdmin(0), StatusCode.CONNECT_CONTROLLER_BUSY, false);

        first.close();
        Awaitility.await().until(() -> target.server.controllers() == 0);
        second.succeed(connectAdmin(0));
    }

    @Test
    @Covers("Once per queue, and first of all commands: 0/0Ch otherwise")
    void adminConnectIsPossibleOnce() {
        TargetFixture.Admin admin = target.admin();

        admin.queue().refuse(connectAdmin(0), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        target.io(admin.controllerId(), 1, 0)
                .refuse(connectIo(2, admin.controllerId(), 16, 0), StatusCode.COMMAND_SEQUENCE_ERROR, false);
    }

    @Test
    @Covers("An I/O queue needs an enabled controller")
    void ioQueueNeedsAnEnabledController() {
        RawQueue admin = target.open(true);
        int controller = admin.succeed(connectAdmin(0)).dw0();

        RawQueue io = target.open(false);
        io.refuse(connectIo(1, controller, 16, 0), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        admin.succeed(TargetFixture.enable());
        io.succeed(connectIo(1, controller, 16, 0));
    }

    @Test
    @Covers("An I/O queue names the controller, host identifier and host NQN of its admin queue")
    void ioQueueMustNameItsControllerAndHost() {
        String other = "nqn.2024-01.io.nvmf:second";
        restart(TargetOptions.DEFAULTS.strict(true), subsystem(SUBSYSTEM), subsystem(other));
        int controller = target.admin().controllerId();
        RawQueue io = target.open(false);

        invalid(io, io(connectData(HOST_ID, controller + 1, SUBSYSTEM, HOST)), IN_DATA | 16);
        invalid(io, io(connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST)), IN_DATA | 16);
        invalid(io, io(connectData(HOST_ID, controller, other, HOST)), IN_DATA | 16);
        invalid(io, io(connectData(UUID.randomUUID(), controller, SUBSYSTEM, HOST)), IN_DATA);
        invalid(io, io(connectData(HOST_ID, controller, SUBSYSTEM, HOST + "2")), IN_DATA | 512);
        io.succeed(io(connectData(HOST_ID, controller, SUBSYSTEM, HOST)));
    }

    @Test
    @Covers("A queue identifier beyond what was granted, or in use, is refused")
    void queueIdentifierMustBeGrantedAndFree() {
        restart(
                TargetOptions.DEFAULTS
                        .ioQueues(2)
                        .queueSize(16)
                        .inCapsuleData(8192)
                        .maxTransfer(0)
                        .controllers(4),
                subsystem(SUBSYSTEM));
        int controller = target.admin().controllerId();

        invalid(target.open(false), connectIo(3, controller, 16, 0), ConnectCommand.QID);
        RawQueue second = target.io(controller, 2, 0);
        target.open(false).refuse(connectIo(2, controller, 16, 0), StatusCode.COMMAND_SEQUENCE_ERROR, false);

        second.close();
        RawQueue again = target.open(false);
        Awaitility.await()
                .until(() -> again.run(connectIo(2, controller, 16, 0)).isSuccess());
    }

    @Test
    @Covers("The discovery controller has no I/O queues")
    void discoveryHasNoIoQueues() {
        target.discovery();

        byte[] data = connectData(HOST_ID, 1, Nqn.DISCOVERY, HOST);
        invalid(target.open(false), connect(1, 16, 0, 0, data), ConnectCommand.QID);
    }

    @Test
    @Covers("Ends an I/O queue; refused on the admin queue")
    void disconnectEndsAnIoQueueOnly() {
        TargetFixture.Admin admin = target.admin();
        RawQueue io = target.io(admin.controllerId(), 1, 0);
        RawCommand disconnect = RawCommand.opcode(0x7F, FabricsCommandType.DISCONNECT);

        admin.queue()
                .refuse(RawCommand.opcode(0x7F, FabricsCommandType.DISCONNECT), StatusCode.INVALID_QUEUE_TYPE, true);
        io.refuse(
                RawCommand.opcode(0x7F, FabricsCommandType.DISCONNECT).with(entry -> entry.cdw10(1)),
                StatusCode.CONNECT_INCOMPATIBLE_FORMAT,
                true);
        io.succeed(disconnect);

        assertThat(io.termination()).isEqualTo(new Termination.Closed(Termination.Side.REMOTE));
        admin.queue().succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));
        target.io(admin.controllerId(), 1, 0);
    }

    @Test
    void fabricsCommandsThatAreNotSupportedAreInvalidOpcodes() {
        TargetFixture.Admin admin = target.admin();
        RawQueue io = target.io(admin.controllerId(), 1, 0);

        admin.queue()
                .refuse(
                        RawCommand.opcode(0x7F, FabricsCommandType.AUTHENTICATION_SEND),
                        StatusCode.INVALID_COMMAND_OPCODE,
                        true);
        io.refuse(RawCommand.get(Property.CAP), StatusCode.INVALID_COMMAND_OPCODE, true);
    }

    @Test
    void connectionWithoutConnectIsClosedInTheEnd() {
        target.close();
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        target = TargetFixture.start(TargetOptions.DEFAULTS, time, subsystem(SUBSYSTEM));
        RawQueue queue = target.open(true);
        Awaitility.await().until(() -> target.server.connections() == 1);

        time.advanceTimeBy(TargetOptions.DEFAULT_CONNECT_TIMEOUT.minusMillis(1));
        queue.refuse(RawCommand.get(Property.CAP), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        time.advanceTimeBy(Duration.ofMillis(1));

        assertThat(queue.termination()).isEqualTo(new Termination.Closed(Termination.Side.REMOTE));
    }

    @Test
    @Covers("One that is in use is answered with 0/03h")
    void duplicateIdentifierIsAConflictAndTheFirstGoesOn() {
        strict();
        RawQueue queue = target.admin().queue();
        queue.send(RawCommand.awaitEvent().id(0xF123));

        queue.refuse(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0).id(0xF123), StatusCode.COMMAND_ID_CONFLICT, false);
        queue.succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0).id(0x0123));
        RawCommand abort = RawCommand.of(entry -> new AbortCommand(0, 0xF123).encode(entry, 0));
        queue.send(abort);
        assertThat(queue.next().commandId()).isEqualTo(0xF123);
    }

    @Test
    @Covers("One that is in use is answered with 0/03h")
    void theConflictOfTwoCommandsAtWorkIsSeenOnEveryTarget() {
        ScriptedStore store = new ScriptedStore(4096, BLOCK);
        restart(TargetOptions.DEFAULTS, SubsystemOptions.of(SUBSYSTEM).namespace(1, store));
        RawQueue io = target.io();
        io.send(RawCommand.opcode(NvmOpcode.FLUSH, 1).id(7));
        Awaitility.await().until(() -> store.calls.size() == 1);

        io.refuse(RawCommand.opcode(NvmOpcode.FLUSH, 1).id(7), StatusCode.COMMAND_ID_CONFLICT, false);

        store.last().done();
        assertThat(io.next().isSuccess()).isTrue();
        store.answerEverything();
    }

    @Test
    @Covers(
            "A command capsule is refused, with DNR, for PSDT, then for the length of in-capsule data, in-capsule data that is not announced or the type, then for the offset; the first fault gives the status. A read that announces in-capsule data has the wrong length, since none came")
    void capsuleChecksComeBeforeEverythingElse() {
        strict();
        RawQueue io = target.io();
        alterNext(io, entry -> entry.psdt(SubmissionQueueEntry.PSDT_PRP));
        io.refuse(RawCommand.read(0, 1, BLOCK), StatusCode.INVALID_FIELD, true);
        alterNext(io, entry -> entry.buffer().setByte(entry.sglAt() + 15, 0x20));
        io.refuse(RawCommand.read(0, 1, BLOCK), StatusCode.SGL_DESCRIPTOR_TYPE_INVALID, true);
        alterNext(io, entry -> entry.buffer().setLongLE(entry.sglAt(), 64));
        io.refuse(RawCommand.read(0, 1, BLOCK), StatusCode.SGL_OFFSET_INVALID, true);
        alterNext(io, entry -> entry.buffer().setIntLE(entry.sglAt() + 8, BLOCK / 2));
        io.refuse(RawCommand.write(0, 1, new byte[BLOCK]), StatusCode.DATA_SGL_LENGTH_INVALID, true);
        io.succeed(RawCommand.opcode(NvmOpcode.FLUSH, 1));
    }

    /** In the order of the checks: each command has all faults from one on. */
    @Test
    @Covers(
            "The order of checks: too many commands, identifier, transfer description, FUSE, opcode, namespace, size, range, data length; the first that fails gives the status")
    void theFirstCheckThatFailsGivesTheStatus() {
        strict();
        RawQueue io = target.io();
        Consumer<SubmissionQueueEntry> fused = entry -> entry.fuse(SubmissionQueueEntry.FUSE_FIRST);
        Consumer<SubmissionQueueEntry> type =
                fused.andThen(entry -> entry.buffer().setByte(entry.sglAt() + 15, 0x20));
        Consumer<SubmissionQueueEntry> psdt = type.andThen(entry -> entry.psdt(SubmissionQueueEntry.PSDT_PRP));
        RawCommand[] wrong = {
            RawCommand.opcode(0xC0, 99).receiving(BLOCK), // opcode before namespace
            RawCommand.blocks(NvmOpcode.READ, 99, -1, 1 << 16, 0).receiving(BLOCK), // namespace before size
            RawCommand.blocks(NvmOpcode.READ, 1, -1, 1 << 16, 0).receiving(BLOCK), // size before range
            RawCommand.blocks(NvmOpcode.READ, 1, -1, 1, 0).receiving(2 * BLOCK), // range before length
            RawCommand.blocks(NvmOpcode.READ, 1, 0, 1, 0).receiving(2 * BLOCK)
        };
        StatusCode[] status = {
            StatusCode.INVALID_COMMAND_OPCODE,
            StatusCode.INVALID_NAMESPACE_OR_FORMAT,
            StatusCode.INVALID_FIELD,
            StatusCode.LBA_OUT_OF_RANGE,
            StatusCode.DATA_SGL_LENGTH_INVALID
        };
        for (int i = 0; i < wrong.length; i++) {
            io.refuse(wrong[i], status[i], true);
        }
        alterNext(io, fused);
        io.refuse(RawCommand.opcode(0xC0, 99), StatusCode.INVALID_FIELD, true);
        alterNext(io, type);
        io.refuse(RawCommand.opcode(0xC0, 99), StatusCode.SGL_DESCRIPTOR_TYPE_INVALID, true);
        alterNext(io, psdt);
        io.refuse(RawCommand.opcode(0xC0, 99), StatusCode.INVALID_FIELD, true);
    }

    @Test
    @Covers("Fused Fabrics commands are refused as all fused commands are, 0/02h")
    void fusedFabricsCommandsAreRefusedLikeAllOthers() {
        RawQueue queue = target.open(true);
        queue.refuse(connectAdmin(0).with(entry -> entry.fuse(1)), StatusCode.INVALID_FIELD, true);
        queue.refuse(connectAdmin(0).with(entry -> entry.fuse(2)), StatusCode.INVALID_FIELD, true);
        assertThat(target.server.controllers()).isZero();
        int controller = queue.succeed(connectAdmin(0)).dw0();

        queue.refuse(RawCommand.get(Property.CAP).with(entry -> entry.fuse(1)), StatusCode.INVALID_FIELD, true);
        queue.refuse(
                RawCommand.set(Property.CC, 0x460001).with(entry -> entry.fuse(1)), StatusCode.INVALID_FIELD, true);
        queue.succeed(TargetFixture.enable());
        RawQueue io = target.open(false);
        io.refuse(connectIo(1, controller, 16, 0).with(entry -> entry.fuse(1)), StatusCode.INVALID_FIELD, true);
        io.succeed(connectIo(1, controller, 16, 0));
        RawCommand disconnect = RawCommand.opcode(0x7F, FabricsCommandType.DISCONNECT);
        io.refuse(disconnect.with(entry -> entry.fuse(1)), StatusCode.INVALID_FIELD, true);
    }

    @Test
    @Covers("Names are UTF-8, 1/82h otherwise, and the same only if they are the same bytes")
    void namesThatAreNotUtf8AreRefusedWhereverTheyStand() {
        RawQueue queue = target.open(true);
        for (int[] bad : new int[][] {{0xFF}, {0xC0, 0xAF}, {0xED, 0xA0, 0x80}, {0xC3}, {0xF4, 0x90, 0x80, 0x80}}) {
            for (int field : new int[] {256, 512}) {
                byte[] data = connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST);
                int end = field + (field == 256 ? SUBSYSTEM : HOST).length();
                for (int i = 0; i < bad.length; i++) {
                    data[end + i] = (byte) bad[i];
                }
                invalid(queue, admin(data), IN_DATA | field);
            }
        }
        queue.succeed(admin(connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST + "-\u00e4\u65e5\ud83d\ude80")));
    }

    @Test
    @Covers("Names are UTF-8, 1/82h otherwise, and the same only if they are the same bytes")
    void aNameIsComparedByteByByte() {
        String composed = HOST + "\u00e9";
        String decomposed = HOST + "e\u0301";
        restart(TargetOptions.DEFAULTS, subsystem(SUBSYSTEM).allowHosts(composed));

        target.open(true)
                .refuse(
                        admin(connectData(HOST_ID, 0xFFFF, SUBSYSTEM, decomposed)),
                        StatusCode.CONNECT_INVALID_HOST,
                        true);
        RawQueue queue = target.open(true);
        int controller = queue.succeed(admin(connectData(HOST_ID, 0xFFFF, SUBSYSTEM, composed)))
                .dw0();
        queue.succeed(TargetFixture.enable());
        target.open(false).succeed(io(connectData(HOST_ID, controller, SUBSYSTEM, composed)));
    }

    @Test
    @Covers("ASQSZ of the discovery log is what an admin queue may have")
    void theAdminQueueIsAsLargeAsTheOptionSays() {
        restart(TargetOptions.DEFAULTS.adminQueueSize(136), subsystem(SUBSYSTEM));
        byte[] data = connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST);

        invalid(target.open(true), connect(0, 137, 0, 0, data), ConnectCommand.SQSIZE);
        target.open(true).succeed(connect(0, 136, 0, 0, data));
        RawCommand log = RawCommand.log(LogPage.DISCOVERY, 1024, 1024);
        target.discovery().succeed(log);
        assertThat(DiscoveryLogEntry.decode(Unpooled.wrappedBuffer(log.received()), 0)
                        .adminMaxSqSize())
                .isEqualTo(136);
    }

    private void alterNext(RawQueue queue, Consumer<SubmissionQueueEntry> change) {
        target.transport.connections().stream()
                .filter(connection -> connection.host() == queue.queuePair())
                .findFirst()
                .orElseThrow()
                .alterNextCommand(message -> change.accept(new SubmissionQueueEntry().wrap(message, 0)));
    }

    private static RawCommand admin(byte[] data) {
        return connect(0, 32, 0, 0, data);
    }

    private static RawCommand io(byte[] data) {
        return connect(1, 16, 0, 0, data);
    }

    private static void invalid(RawQueue queue, RawCommand command, int dw0) {
        ResponseCapsule response = queue.refuse(command, StatusCode.CONNECT_INVALID_PARAMETERS, true);
        assertThat(Integer.toHexString(response.dw0())).isEqualTo(Integer.toHexString(dw0));
    }
}
