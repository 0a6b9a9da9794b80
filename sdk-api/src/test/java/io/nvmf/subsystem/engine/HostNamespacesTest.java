package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.HOST;
import static io.nvmf.subsystem.engine.TargetFixture.HOST_ID;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static io.nvmf.subsystem.engine.TargetFixture.connect;
import static io.nvmf.subsystem.engine.TargetFixture.connectData;
import static io.nvmf.subsystem.engine.TargetFixture.enable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.AsyncEventConfiguration;
import io.nvmf.spec.ChangedNamespaceList;
import io.nvmf.spec.CommandsSupportedAndEffects;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.NamespaceList;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Property;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A host that has namespaces of its own meets those of others nowhere. */
class HostNamespacesTest {

    private static final String NOBODY = HOST + ":nobody";
    private static final String ALL = HOST + ":all";

    private final Queue<Integer> flushed = new ConcurrentLinkedQueue<>();
    private final TargetFixture target = TargetFixture.start(
            TargetOptions.DEFAULTS,
            Schedulers.parallel(),
            SubsystemOptions.of(SUBSYSTEM)
                    .namespace(1, store(1))
                    .namespace(2, store(2))
                    .namespace(6, store(6))
                    .hostNamespaces(HOST, 4)
                    .hostNamespaces(HOST, 2)
                    .hostNamespaces(NOBODY)
                    .allowHosts(ALL));
    private final TargetFixture.Admin controller = target.admin();
    private final RawQueue admin = controller.queue();

    private BlockStore store(int nsid) {
        return new DelegatingBlockStore(BlockStore.memory(1 << 20, BLOCK)) {
            @Override
            public Mono<Void> flush() {
                flushed.add(nsid);
                return super.flush();
            }
        };
    }

    @AfterEach
    void close() {
        target.close();
    }

    private RawQueue admin(String host) {
        RawQueue queue = target.open(true);
        queue.succeed(connect(0, 32, 0, 0, connectData(HOST_ID, 0xFFFF, SUBSYSTEM, host)));
        queue.succeed(enable());
        return queue;
    }

    private static ByteBuf data(RawQueue queue, RawCommand command) {
        queue.succeed(command);
        return Unpooled.wrappedBuffer(command.received());
    }

    private static int[] active(RawQueue queue, int cns) {
        return NamespaceList.decode(data(queue, RawCommand.identify(cns, 0)), 0);
    }

    private static long highest(RawQueue queue) {
        return new IdentifyController()
                .wrap(data(queue, RawCommand.identify(IdentifyCommand.CNS_CONTROLLER, 0)), 0)
                .get(IdentifyController.Field.NN);
    }

    @Test
    void listsHaveItsOwnOnly() {
        assertThat(active(admin, IdentifyCommand.CNS_ACTIVE_NAMESPACES)).containsExactly(2);
        assertThat(active(admin, IdentifyCommand.CNS_CSI_ACTIVE_NAMESPACES)).containsExactly(2);
        assertThat(highest(admin)).isEqualTo(4);
        RawQueue nobody = admin(NOBODY);
        assertThat(active(nobody, IdentifyCommand.CNS_ACTIVE_NAMESPACES)).isEmpty();
        assertThat(highest(nobody)).isZero();
        RawQueue all = admin(ALL);
        assertThat(active(all, IdentifyCommand.CNS_ACTIVE_NAMESPACES)).containsExactly(1, 2, 6);
        assertThat(highest(all)).isEqualTo(6);
    }

    @Test
    void anotherOnesIsInactive() {
        for (int cns : List.of(
                IdentifyCommand.CNS_NAMESPACE,
                IdentifyCommand.CNS_CSI_NAMESPACE,
                IdentifyCommand.CNS_INDEPENDENT_NAMESPACE)) {
            byte[] zeros = new byte[IdentifyCommand.DATA_LENGTH];
            assertThat(data(admin, RawCommand.identify(cns, 1)).array()).isEqualTo(zeros);
            admin.refuse(RawCommand.identify(cns, 6), StatusCode.INVALID_NAMESPACE_OR_FORMAT, true);
        }
        assertThat(data(admin, RawCommand.identify(IdentifyCommand.CNS_NAMESPACE, 2))
                        .getLongLE(0))
                .isPositive();
        admin.refuse(
                RawCommand.identify(IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS, 1),
                StatusCode.INVALID_NAMESPACE_OR_FORMAT,
                true);
        admin.succeed(RawCommand.identify(IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS, 2));
    }

    @Test
    void commandsReachItsOwnOnly() {
        RawQueue io = target.io(controller.controllerId(), 1, 0);
        io.succeed(RawCommand.blocks(NvmOpcode.WRITE, 2, 0, 1, 0).sending(new byte[BLOCK]));
        io.succeed(RawCommand.blocks(NvmOpcode.READ, 2, 0, 1, 0).receiving(BLOCK));
        for (int nsid : new int[] {1, 4, 6}) {
            for (RawCommand command : List.of(
                    RawCommand.blocks(NvmOpcode.WRITE, nsid, 0, 1, 0).sending(new byte[BLOCK]),
                    RawCommand.blocks(NvmOpcode.READ, nsid, 0, 1, 0).receiving(BLOCK),
                    RawCommand.blocks(NvmOpcode.WRITE_ZEROES, nsid, 0, 1, 0),
                    RawCommand.opcode(NvmOpcode.DATASET_MANAGEMENT, nsid).sending(new byte[16]),
                    RawCommand.opcode(NvmOpcode.FLUSH, nsid))) {
                io.refuse(command, StatusCode.INVALID_NAMESPACE_OR_FORMAT, true);
            }
        }
        io.succeed(RawCommand.opcode(NvmOpcode.FLUSH, SubmissionQueueEntry.BROADCAST_NSID));
        assertThat(flushed).containsExactly(2);
    }

    @Test
    void shutdownFlushesItsOwnOnly() {
        ControllerConfiguration enabled = ControllerConfiguration.enable(ControllerConfiguration.CSS_NVM);
        admin.succeed(RawCommand.set(
                Property.CC,
                enabled.withShutdown(ControllerConfiguration.ShutdownNotification.NORMAL)
                        .encode()));
        Awaitility.await().untilAsserted(() -> assertThat(flushed).containsExactly(2));
    }

    @Test
    void changesOfOthersAreNotTold() {
        ServedSubsystem subsystem = Objects.requireNonNull(target.server.served(SUBSYSTEM));
        admin.succeed(RawCommand.setFeature(
                FeatureId.ASYNC_EVENT_CONFIGURATION, AsyncEventConfiguration.NAMESPACE_ATTRIBUTE));
        int request = admin.send(RawCommand.awaitEvent());
        subsystem.addNamespace(3, store(3), null).block(RawQueue.PATIENCE);
        subsystem.removeNamespace(1).block(RawQueue.PATIENCE);
        admin.succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));
        assertThat(admin.silent()).isTrue();

        subsystem.addNamespace(4, store(4), null).block(RawQueue.PATIENCE);
        assertThat(admin.next().commandId()).isEqualTo(request);
        ByteBuf changed = data(admin, RawCommand.log(LogPage.CHANGED_NAMESPACES, 0, ChangedNamespaceList.LENGTH));
        assertThat(ChangedNamespaceList.decode(changed, 0)).containsExactly(4);
        assertThat(active(admin, IdentifyCommand.CNS_ACTIVE_NAMESPACES)).containsExactly(2, 4);
    }

    @Test
    void whatTheStoresOfOthersCanDoIsNotTold() {
        ServedSubsystem subsystem = Objects.requireNonNull(target.server.served(SUBSYSTEM));
        subsystem.removeNamespace(2).block(RawQueue.PATIENCE);
        ByteBuf effects = data(
                admin, RawCommand.log(LogPage.COMMANDS_SUPPORTED_AND_EFFECTS, 0, CommandsSupportedAndEffects.LENGTH));
        int deallocate = 1024 + NvmOpcode.DATASET_MANAGEMENT * 4;
        assertThat(effects.getIntLE(deallocate)).isZero();
        assertThat(data(
                                admin(ALL),
                                RawCommand.log(
                                        LogPage.COMMANDS_SUPPORTED_AND_EFFECTS, 0, CommandsSupportedAndEffects.LENGTH))
                        .getIntLE(deallocate))
                .isNotZero();
    }

    @Test
    void hostsThatAreNotNamedAreNotAdmitted() {
        target.open(true)
                .refuse(
                        connect(0, 32, 0, 0, connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST + ":stranger")),
                        StatusCode.CONNECT_INVALID_HOST,
                        true);
        SubsystemOptions options = SubsystemOptions.of(SUBSYSTEM);
        assertThatThrownBy(() -> options.hostNamespaces(HOST, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options.hostNamespaces(HOST, 1, SubsystemOptions.MAX_NSID + 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options.hostNamespaces("nobody", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(options.namespacesOf(HOST)).isEmpty();
    }
}
