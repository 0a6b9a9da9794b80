package io.nvmf.rdma;

import static io.nvmf.transport.testkit.CapsuleRecorder.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.rdma.testing.MemoryRdmaLink;
import io.nvmf.rdma.testing.MemoryRdmaProvider;
import io.nvmf.rdma.testing.MemoryRdmaSettings;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Covers;
import io.nvmf.testing.TrackingAllocator;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.DataAccount;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SendOutcome;
import io.nvmf.transport.SglSupport;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransferException;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.testkit.BytePattern;
import io.nvmf.transport.testkit.CapsuleRecorder;
import io.nvmf.transport.testkit.KitContext;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What a controller sends, and what it makes of a host that goes by the rules, or does not. */
class ControllerProtocolTest {

    private static final int QUEUE_SIZE = 8;
    private static final int LENGTH = 1000;
    private static final int KEYED = 0x40;
    private static final int KEYED_INVALIDATE = 0x4F;

    private final TrackingAllocator allocator = new TrackingAllocator();
    private final CapsuleRecorder<ReceivedCommand> commands = new CapsuleRecorder<>(Long.MAX_VALUE);
    private TransportOptions options = TransportOptions.none();
    private int readsIn = 16;
    private MemoryRdmaSettings settings = MemoryRdmaSettings.defaults().withAllocator(allocator);
    private DataAccount account;
    private MemoryRdmaProvider rdma;
    private TransportListener listener;
    private ControllerQueuePair controller;
    private RawPeer host;
    private ByteBuf memory;
    private RdmaWindow window;

    @AfterEach
    void everythingIsGivenBack() {
        host.connection().close().block(PATIENCE);
        controller.close().block(PATIENCE);
        listener.close().block(PATIENCE);
        onController(() -> {
            for (ReceivedCommand left = commands.poll(); left != null; left = commands.poll()) {
                left.release();
            }
            return true;
        });
        if (memory != null) {
            memory.release();
        }
        KitContext.eventually(() -> {
            allocator.assertNoLiveBuffers();
            return true;
        });
    }

    private void connect(int queueId) {
        rdma = new MemoryRdmaProvider(settings);
        CompletableFuture<ControllerQueuePair> accepted = new CompletableFuture<>();
        listener = new RdmaTransportProvider(rdma)
                .listen(TransportAddress.of("memory", 0), options, queuePair -> {
                    if (account != null) {
                        queuePair.account(account);
                    }
                    queuePair.commands().subscribe(commands);
                    accepted.complete(queuePair);
                })
                .block(PATIENCE);
        host = RawPeer.host(rdma, listener.address(), queueId, QUEUE_SIZE, readsIn);
        controller = Mono.fromFuture(accepted).block(PATIENCE);
    }

    private void expose(RdmaAccess access) {
        memory = access == RdmaAccess.REMOTE_READ
                ? BytePattern.buffer(host.connection().allocator(), 3, LENGTH)
                : BytePattern.destination(host.connection().allocator(), LENGTH);
        window = host.call(on -> on.expose(memory, 0, LENGTH, access));
    }

    private ReceivedCommand deliver(int commandId, int identifier) {
        host.send(
                RawPeer.command(1, commandId, identifier, window.address(), LENGTH, window.key(), 0),
                RdmaConnection.NO_KEY);
        return commands.next();
    }

    private <T> T onController(Callable<T> task) {
        return Mono.fromCallable(() -> controller.executor().submit(task).get())
                .subscribeOn(Schedulers.boundedElastic())
                .block(PATIENCE);
    }

    private void succeed(int commandId) {
        onController(() -> {
            controller.submit(ResponseCapsule.of(commandId, 0, 0, 0, 0));
            return true;
        });
    }

    private void assertControllerFoundError(String detail) {
        assertThat(controller.termination().block(PATIENCE))
                .isInstanceOfSatisfying(Termination.ProtocolError.class, error -> {
                    assertThat(error.detectedBy()).isEqualTo(Termination.Side.LOCAL);
                    assertThat(error.detail()).contains(detail);
                });
        assertThat(host.end()).isNotNull();
    }

    @Test
    void whatTheControllerTellsOfItself() {
        options = options.with(RdmaOptions.IN_CAPSULE_DATA, 4096);
        connect(0);

        assertThat(controller.sglSupport()).isEqualTo(new SglSupport(true, false, 4096));
    }

    @Test
    @Covers("The response invalidates the key where that is asked for, and no other")
    void aKeyIsInvalidatedWhereThatIsAskedFor() {
        connect(0);
        expose(RdmaAccess.REMOTE_WRITE);
        ReceivedCommand command = deliver(1, KEYED_INVALIDATE);

        SendOutcome outcome = onController(() -> command.send(0, BytePattern.buffer(allocator, 7, LENGTH)));
        succeed(1);

        assertThat(outcome).isEqualTo(SendOutcome.COMPLETE);
        assertThat(host.next().invalidated()).isEqualTo(window.key());
        assertThat(window.isOpen()).isFalse();
        BytePattern.verify(memory, 0, LENGTH, 7, 0);
        onController(() -> {
            command.release();
            return true;
        });
    }

    @Test
    @Covers("The response invalidates the key where that is asked for, and no other")
    void aKeyIsLeftAloneWhereNothingIsAskedFor() {
        connect(0);
        expose(RdmaAccess.REMOTE_WRITE);
        deliver(1, KEYED);
        succeed(1);

        assertThat(host.next().invalidated()).isEqualTo(RdmaConnection.NO_KEY);
    }

    @Test
    void aControllerToldNotToInvalidatesNothing() {
        options = options.with(RdmaOptions.REMOTE_INVALIDATION, false);
        connect(0);
        expose(RdmaAccess.REMOTE_WRITE);
        deliver(1, KEYED_INVALIDATE);
        succeed(1);

        assertThat(host.next().invalidated()).isEqualTo(RdmaConnection.NO_KEY);
    }

    @Test
    void aResponseWaitsForTheReadsOfItsCommandAlsoIfTheyWereCancelled() {
        connect(0);
        expose(RdmaAccess.REMOTE_READ);
        ReceivedCommand command = deliver(1, KEYED_INVALIDATE);
        MemoryRdmaLink link = rdma.links().get(0);
        link.hold(MemoryRdmaLink.End.ACCEPTOR);
        List<Throwable> errors = new CopyOnWriteArrayList<>();

        onController(() -> {
            Disposable read = command.receive(0, 100).subscribe(ByteBuf::release);
            read.dispose();
            command.release();
            controller.submit(ResponseCapsule.of(1, 0, 0, 0, 0));
            command.receive(100, 100).subscribe(ByteBuf::release, errors::add);
            return true;
        });
        KitContext.consistently(() -> host.waiting() == 0);
        link.release(MemoryRdmaLink.End.ACCEPTOR);

        assertThat(host.next().invalidated()).isEqualTo(window.key());
        assertThat(errors).singleElement().isInstanceOf(TransferException.class);
        List<Termination> ends = new CopyOnWriteArrayList<>();
        controller.termination().subscribe(ends::add);
        assertThat(ends).describedAs("the connection has survived it").isEmpty();
    }

    @Test
    @Covers("Reads of data come in any number of writes and any order, ahead of the response")
    void aResponseFollowsAllDataAlsoWhatDoesNotLeaveAtOnce() {
        connect(0);
        expose(RdmaAccess.REMOTE_WRITE);
        ReceivedCommand command = deliver(1, KEYED);

        onController(() -> {
            for (int part = 0; part < LENGTH; part++) {
                command.send(part, Unpooled.buffer(1).writeByte(7));
            }
            command.release();
            controller.submit(ResponseCapsule.of(1, 0, 0, 0, 0));
            return true;
        });

        host.next();
        assertThat(memory.forEachByte(0, LENGTH, octet -> octet == 7)).isEqualTo(-1);
    }

    @Test
    @Covers("Not more RDMA reads than the host serves at once")
    void noMoreReadsThanTheHostServesAtOnce() {
        readsIn = 2;
        connect(0);
        expose(RdmaAccess.REMOTE_READ);
        ReceivedCommand command = deliver(1, KEYED);
        AtomicInteger arrived = new AtomicInteger();

        onController(() -> {
            for (int part = 0; part < 10; part++) {
                int start = part * 100;
                command.receive(start, 100).subscribe(bytes -> {
                    BytePattern.verify(bytes, 0, 100, 3, start);
                    bytes.release();
                    arrived.incrementAndGet();
                });
            }
            return true;
        });

        KitContext.eventually(() -> arrived.get() == 10);
        assertThat(host.connection().limits().readsIn()).isEqualTo(2);
    }

    @Test
    @Covers(
            "A message is a capsule; one that is too short, or a response of another length than 16 bytes, ends the connection")
    void aCommandTooShortIsTheEnd() {
        connect(0);

        host.send(new byte[63], RdmaConnection.NO_KEY);

        assertControllerFoundError("a command of 63 bytes");
    }

    @Test
    @Covers("None on the admin queue, and on others not more than the controller takes")
    void inCapsuleDataBeyondWhatConnectAllowsIsTheEnd() {
        connect(1);
        onController(() -> {
            controller.configure(new ControllerQueuePairParameters(false, QUEUE_SIZE, true, 4096));
            return true;
        });

        host.send(RawPeer.command(1, 1, 1, 0, 4097, 0, 4097), RdmaConnection.NO_KEY);

        assertControllerFoundError("in-capsule data of 4097 bytes exceeds the limit of 4096");
    }

    @Test
    @Covers("None on the admin queue, and on others not more than the controller takes")
    void inCapsuleDataOnTheAdminQueueIsTheEnd() {
        connect(0);

        host.send(RawPeer.command(1, 1, 1, 0, 16, 0, 16), RdmaConnection.NO_KEY);

        assertThat(controller.termination().block(PATIENCE)).isInstanceOf(Termination.ProtocolError.class);
        assertThat(host.end()).isInstanceOf(RdmaEnd.ProtocolError.class);
    }

    @Test
    @Covers("Not more commands are outstanding than the controller has places for")
    void moreCommandsThanTheQueueHasEntriesAreTheEnd() {
        connect(0);

        for (int id = 0; id <= QUEUE_SIZE; id++) {
            host.send(RawPeer.command(0x18, id, KEYED, 0, 0, 0, 0), RdmaConnection.NO_KEY);
        }

        assertControllerFoundError("more commands than the 8 entries");
    }

    @Test
    @Covers("Connect is for the queue that the connection was made for")
    void connectingAnotherQueueThanTheConnectionIsForIsTheEnd() {
        connect(1);

        onController(() -> {
            controller.configure(new ControllerQueuePairParameters(true, QUEUE_SIZE, true, 0));
            return true;
        });

        assertControllerFoundError("for queue 1, and connects the admin queue");
    }

    @Test
    @Covers("A description of another kind is refused, and the connection goes on")
    void aDescriptionOfAnotherKindIsRefusedAndTheConnectionStays() {
        connect(0);
        host.send(RawPeer.command(1, 1, 0x5A, 0, LENGTH, 0, 0), RdmaConnection.NO_KEY);
        ReceivedCommand command = commands.next();

        assertThat(onController(() -> command.validate().is(StatusCode.SGL_DESCRIPTOR_TYPE_INVALID)))
                .isTrue();
        assertThat(onController(() -> command.send(0, BytePattern.buffer(allocator, 7, LENGTH))))
                .isInstanceOf(SendOutcome.Rejected.class);
        succeed(1);
        host.next();
    }

    @Test
    void capsulesWaitUntilThereIsMemoryForTheirData() {
        AtomicInteger taken = new AtomicInteger();
        List<Runnable> waiting = new CopyOnWriteArrayList<>();
        account = new DataAccount() {
            @Override
            public boolean takeInCapsule(int bytes, Runnable whenTaken) {
                if (waiting.isEmpty() && taken.get() == 0) {
                    waiting.add(whenTaken);
                    return false;
                }
                taken.addAndGet(bytes);
                return true;
            }

            @Override
            public void giveInCapsule(int bytes) {
                taken.addAndGet(-bytes);
            }

            @Override
            public void sent(int bytes) {}
        };
        connect(1);
        host.send(RawPeer.command(1, 1, 1, 0, 100, 0, 100), RdmaConnection.NO_KEY);
        host.send(RawPeer.command(0x18, 2, KEYED, 0, 0, 0, 0), RdmaConnection.NO_KEY);
        host.send(RawPeer.command(1, 3, 1, 0, 50, 0, 50), RdmaConnection.NO_KEY);
        KitContext.eventually(() -> !waiting.isEmpty());
        KitContext.consistently(() -> commands.count() == 0);

        onController(() -> {
            taken.addAndGet(100);
            waiting.get(0).run();
            return true;
        });

        for (int id = 1; id <= 3; id++) {
            ReceivedCommand command = commands.next();
            assertThat(onController(() -> command.entry().commandId())).isEqualTo(id);
            onController(() -> {
                command.release();
                return true;
            });
        }
        assertThat(taken).hasValue(0);
    }

    @Test
    void dataIsAccountedForUntilItHasLeftOrIsDropped() {
        AtomicInteger sent = new AtomicInteger();
        account = new DataAccount() {
            @Override
            public boolean takeInCapsule(int bytes, Runnable whenTaken) {
                return true;
            }

            @Override
            public void giveInCapsule(int bytes) {}

            @Override
            public void sent(int bytes) {
                sent.addAndGet(bytes);
            }
        };
        settings = MemoryRdmaSettings.defaults().withOwnMemory();
        connect(0);
        expose(RdmaAccess.REMOTE_WRITE);
        ReceivedCommand command = deliver(1, KEYED);

        onController(() -> {
            for (int part = 0; part < 100; part++) { // more than leave at once
                command.send(part, Unpooled.buffer(1).writeByte(part));
            }
            return true;
        });
        KitContext.eventually(() -> sent.get() == 100);
        for (int part = 0; part < 100; part++) {
            assertThat(memory.getByte(part)).isEqualTo((byte) part);
        }
        onController(() -> {
            for (int part = 100; part < 200; part++) {
                command.send(part, Unpooled.buffer(1).writeByte(part));
            }
            controller.close().subscribe();
            command.release();
            return true;
        });

        KitContext.eventually(() -> sent.get() == 200);
    }
}
