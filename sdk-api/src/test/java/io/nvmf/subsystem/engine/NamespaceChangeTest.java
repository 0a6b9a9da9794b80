package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static io.nvmf.subsystem.engine.TargetFixture.enable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.AsyncEventConfiguration;
import io.nvmf.spec.ChangedNamespaceList;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.IdentifyNamespace;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.NamespaceDescriptors;
import io.nvmf.spec.NamespaceList;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Property;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ResponseCapsule;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Namespaces that come, go and change their size while hosts use them, and what hosts are told. */
class NamespaceChangeTest {

    private static final int PART = 128 * 1024;
    private static final int WANTED = AsyncEventConfiguration.NAMESPACE_ATTRIBUTE;

    private final ScriptedStore store = new ScriptedStore(1 << 20, BLOCK);
    private final TargetFixture target = TargetFixture.start(
            TargetOptions.DEFAULTS.queueMemory(PART),
            Schedulers.parallel(),
            SubsystemOptions.of(SUBSYSTEM).namespace(1, store).namespace(5, BlockStore.memory(1 << 20, BLOCK)));
    private final ServedSubsystem subsystem = served(SUBSYSTEM);
    private final TargetFixture.Admin controller = target.admin();
    private final RawQueue admin = controller.queue();

    @AfterEach
    void close() {
        store.answerEverything();
        target.close();
    }

    private ServedSubsystem served(String nqn) {
        return Objects.requireNonNull(target.server.served(nqn));
    }

    private static void run(Mono<Void> change) {
        change.block(RawQueue.PATIENCE);
    }

    private static BlockStore small() {
        return BlockStore.nullBlocks(BLOCK, BLOCK);
    }

    private static void configure(RawQueue queue, int events) {
        queue.succeed(RawCommand.setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, events));
    }

    private static RawCommand page(boolean retain) {
        GetLogPageCommand command = GetLogPageCommand.of(LogPage.CHANGED_NAMESPACES, ChangedNamespaceList.LENGTH);
        return RawCommand.of(entry -> (retain ? command.withRetainAsyncEvent(true) : command).encode(entry, 0))
                .receiving(ChangedNamespaceList.LENGTH);
    }

    private static byte[] data(RawQueue queue, RawCommand command) {
        queue.succeed(command);
        return command.received();
    }

    private static int[] changed(RawQueue queue, boolean retain) {
        return ChangedNamespaceList.decode(Unpooled.wrappedBuffer(data(queue, page(retain))), 0);
    }

    private static void expect(RawQueue queue, int request, AsyncEvent event) {
        ResponseCapsule response = queue.next();
        assertThat(response.commandId()).isEqualTo(request);
        assertThat(response.status()).isEqualTo(Status.SUCCESS);
        assertThat(AsyncEvent.decode(response.dw0(), response.dw1())).isEqualTo(event);
    }

    private static void expectChange(RawQueue queue, int request) {
        expect(queue, request, new AsyncEvent(AsyncEvent.TYPE_NOTICE, 0, LogPage.CHANGED_NAMESPACES, 0));
    }

    /** Whatever was to be told has been told when the controller has answered something that came later. */
    private static void expectNone(RawQueue queue) {
        queue.succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));
        assertThat(queue.silent()).isTrue();
    }

    private int[] active() {
        return NamespaceList.decode(
                Unpooled.wrappedBuffer(data(admin, RawCommand.identify(IdentifyCommand.CNS_ACTIVE_NAMESPACES, 0))), 0);
    }

    private IdentifyNamespace identify(int nsid) {
        return new IdentifyNamespace()
                .wrap(Unpooled.wrappedBuffer(data(admin, RawCommand.identify(IdentifyCommand.CNS_NAMESPACE, nsid))), 0);
    }

    private IdentifyController identify(RawQueue queue) {
        return new IdentifyController()
                .wrap(Unpooled.wrappedBuffer(data(queue, RawCommand.identify(IdentifyCommand.CNS_CONTROLLER, 0))), 0);
    }

    // What hosts are told

    @Test
    @Covers("A change of a namespace is told to every I/O controller that wants it, and log page 04h has its NSID")
    void everyHostHearsOfANewNamespaceAndCanUseIt() {
        RawQueue other = target.admin().queue();
        RawQueue discovery = target.discovery();
        configure(admin, WANTED);
        configure(other, WANTED);
        configure(discovery, -1);
        int request = admin.send(RawCommand.awaitEvent());
        int another = other.send(RawCommand.awaitEvent());
        discovery.send(RawCommand.awaitEvent());

        run(subsystem.addNamespace(9, BlockStore.memory(1 << 20, BLOCK), null));

        expectChange(admin, request);
        expectChange(other, another);
        expectNone(discovery);
        assertThat(changed(admin, false)).containsExactly(9);
        assertThat(changed(other, false)).containsExactly(9);
        assertThat(changed(other, false)).isEmpty();
        assertThat(active()).containsExactly(1, 5, 9);
        assertThat(identify(admin).get(IdentifyController.Field.NN)).isEqualTo(9);
        assertThat(subsystem.namespaces()).containsOnlyKeys(1, 5, 9);
        RawQueue io = target.io(controller.controllerId(), 1, 0);
        io.succeed(RawCommand.blocks(NvmOpcode.WRITE, 9, 0, 1, 0).sending(new byte[BLOCK]));
    }

    @Test
    @Covers("Identify says which events there are, and Asynchronous Event Configuration masks them")
    void eventsThatAHostDoesNotWantAreNotToldUntilItDoes() {
        assertThat(identify(admin).get(IdentifyController.Field.OAES)).isEqualTo(0x300);
        assertThat(identify(target.discovery()).get(IdentifyController.Field.OAES))
                .isEqualTo(0x8000_0000L);
        int request = admin.send(RawCommand.awaitEvent());

        run(subsystem.addNamespace(9, small(), null));
        expectNone(admin);
        admin.send(RawCommand.setFeature(FeatureId.ASYNC_EVENT_CONFIGURATION, WANTED));

        expectChange(admin, request);
        assertThat(admin.next().isSuccess()).isTrue();
        assertThat(changed(admin, false)).containsExactly(9);
        configure(admin, 0);
        run(subsystem.removeNamespace(9));
        admin.send(RawCommand.awaitEvent());
        expectNone(admin);
        assertThat(changed(admin, false)).containsExactly(9);
    }

    @Test
    void changesAreToldOnceUntilThePageIsReadWithoutRetaining() {
        configure(admin, WANTED);
        run(subsystem.addNamespace(9, small(), null));
        expectChange(admin, admin.send(RawCommand.awaitEvent()));
        int second = admin.send(RawCommand.awaitEvent());

        run(subsystem.removeNamespace(5));
        expectNone(admin);
        assertThat(changed(admin, true)).containsExactly(5, 9);
        expectNone(admin);
        assertThat(changed(admin, false)).containsExactly(5, 9);
        run(subsystem.removeNamespace(9));

        expectChange(admin, second);
        assertThat(changed(admin, false)).containsExactly(9);
    }

    @Test
    @Covers("More than 1,024 changes are FFFFFFFFh in the page")
    void moreChangesThanThePageHoldsAreAllOfThem() {
        for (int nsid = 10; nsid < 10 + 1024; nsid++) {
            run(subsystem.addNamespace(nsid, small(), null));
        }
        assertThat(changed(admin, true)).hasSize(1024).contains(10, 1033);

        run(subsystem.addNamespace(2000, small(), null));

        byte[] page = data(admin, page(false));
        assertThat(ChangedNamespaceList.overflowed(Unpooled.wrappedBuffer(page), 0))
                .isTrue();
        assertThat(page).startsWith(-1, -1, -1, -1, 0, 0, 0, 0);
        assertThat(changed(admin, false)).isEmpty();
    }

    @Test
    void aResetForgetsChanges() {
        configure(admin, WANTED);
        run(subsystem.addNamespace(9, small(), null));
        admin.succeed(RawCommand.set(Property.CC, 0x460000));
        run(subsystem.addNamespace(10, small(), null));
        admin.succeed(enable());

        configure(admin, WANTED);
        admin.send(RawCommand.awaitEvent());

        expectNone(admin);
        assertThat(changed(admin, false)).isEmpty();
    }

    // What becomes of commands

    @Test
    @Covers("Commands to a namespace that was removed are 0/0Bh; what a store is at work for goes on")
    void removedNamespaceTakesNoCommandsAndItsStoreIsLeftWhenItIsIdle() {
        RawQueue io = target.io(controller.controllerId(), 1, 0);
        int atWork = io.send(RawCommand.read(0, PART / BLOCK, PART));
        await().until(() -> store.calls.size() == 1);
        int waits = io.send(RawCommand.write(0, PART / BLOCK, new byte[PART]));

        Disposable removal = subsystem.removeNamespace(1).subscribe();

        ResponseCapsule ended = io.next();
        assertThat(ended.commandId()).isEqualTo(waits);
        assertThat(ended.status()).isEqualTo(Status.of(StatusCode.INVALID_NAMESPACE_OR_FORMAT, true));
        io.refuse(RawCommand.read(0, 1, BLOCK), StatusCode.INVALID_NAMESPACE_OR_FORMAT, true);
        io.refuse(RawCommand.opcode(NvmOpcode.FLUSH, 1), StatusCode.INVALID_NAMESPACE_OR_FORMAT, true);
        io.succeed(RawCommand.opcode(NvmOpcode.FLUSH, 0xFFFF_FFFF));
        assertThat(active()).containsExactly(5);
        assertThat(identify(1).get(IdentifyNamespace.Field.NSZE)).isZero();
        assertThat(removal.isDisposed()).isFalse();
        store.last().read(new byte[PART]);
        ResponseCapsule last = io.next();
        assertThat(last.commandId()).isEqualTo(atWork);
        assertThat(last.status()).isEqualTo(Status.SUCCESS);
        await().until(removal::isDisposed);
        assertThat(store.log()).containsExactly("read 0+131072");
        assertThat(store.closed).isFalse();
    }

    @Test
    void writeInPartsEndsWithItsNamespace() {
        RawQueue io = target.io(controller.controllerId(), 1, 0);
        int write = io.send(RawCommand.write(0, 2 * PART / BLOCK, new byte[2 * PART]));
        await().until(() -> store.calls.size() == 1);

        Disposable removal = subsystem.removeNamespace(1).subscribe();
        assertThat(removal.isDisposed()).isFalse();
        store.last().done();

        ResponseCapsule ended = io.next();
        assertThat(ended.commandId()).isEqualTo(write);
        assertThat(ended.status()).isEqualTo(Status.of(StatusCode.INVALID_NAMESPACE_OR_FORMAT, true));
        await().until(removal::isDisposed);
        assertThat(store.calls).hasSize(1);
    }

    @Test
    void namespaceGrowsAndKeepsItsContent() {
        configure(admin, WANTED);
        BlockStore memory = subsystem.namespaces().get(5);
        RawQueue io = target.io(controller.controllerId(), 1, 0);
        byte[] data = {1, 2, 3};
        byte[] block = new byte[BLOCK];
        System.arraycopy(data, 0, block, 0, data.length);
        io.succeed(RawCommand.blocks(NvmOpcode.WRITE, 5, 7, 1, 0).sending(block));
        io.refuse(RawCommand.blocks(NvmOpcode.READ, 5, 2048, 1, 0).receiving(BLOCK), StatusCode.LBA_OUT_OF_RANGE, true);

        run(subsystem.resizeNamespace(5, memory.resized(2 << 20)));

        expectChange(admin, admin.send(RawCommand.awaitEvent()));
        assertThat(changed(admin, false)).containsExactly(5);
        assertThat(identify(5).get(IdentifyNamespace.Field.NSZE)).isEqualTo(4096);
        RawCommand read = RawCommand.blocks(NvmOpcode.READ, 5, 7, 1, 0).receiving(BLOCK);
        assertThat(data(io, read)).isEqualTo(block);
        io.succeed(RawCommand.blocks(NvmOpcode.WRITE, 5, 4095, 1, 0).sending(block));
        run(subsystem.resizeNamespace(5, memory));
        io.refuse(RawCommand.blocks(NvmOpcode.READ, 5, 2048, 1, 0).receiving(BLOCK), StatusCode.LBA_OUT_OF_RANGE, true);
        assertThat(identify(5).get(IdentifyNamespace.Field.NSZE)).isEqualTo(2048);
    }

    @Test
    void commandsUnderWayGoOnWithTheNewStoreAsFarAsItReaches() {
        RawQueue io = target.io(controller.controllerId(), 1, 0);
        int inside = io.send(RawCommand.write(0, 2 * PART / BLOCK, new byte[2 * PART]));
        await().until(() -> store.calls.size() == 1);
        ScriptedStore shorter = new ScriptedStore(2 * PART, BLOCK);

        Disposable resize = subsystem.resizeNamespace(1, shorter).subscribe();
        int beyond = io.send(RawCommand.read(2 * PART / BLOCK, 1, BLOCK));
        ResponseCapsule refused = io.next();
        assertThat(refused.commandId()).isEqualTo(beyond);
        assertThat(refused.status()).isEqualTo(Status.of(StatusCode.LBA_OUT_OF_RANGE, true));
        assertThat(resize.isDisposed()).isFalse();
        store.last().done();

        await().until(resize::isDisposed);
        await().until(() -> shorter.calls.size() == 1);
        assertThat(shorter.log()).containsExactly("write 131072+131072");
        ScriptedStore tiny = new ScriptedStore(PART, BLOCK);
        subsystem.resizeNamespace(1, tiny).subscribe();
        shorter.last().done();
        assertThat(io.next().commandId()).isEqualTo(inside);
        int longer = io.send(RawCommand.write(0, PART / BLOCK, new byte[PART]));
        await().until(() -> tiny.calls.size() == 1);
        tiny.last().done();
        assertThat(io.next().commandId()).isEqualTo(longer);
        tiny.answerEverything();
        assertThat(store.calls).hasSize(1);
    }

    @Test
    void partBeyondTheNewEndIsOutOfRange() {
        RawQueue io = target.io(controller.controllerId(), 1, 0);
        io.send(RawCommand.read(0, 2 * PART / BLOCK, 2 * PART));
        await().until(() -> store.calls.size() == 1);
        ScriptedStore shorter = new ScriptedStore(PART, BLOCK);
        shorter.answerEverything();

        subsystem.resizeNamespace(1, shorter).subscribe();
        await().until(() -> subsystem.namespaces().get(1) == shorter);
        store.last().read(new byte[PART]);

        assertThat(io.next().status()).isEqualTo(Status.of(StatusCode.LBA_OUT_OF_RANGE, true));
        assertThat(shorter.calls).isEmpty();
    }

    // What can be asked for

    @Test
    void identifiersAreThoseOfTheNameUnlessTheyAreGiven() {
        UUID before = uuid(5);
        BlockStore memory = subsystem.namespaces().get(5);
        run(subsystem.removeNamespace(5));
        run(subsystem.addNamespace(5, memory, null));
        assertThat(uuid(5)).isEqualTo(before);
        run(subsystem.removeNamespace(5));
        UUID other = new UUID(1, 2);

        run(subsystem.addNamespace(5, memory, other));

        assertThat(uuid(5)).isEqualTo(other);
        assertThat(identify(5).nguid()).contains("00000000000000010000000000000002");
    }

    private UUID uuid(int nsid) {
        byte[] page = data(admin, RawCommand.identify(IdentifyCommand.CNS_NAMESPACE_DESCRIPTORS, nsid));
        return NamespaceDescriptors.decode(Unpooled.wrappedBuffer(page), 0)
                .uuid()
                .orElseThrow();
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> run(subsystem.addNamespace(1, small(), null)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("namespace 1 of " + SUBSYSTEM + " is there already");
        assertThatThrownBy(() -> run(subsystem.removeNamespace(2)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("there is no namespace 2 in " + SUBSYSTEM);
        assertThatThrownBy(() -> run(subsystem.resizeNamespace(2, small()))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> run(subsystem.resizeNamespace(1, BlockStore.nullBlocks(4096, 4096))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("blockSize 4096 is not that of namespace 1, 512");
        assertThatThrownBy(() -> subsystem.addNamespace(0x10000, small(), null)).hasMessageContaining("nsid 65536");
        assertThatThrownBy(() -> run(served(Nqn.DISCOVERY).addNamespace(1, small(), null)))
                .isInstanceOf(IllegalStateException.class);
        assertThat(active()).containsExactly(1, 5);
        assertThat(changed(admin, false)).isEmpty();
    }

    @Test
    void storesThatWereAddedAreClosedWithTheTargetAndThoseRemovedAreNot() {
        ScriptedStore added = new ScriptedStore(1 << 20, BLOCK);
        added.answerEverything();
        run(subsystem.addNamespace(9, added, null));
        run(subsystem.removeNamespace(1));
        store.answerEverything();

        target.close();

        assertThat(added.closed).isTrue();
        assertThat(store.closed).isFalse();
    }

    // Other events

    @ParameterizedTest
    @CsvSource({
        // type, information, log page, bit of feature 0Bh that it needs
        "1, 0, 0x02, 2",
        "1, 1, 0x02, 1",
        "1, 2, 0x02, 0",
        "2, 1, 0x03, 9",
        "2, 3, 0x0C, 11",
        "2, 5, 0x0E, 13"
    })
    void anEventOfAnyKindIsToldToWhoWantsIt(int type, int information, String page, int bit) {
        AsyncEvent event = new AsyncEvent(type, information, Integer.decode(page), 0);
        int request = admin.send(RawCommand.awaitEvent());
        configure(admin, ~(1 << bit) & (type == 1 && information == 0 ? ~0x3C : -1));
        run(subsystem.postEvent(event));
        expectNone(admin);

        configure(admin, 1 << bit);
        run(subsystem.postEvent(event));

        expect(admin, request, event);
    }

    @Test
    void whatCannotBeMaskedIsToldToAll() {
        AsyncEvent error = new AsyncEvent(AsyncEvent.TYPE_ERROR, 3, LogPage.ERROR_INFORMATION, 0);
        AsyncEvent sanitize = new AsyncEvent(AsyncEvent.TYPE_IO_COMMAND_SET, 1, LogPage.SANITIZE_STATUS, 0);
        AsyncEvent immediate = new AsyncEvent(AsyncEvent.TYPE_IMMEDIATE, 0, 0, 0);
        run(subsystem.postEvent(error));
        run(subsystem.postEvent(sanitize));
        run(subsystem.postEvent(immediate));
        run(subsystem.postEvent(error));

        expect(admin, admin.send(RawCommand.awaitEvent()), error);
        expect(admin, admin.send(RawCommand.awaitEvent()), sanitize);
        expect(admin, admin.send(RawCommand.awaitEvent()), immediate);
        int request = admin.send(RawCommand.awaitEvent());
        expectNone(admin);
        run(subsystem.postEvent(immediate));
        expect(admin, request, immediate);
    }

    @Test
    void aDiscoveryControllerHearsOfItsLogPage() {
        RawQueue discovery = target.discovery();
        AsyncEvent event =
                new AsyncEvent(AsyncEvent.TYPE_NOTICE, AsyncEvent.INFO_NOTICE_DISCOVERY_CHANGED, LogPage.DISCOVERY, 0);
        int request = discovery.send(RawCommand.awaitEvent());
        configure(discovery, AsyncEventConfiguration.DISCOVERY_LOG_CHANGE);

        run(served(Nqn.DISCOVERY).postEvent(event));

        expect(discovery, request, event);
        expectNone(admin);
    }
}
