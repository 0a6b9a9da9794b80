package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.HOST;
import static io.nvmf.subsystem.engine.TargetFixture.HOST_ID;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static io.nvmf.subsystem.engine.TargetFixture.connectAdmin;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.AbortCommand;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.CommandsSupportedAndEffects;
import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.ControllerConfiguration.ShutdownNotification;
import io.nvmf.spec.ControllerStatus;
import io.nvmf.spec.ControllerStatus.ShutdownStatus;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.DiscoveryLogHeader;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.FirmwareSlotLog;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.spec.IdentifyNamespace;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.NamespaceDescriptors;
import io.nvmf.spec.NamespaceList;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Property;
import io.nvmf.spec.PropertyCommand;
import io.nvmf.spec.SmartHealthLog;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ResponseCapsule;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.scheduler.Schedulers;

class AdminCommandTest {

    private final BlockStore small = BlockStore.memory(1 << 20, 512);
    private final BlockStore large = BlockStore.memory(4 << 20, 4096);
    private final TargetFixture target = TargetFixture.start(
            TargetOptions.DEFAULTS
                    .ioQueues(3)
                    .queueSize(64)
                    .inCapsuleData(4096)
                    .maxTransfer(1 << 20)
                    .controllers(4),
            Schedulers.parallel(),
            SubsystemOptions.of(SUBSYSTEM)
                    .namespace(1, small)
                    .namespace(7, large)
                    .serialNumber("SN-1")
                    .model("model"),
            SubsystemOptions.of("nqn.2024-01.io.nvmf:second").namespace(1, BlockStore.memory(512, 512)),
            SubsystemOptions.of("nqn.2024-01.io.nvmf:closed").allowHosts("nqn.2024-01.io.nvmf:friend"));
    private final TargetFixture.Admin controller = target.admin();
    private final RawQueue admin = controller.queue();

    @AfterEach
    void close() {
        target.close();
    }

    private static long value(ResponseCapsule response) {
        return PropertyCommand.value(response.dw0(), response.dw1());
    }

    private static ByteBuf bytes(RawQueue queue, RawCommand command) {
        queue.succeed(command);
        return Unpooled.wrappedBuffer(command.received());
    }

    // Properties

    @Test
    @Covers("CSS 000b and 110b select the NVM command set, which CAP.CSS says")
    void capabilitiesSayWhatTheQueuesAndCommandSetsAre() {
        ControllerCapabilities cap = ControllerCapabilities.decode(value(admin.succeed(RawCommand.get(Property.CAP))));

        assertThat(cap.mqes()).isEqualTo(63);
        assertThat(cap.cqr()).isTrue();
        assertThat(cap.to()).isEqualTo(30);
        assertThat(cap.css()).isEqualTo(ControllerCapabilities.CSS_NVM | ControllerCapabilities.CSS_IO_COMMAND_SETS);
        assertThat(cap.mpsmin()).isZero();
        assertThat(value(admin.succeed(RawCommand.get(Property.VS)))).isEqualTo(0x10400);
    }

    @Test
    @Covers("Enabling makes ready, disabling resets")
    void enablingMakesReadyAndDisablingResets() {
        RawQueue queue = target.open(true);
        queue.succeed(connectAdmin(0));
        assertThat(value(queue.succeed(RawCommand.get(Property.CSTS)))).isZero();
        queue.refuse(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0), StatusCode.COMMAND_SEQUENCE_ERROR, false);

        queue.succeed(TargetFixture.enable());
        assertThat(value(queue.succeed(RawCommand.get(Property.CSTS)))).isEqualTo(1);
        assertThat(value(queue.succeed(RawCommand.get(Property.CC)))).isEqualTo(0x460001);
        queue.succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));

        queue.succeed(RawCommand.set(Property.CC, 0x460000));
        assertThat(value(queue.succeed(RawCommand.get(Property.CSTS)))).isZero();
        queue.refuse(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0), StatusCode.COMMAND_SEQUENCE_ERROR, false);
    }

    @ParameterizedTest
    @CsvSource({
        "0x460081, page size",
        "0x460011, reserved command set",
        "0x460051, reserved command set",
        "0x460071, admin commands only",
        "0x460801, arbitration",
        "0x450001, SQ entries",
        "0x560001, CQ entries",
        "0x1, no entry sizes",
        "0x46C001, reserved shutdown"
    })
    @Covers("EN with entry sizes 6 and 4; unsupported values are refused by the controller")
    void configurationThatIsNotSupportedIsRefused(String value, String what) {
        RawQueue queue = target.open(true);
        queue.succeed(connectAdmin(0));

        queue.refuse(RawCommand.set(Property.CC, Integer.decode(value)), StatusCode.INVALID_FIELD, true);

        assertThat(value(queue.succeed(RawCommand.get(Property.CC)))).as(what).isZero();
    }

    @Test
    @Covers("Unknown offset or wrong size: Invalid Field")
    void propertiesThatAreNotThereOrOfAnotherSizeAreInvalidFields() {
        for (Property missing : new Property[] {Property.NSSD, Property.CRTO}) {
            admin.refuse(RawCommand.get(missing), StatusCode.INVALID_FIELD, true);
        }
        admin.refuse(RawCommand.get(Property.CAP).with(entry -> entry.cdw10(0)), StatusCode.INVALID_FIELD, true);
        admin.refuse(RawCommand.get(Property.VS).with(entry -> entry.cdw10(1)), StatusCode.INVALID_FIELD, true);
        admin.refuse(RawCommand.get(Property.VS).with(entry -> entry.cdw10(2)), StatusCode.INVALID_FIELD, true);
        admin.refuse(RawCommand.get(Property.VS).with(entry -> entry.cdw11(9)), StatusCode.INVALID_FIELD, true);
        admin.refuse(RawCommand.set(Property.VS, 1), StatusCode.INVALID_FIELD, true);
        admin.refuse(
                RawCommand.set(Property.CC, 0x460001).with(entry -> entry.cdw10(1)), StatusCode.INVALID_FIELD, true);
    }

    @Test
    @Covers(
            "The controller answers event requests, refuses more I/O, waits for what is under way for 10 s at most, then flushes all stores")
    void shutdownFlushesAnswersEventRequestsAndStopsIo() {
        RawQueue io = target.io(controller.controllerId(), 1, 0);
        int event = admin.send(RawCommand.awaitEvent());
        int cc = ControllerConfiguration.enable(ControllerConfiguration.CSS_NVM)
                .withShutdown(ShutdownNotification.NORMAL)
                .encode();

        int shutdown = admin.send(RawCommand.set(Property.CC, cc));

        ResponseCapsule aborted = admin.next();
        assertThat(aborted.commandId()).isEqualTo(event);
        assertThat(aborted.status().is(StatusCode.ABORT_REQUESTED)).isTrue();
        assertThat(admin.next().commandId()).isEqualTo(shutdown);
        Awaitility.await().until(() -> {
            ControllerStatus status = ControllerStatus.decode(
                    admin.succeed(RawCommand.get(Property.CSTS)).dw0());
            return status.ready() && status.shutdown() == ShutdownStatus.COMPLETE;
        });
        io.refuse(RawCommand.opcode(NvmOpcode.FLUSH, 1), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        admin.close();
        Awaitility.await().until(() -> target.server.controllers() == 0);
        io.termination();
    }

    // Identify

    @Test
    @Covers("Controller data structure")
    void controllerSaysWhatItIsAndCan() {
        IdentifyController identify =
                new IdentifyController().wrap(bytes(admin, RawCommand.identify(IdentifyCommand.CNS_CONTROLLER, 0)), 0);

        assertThat(identify.serialNumber()).isEqualTo("SN-1");
        assertThat(identify.modelNumber()).isEqualTo("model");
        assertThat(identify.subsystemNqn()).isEqualTo(SUBSYSTEM);
        assertThat(identify.get(Field.CNTLID)).isEqualTo(controller.controllerId());
        assertThat(identify.get(Field.CNTRLTYPE)).isEqualTo(1);
        assertThat(identify.get(Field.VER)).isEqualTo(0x10400);
        assertThat(identify.get(Field.MDTS)).isEqualTo(8);
        assertThat(identify.maximumDataTransferSize(0)).isEqualTo(1 << 20);
        assertThat(identify.get(Field.CMIC)).isEqualTo(2);
        assertThat(identify.get(Field.CTRATT)).isEqualTo(0x41);
        assertThat(identify.get(Field.KAS)).isEqualTo(1);
        assertThat(identify.get(Field.SQES)).isEqualTo(0x66);
        assertThat(identify.get(Field.CQES)).isEqualTo(0x44);
        assertThat(identify.get(Field.MAXCMD)).isEqualTo(64);
        assertThat(identify.get(Field.NN)).isEqualTo(7);
        assertThat(identify.get(Field.ONCS)).isEqualTo(0x0C);
        assertThat(identify.get(Field.VWC)).isEqualTo(7);
        assertThat(identify.get(Field.SGLS)).isEqualTo(0x300001);
        assertThat(identify.get(Field.IOCCSZ)).isEqualTo(260);
        assertThat(identify.inCapsuleDataSize()).isEqualTo(4096);
        assertThat(identify.get(Field.IORCSZ)).isEqualTo(1);
        assertThat(identify.get(Field.ICDOFF)).isZero();
        assertThat(identify.get(Field.LPA)).isEqualTo(6);
        assertThat(identify.asyncEventRequestLimit()).isEqualTo(4);
        assertThat(identify.staticControllerModel()).isFalse();
    }

    @Test
    void namespaceSaysHowLargeItIs() {
        IdentifyNamespace identify =
                new IdentifyNamespace().wrap(bytes(admin, RawCommand.identify(IdentifyCommand.CNS_NAMESPACE, 7)), 0);

        assertThat(identify.get(IdentifyNamespace.Field.NSZE)).isEqualTo(1024);
        assertThat(identify.get(IdentifyNamespace.Field.NCAP)).isEqualTo(1024);
        assertThat(identify.get(IdentifyNamespace.Field.NUSE)).isEqualTo(1024);
        assertThat(identify.getBig(IdentifyNamespace.Field.NVMCAP)).isEqualTo(BigInteger.valueOf(4 << 20));
        assertThat(identify.formattedLba().blockSize()).isEqualTo(4096);
        assertThat(identify.get(IdentifyNamespace.Field.NMIC)).isEqualTo(1);
        assertThat(identify.get(IdentifyNamespace.Field.DLFEAT)).isEqualTo(1);
    }

    @Test
    void namespacesHaveIdentifiersOfTheirOwnThatStay() {
        NamespaceDescriptors one = NamespaceDescriptors.decode(bytes(admin, RawCommand.identify(3, 1)), 0);
        NamespaceDescriptors seven = NamespaceDescriptors.decode(bytes(admin, RawCommand.identify(3, 7)), 0);
        NamespaceDescriptors again =
                NamespaceDescriptors.decode(bytes(target.admin().queue(), RawCommand.identify(3, 1)), 0);

        assertThat(one.uuid()).isPresent().isNotEqualTo(seven.uuid());
        assertThat(one.nguid()).isPresent().isNotEqualTo(seven.nguid());
        assertThat(again).isEqualTo(one);
        assertThat(new IdentifyNamespace()
                        .wrap(bytes(admin, RawCommand.identify(0, 1)), 0)
                        .nguid())
                .isEqualTo(one.nguid());
    }

    @Test
    @Covers("An inactive namespace is all zeros; an impossible one is 0/0Bh")
    void inactiveNamespaceIsAllZeros() {
        byte[] page = bytes(admin, RawCommand.identify(IdentifyCommand.CNS_NAMESPACE, 3))
                .array();

        assertThat(page).containsOnly(0);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 8", "0, -1", "3, 0", "3, 3", "3, 8", "3, -1", "2, -1", "2, -2"})
    @Covers("An inactive namespace is all zeros; an impossible one is 0/0Bh")
    void namespaceThatCannotBeIsInvalid(int cns, int nsid) {
        admin.refuse(RawCommand.identify(cns, nsid), StatusCode.INVALID_NAMESPACE_OR_FORMAT, true);
    }

    @Test
    @Covers("Active namespace list, 1,024 at a time, ascending")
    void activeNamespacesAreListedAboveTheOneGiven() {
        assertThat(NamespaceList.decode(bytes(admin, RawCommand.identify(2, 0)), 0))
                .containsExactly(1, 7);
        assertThat(NamespaceList.decode(bytes(admin, RawCommand.identify(2, 1)), 0))
                .containsExactly(7);
        assertThat(NamespaceList.decode(bytes(admin, RawCommand.identify(2, 7)), 0))
                .isEmpty();
    }

    @Test
    void otherIdentifyStructuresAndLengthsAreRefused() {
        for (int cns : new int[] {4, 9, 0x0A, 0x10, 0x13, 0x1B, 0x1D, 0xFF}) {
            admin.refuse(RawCommand.identify(cns, 1), StatusCode.INVALID_FIELD, true);
        }
        RawCommand short1 = RawCommand.of(entry -> new IdentifyCommand(1, 0).encode(entry, 0))
                .receiving(512);
        admin.refuse(short1, StatusCode.DATA_SGL_LENGTH_INVALID, true);
    }

    // Log pages

    @Test
    @Covers("Error Information, SMART, Firmware Slot pages")
    void logPagesOfAnIoController() {
        assertThat(bytes(admin, RawCommand.log(LogPage.ERROR_INFORMATION, 0, 64))
                        .array())
                .containsOnly(0);
        SmartHealthLog smart = new SmartHealthLog().wrap(bytes(admin, RawCommand.log(LogPage.SMART_HEALTH, 0, 512)), 0);
        assertThat(smart.get(SmartHealthLog.Field.COMPOSITE_TEMPERATURE)).isEqualTo(298);
        FirmwareSlotLog firmware =
                FirmwareSlotLog.decode(bytes(admin, RawCommand.log(LogPage.FIRMWARE_SLOT, 0, 512)), 0);
        assertThat(firmware.revisions().get(0)).isEqualTo("0.1");
        CommandsSupportedAndEffects effects = new CommandsSupportedAndEffects()
                .wrap(bytes(admin, RawCommand.log(LogPage.COMMANDS_SUPPORTED_AND_EFFECTS, 0, 4096)), 0);
        assertThat(effects.io(NvmOpcode.WRITE)).isEqualTo(3);
        assertThat(effects.io(NvmOpcode.READ)).isEqualTo(1);
        assertThat(effects.io(NvmOpcode.COMPARE)).isZero();
        assertThat(effects.admin(AdminOpcode.IDENTIFY)).isEqualTo(1);
    }

    @Test
    void logPagesThatAreNotThereAreInvalid() {
        for (int page : new int[] {0, 6, 0x0C, LogPage.DISCOVERY, 0xC0}) {
            admin.refuse(RawCommand.log(page, 0, 512), StatusCode.INVALID_LOG_PAGE, true);
        }
        target.discovery().refuse(RawCommand.log(2, 0, 512), StatusCode.INVALID_LOG_PAGE, true);
    }

    @Test
    void rangeOfALogPageMustBeginWithinIt() {
        admin.succeed(RawCommand.log(LogPage.SMART_HEALTH, 512, 4));
        admin.refuse(RawCommand.log(LogPage.SMART_HEALTH, 516, 4), StatusCode.INVALID_FIELD, true);
        admin.refuse(RawCommand.log(LogPage.SMART_HEALTH, -4, 4), StatusCode.INVALID_FIELD, true);
        admin.refuse(
                RawCommand.log(LogPage.SMART_HEALTH, 0, 4).with(entry -> entry.cdw12(2)),
                StatusCode.INVALID_FIELD,
                true);
        admin.refuse(
                RawCommand.log(LogPage.SMART_HEALTH, 0, 4).with(entry -> entry.cdw14(1 << 23)),
                StatusCode.INVALID_FIELD,
                true);
        admin.refuse(
                RawCommand.log(LogPage.SMART_HEALTH, 0, 4).with(entry -> entry.nsid(1)),
                StatusCode.INVALID_FIELD,
                true);
        RawCommand huge = RawCommand.log(LogPage.SMART_HEALTH, 0, (1 << 20) + 4);
        admin.refuse(huge, StatusCode.INVALID_FIELD, true);
        RawCommand lies = RawCommand.log(LogPage.SMART_HEALTH, 0, 512).with(entry -> entry.cdw10(2 | 3 << 16));
        admin.refuse(lies, StatusCode.DATA_SGL_LENGTH_INVALID, true);
    }

    // Discovery

    @Test
    void discoveryControllerIsIdentifiedAsOne() {
        RawQueue discovery = target.discovery();
        IdentifyController identify = new IdentifyController()
                .wrap(bytes(discovery, RawCommand.identify(IdentifyCommand.CNS_CONTROLLER, 0)), 0);

        assertThat(identify.get(Field.CNTRLTYPE)).isEqualTo(2);
        assertThat(identify.subsystemNqn()).isEqualTo(Nqn.DISCOVERY);
        assertThat(identify.get(Field.NN)).isZero();
        discovery.refuse(RawCommand.identify(2, 0), StatusCode.INVALID_FIELD, true);
        discovery.refuse(RawCommand.setFeature(FeatureId.NUMBER_OF_QUEUES, 0), StatusCode.INVALID_FIELD, true);
        discovery.succeed(RawCommand.setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, 1 << 31));
        discovery.succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));
    }

    @Test
    @Covers("Names the subsystems that the host may use")
    void discoveryLogNamesTheSubsystemsThatTheHostMayUse() {
        RawQueue discovery = target.discovery();
        ByteBuf log = bytes(discovery, RawCommand.log(LogPage.DISCOVERY, 0, 3072));

        assertThat(DiscoveryLogHeader.decode(log, 0)).isEqualTo(new DiscoveryLogHeader(1, 2));
        DiscoveryLogEntry first = DiscoveryLogEntry.decode(log, 1024);
        assertThat(first.subsystemNqn()).isEqualTo(SUBSYSTEM);
        assertThat(first.transportAddress()).isEqualTo("target");
        assertThat(first.transportServiceId())
                .isEqualTo(target.server.addresses().get(0).address().service());
        assertThat(first.transportType()).isEqualTo(254);
        assertThat(first.addressFamily()).isEqualTo(254);
        assertThat(first.subsystemType()).isEqualTo(2);
        assertThat(first.controllerId()).isEqualTo(0xFFFF);
        assertThat(first.adminMaxSqSize()).isEqualTo(128);
        assertThat(first.transportRequirements()).isEqualTo(4);
        assertThat(DiscoveryLogEntry.decode(log, 2048).subsystemNqn()).isEqualTo("nqn.2024-01.io.nvmf:second");
    }

    @Test
    void discoveryLogCanBeReadInParts() {
        RawQueue discovery = target.discovery();
        byte[] whole =
                bytes(discovery, RawCommand.log(LogPage.DISCOVERY, 0, 3072)).array();

        assertThat(bytes(discovery, RawCommand.log(LogPage.DISCOVERY, 0, 16)).array())
                .isEqualTo(Arrays.copyOf(whole, 16));
        assertThat(bytes(discovery, RawCommand.log(LogPage.DISCOVERY, 0, 1024)).array())
                .isEqualTo(Arrays.copyOf(whole, 1024));
        assertThat(bytes(discovery, RawCommand.log(LogPage.DISCOVERY, 1020, 1500))
                        .array())
                .isEqualTo(Arrays.copyOfRange(whole, 1020, 2520));
        byte[] beyond =
                bytes(discovery, RawCommand.log(LogPage.DISCOVERY, 2048, 4096)).array();
        assertThat(Arrays.copyOf(beyond, 1024)).isEqualTo(Arrays.copyOfRange(whole, 2048, 3072));
        assertThat(Arrays.copyOfRange(beyond, 1024, 4096)).containsOnly(0);
    }

    // Features

    @Test
    @Covers("Number of Queues is fixed once there is an I/O queue")
    void queuesAreGrantedUpToTheLimitAndFixedByTheFirstIoQueue() {
        assertThat(admin.succeed(RawCommand.getFeature(FeatureId.NUMBER_OF_QUEUES))
                        .dw0())
                .isEqualTo(0x20002);
        assertThat(admin.succeed(RawCommand.setFeature(FeatureId.NUMBER_OF_QUEUES, 0x7F007F))
                        .dw0())
                .isEqualTo(0x20002);
        assertThat(admin.succeed(RawCommand.setFeature(FeatureId.NUMBER_OF_QUEUES, 0x00007F))
                        .dw0())
                .isZero();
        assertThat(admin.succeed(RawCommand.setFeature(FeatureId.NUMBER_OF_QUEUES, 0x10001))
                        .dw0())
                .isEqualTo(0x10001);
        assertThat(admin.succeed(RawCommand.getFeature(FeatureId.NUMBER_OF_QUEUES))
                        .dw0())
                .isEqualTo(0x10001);
        admin.refuse(RawCommand.setFeature(FeatureId.NUMBER_OF_QUEUES, 0xFFFF0001), StatusCode.INVALID_FIELD, true);
        admin.refuse(RawCommand.setFeature(FeatureId.NUMBER_OF_QUEUES, 0x0001FFFF), StatusCode.INVALID_FIELD, true);

        target.io(controller.controllerId(), 1, 0);
        admin.refuse(
                RawCommand.setFeature(FeatureId.NUMBER_OF_QUEUES, 0x10001), StatusCode.COMMAND_SEQUENCE_ERROR, false);
    }

    @ParameterizedTest
    @CsvSource({
        "0x01, 0x07, 0x07", "0x05, 0x12, 0x12", "0x06, 0, 0", "0x06, 1, 1", "0x0A, 1, 1",
        "0x0B, 0x100, 0x100", "0x0F, 1234, 1300", "0x0F, 0, 0", "0x02, 0, 0", "0x04, 350, 350"
    })
    void featureKeepsItsValue(String feature, String value, String expected) {
        admin.succeed(RawCommand.setFeature(Integer.decode(feature), Integer.decode(value)));

        assertThat(admin.succeed(RawCommand.getFeature(Integer.decode(feature))).dw0())
                .isEqualTo(Integer.decode(expected));
    }

    @Test
    void temperatureThresholdsAreOfTheCompositeTemperature() {
        admin.succeed(RawCommand.setFeature(FeatureId.TEMPERATURE_THRESHOLD, 1 << 20 | 250));

        assertThat(admin.succeed(RawCommand.getFeature(FeatureId.TEMPERATURE_THRESHOLD)
                                .with(entry -> entry.cdw11(1 << 20)))
                        .dw0())
                .isEqualTo(250);
        assertThat(admin.succeed(RawCommand.getFeature(FeatureId.TEMPERATURE_THRESHOLD))
                        .dw0())
                .isEqualTo(0xFFFF);
        admin.refuse(RawCommand.setFeature(FeatureId.TEMPERATURE_THRESHOLD, 1 << 16), StatusCode.INVALID_FIELD, true);
        admin.refuse(RawCommand.setFeature(FeatureId.TEMPERATURE_THRESHOLD, 1 << 21), StatusCode.INVALID_FIELD, true);
    }

    @Test
    @Covers("What is not there, or asked for wrongly, is refused")
    void featuresThatAreNotThereOrAskedForWronglyAreRefused() {
        admin.refuse(RawCommand.setFeature(0x10, 0), StatusCode.INVALID_FIELD, true);
        admin.refuse(RawCommand.getFeature(0x10), StatusCode.INVALID_FIELD, true);
        admin.refuse(RawCommand.setFeature(FeatureId.POWER_MANAGEMENT, 1), StatusCode.INVALID_FIELD, true);
        admin.refuse(RawCommand.getFeature(6).with(entry -> entry.cdw10(6 | 1 << 8)), StatusCode.INVALID_FIELD, true);
        admin.refuse(
                RawCommand.setFeature(6, 1).with(entry -> entry.cdw10(6 | 1 << 31)),
                StatusCode.FEATURE_NOT_SAVEABLE,
                true);
        admin.refuse(
                RawCommand.setFeature(6, 1).with(entry -> entry.nsid(1)),
                StatusCode.FEATURE_NOT_NAMESPACE_SPECIFIC,
                true);
        admin.succeed(RawCommand.setFeature(6, 1).with(entry -> entry.nsid(SubmissionQueueEntry.BROADCAST_NSID)));
    }

    // Asynchronous events and aborts

    @Test
    @Covers("One more than AERL + 1 is refused")
    void oneEventRequestTooManyIsRefused() {
        IntStream.range(0, 4).forEach(i -> admin.send(RawCommand.awaitEvent()));

        admin.refuse(RawCommand.awaitEvent(), StatusCode.ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED, true);
        assertThat(admin.silent()).isTrue();
    }

    @Test
    @Covers("What cannot be aborted is said not to be; an event request can")
    void eventRequestCanBeAborted() {
        int event = admin.send(RawCommand.awaitEvent());
        int abort = admin.send(RawCommand.of(entry -> new AbortCommand(0, event).encode(entry, 0)));

        ResponseCapsule aborted = admin.next();
        assertThat(aborted.commandId()).isEqualTo(event);
        assertThat(aborted.status().is(StatusCode.ABORT_REQUESTED)).isTrue();
        ResponseCapsule answer = admin.next();
        assertThat(answer.commandId()).isEqualTo(abort);
        assertThat(answer.dw0()).isZero();
    }

    @Test
    @Covers("What cannot be aborted is said not to be; an event request can")
    void whatCannotBeAbortedIsSaidNotToBe() {
        assertThat(admin.succeed(RawCommand.of(entry -> new AbortCommand(0, 77).encode(entry, 0)))
                        .dw0())
                .isEqualTo(1);
        assertThat(admin.succeed(RawCommand.of(entry -> new AbortCommand(1, 77).encode(entry, 0)))
                        .dw0())
                .isEqualTo(1);
    }

    @Test
    @Covers("Enabling makes ready, disabling resets")
    void resetForgetsEventRequestsAndClosesIoQueues() {
        RawQueue io = target.io(controller.controllerId(), 1, 0);
        admin.send(RawCommand.awaitEvent().id(500));

        admin.succeed(RawCommand.set(Property.CC, 0x460000));

        io.termination();
        admin.succeed(TargetFixture.enable());
        admin.succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0).id(500));
        target.io(controller.controllerId(), 1, 0);
    }

    @Test
    @Covers("Unknown ones are 0/01h")
    void unknownOpcodesAreInvalid() {
        for (int opcode : new int[] {0x00, 0x01, 0x0D, 0x10, 0x14, 0x80, 0x84, 0xC0, 0xFF}) {
            admin.refuse(RawCommand.opcode(opcode, 0), StatusCode.INVALID_COMMAND_OPCODE, true);
        }
        admin.refuse(
                RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0).with(entry -> entry.fuse(1)),
                StatusCode.INVALID_FIELD,
                true);
    }

    @Test
    void twoHostsHaveControllersOfTheirOwn() {
        RawQueue other = target.open(true);
        int id = other.succeed(TargetFixture.connect(
                        0, 32, 0, 0, TargetFixture.connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST + "2")))
                .dw0();

        assertThat(id).isNotEqualTo(controller.controllerId());
        assertThat(target.server.controllers()).isEqualTo(2);
        other.close();
        Awaitility.await().until(() -> target.server.controllers() == 1);
        admin.succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));
    }

    @Test
    void longestKeepAliveTimeoutCanBeReadBack() {
        admin.succeed(RawCommand.setFeature(FeatureId.KEEP_ALIVE_TIMER, -1));

        // rounding up to the granularity would leave the field
        assertThat(value(admin.succeed(RawCommand.getFeature(FeatureId.KEEP_ALIVE_TIMER))) & 0xFFFF_FFFFL)
                .isEqualTo(4_294_967_200L);
    }
}
