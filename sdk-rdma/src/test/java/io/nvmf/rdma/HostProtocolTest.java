package io.nvmf.rdma;

import static io.nvmf.transport.testkit.CapsuleRecorder.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.rdma.testing.MemoryRdmaProvider;
import io.nvmf.rdma.testing.MemoryRdmaSettings;
import io.nvmf.testing.Covers;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.testing.TrackingAllocator;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SglSupport;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransferException;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.testkit.BytePattern;
import io.nvmf.transport.testkit.CapsuleRecorder;
import io.nvmf.transport.testkit.KitContext;
import io.nvmf.transport.testkit.RecordingCapsule;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What a host sends, and what it makes of a controller that goes by the rules, or does not. */
class HostProtocolTest {

    private static final int QUEUE_SIZE = 32;
    private static final int LARGE = 50_000;

    private final TrackingAllocator allocator = new TrackingAllocator();
    private final CapsuleRecorder<ResponseCapsule> responses = new CapsuleRecorder<>(Long.MAX_VALUE);
    private MemoryRdmaSettings settings = MemoryRdmaSettings.defaults().withAllocator(allocator);
    private TransportOptions options = TransportOptions.none();
    private int places = QUEUE_SIZE;
    private RdmaListener listener;
    private HostQueuePair host;
    private RawPeer controller;

    @AfterEach
    void everythingIsGivenBack() {
        if (host != null) {
            host.close().block(PATIENCE);
        }
        if (controller != null) {
            controller.connection().close().block(PATIENCE);
        }
        if (listener != null) {
            listener.close().block(PATIENCE);
        }
        KitContext.eventually(() -> {
            allocator.assertNoLiveBuffers();
            return true;
        });
    }

    private void connect(boolean admin) {
        MemoryRdmaProvider rdma = new MemoryRdmaProvider(settings);
        CompletableFuture<RawPeer> accepted = new CompletableFuture<>();
        listener = rdma.listen(
                        TransportAddress.of("memory", 0),
                        TransportOptions.none(),
                        incoming -> incoming.accept(
                                        new CmAccept(places).encode(), new RdmaLimits(1000, QUEUE_SIZE, 16_448, 0, 16))
                                .subscribe(connection -> accepted.complete(RawPeer.on(connection))))
                .block(PATIENCE);
        host = new RdmaTransportProvider(rdma)
                .connect(TestQueuePairs.parameters(listener.address(), admin, 8192)
                        .queueSize(QUEUE_SIZE)
                        .options(options)
                        .build())
                .block(PATIENCE);
        host.responses().subscribe(responses);
        controller = Mono.fromFuture(accepted).block(PATIENCE);
    }

    @Test
    void dataIsInMemoryWithAKey() {
        connect(false);

        assertThat(host.sglSupport()).isEqualTo(new SglSupport(true, false, 8192));
    }

    private <C extends RecordingCapsule> C submit(C capsule) {
        host.executor().execute(() -> host.submit(capsule));
        return capsule;
    }

    private RecordingCapsule write(int commandId, int length) {
        return RecordingCapsule.send(commandId, BytePattern.buffer(allocator, commandId, length));
    }

    private RecordingCapsule read(int commandId, int length) {
        return RecordingCapsule.receive(commandId, BytePattern.destination(allocator, length));
    }

    private void assertHostFoundError(String detail) {
        assertThat(host.termination().block(PATIENCE))
                .isInstanceOfSatisfying(Termination.ProtocolError.class, error -> {
                    assertThat(error.detectedBy()).isEqualTo(Termination.Side.LOCAL);
                    assertThat(error.detail()).contains(detail);
                });
        assertThat(controller.end()).isNotNull();
    }

    private static void assertAborted(RecordingCapsule capsule) {
        RecordingCapsule.TransferEnd end = capsule.awaitTransferEnd();
        assertThat(end.bytes()).isZero();
        assertThat(end.error().kind()).isEqualTo(TransferException.Kind.ABORTED);
    }

    @Test
    @Covers(
            "Keyed data block with address, 24-bit length and key; sub-type Fh asks for the key to be invalidated; empty without data")
    void aCommandWithoutDataHasAnEmptyKeyedBlock() {
        connect(true);

        submit(new RecordingCapsule(0x18, 5));

        RawPeer.Message command = controller.next();
        assertThat(command.bytes()).hasSize(64);
        assertThat(command.bytes()[1]).isEqualTo((byte) 0x40);
        assertThat(command.sgl()).isEqualTo("00".repeat(15) + "40");
    }

    @Test
    @Covers("None on the admin queue, and on others not more than the controller takes")
    void dataOfAnAdminCommandIsNeverWithinTheCapsule() {
        connect(true);

        submit(write(1, 100));

        RawPeer.Message command = controller.next();
        assertThat(command.bytes()).hasSize(64);
        assertThat(command.identifier()).isEqualTo(0x4F);
    }

    @Test
    @Covers("None on the admin queue, and on others not more than the controller takes")
    void smallDataOfAnIoCommandIsWithinTheCapsuleAndEndsWhenItIsSent() {
        connect(false);

        RecordingCapsule capsule = submit(write(1, 100));

        RawPeer.Message command = controller.next();
        assertThat(command.bytes()).hasSize(164);
        assertThat(command.sgl()).isEqualTo("0000000000000000" + "64000000" + "00000001");
        ByteBuf data = Unpooled.wrappedBuffer(command.bytes());
        BytePattern.verify(data, 64, 100, 1, 0);
        assertThat(capsule.awaitTransferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(100, null));
        controller.respond(1, RdmaConnection.NO_KEY);
        assertThat(responses.next().isSuccess()).isTrue();
    }

    @Test
    void withoutRemoteInvalidationTheKeyIsNotOffered() {
        options = options.with(RdmaOptions.REMOTE_INVALIDATION, false);
        connect(true);

        submit(read(1, 100));

        assertThat(controller.next().identifier()).isEqualTo(0x40);
    }

    @Test
    void theKeyIsOfferedWhereNothingElseTakesTheMemoryBack() {
        options = options.with(RdmaOptions.REMOTE_INVALIDATION, false);
        settings = settings.withoutRevoking();
        connect(true);

        submit(read(1, 100));

        assertThat(controller.next().identifier()).isEqualTo(0x4F);
    }

    @Test
    @Covers("Reads of data come in any number of writes and any order, ahead of the response")
    void aReadMayBeWrittenInAnyNumberOfPartsAndAnyOrder() {
        connect(true);
        byte[] seen = new byte[1000];
        RecordingCapsule capsule = read(1, 1000);
        ByteBuf home = capsule.data();
        home.retain();
        submit(capsule);
        RawPeer.Message command = controller.next();

        for (int part = 99; part >= 0; part--) {
            byte[] bytes = new byte[10];
            Arrays.fill(bytes, (byte) part);
            controller.write(bytes, command.address() + part * 10L, command.key());
        }
        controller.respond(1, command.key());

        assertThat(responses.next().commandId()).isEqualTo(1);
        assertThat(capsule.awaitTransferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(1000, null));
        home.getBytes(0, seen);
        home.release();
        for (int i = 0; i < 1000; i++) {
            assertThat(seen[i]).isEqualTo((byte) (i / 10));
        }
    }

    @Test
    @Covers("An invalidation that is missing is made up for; of a key that is not the command's it ends the connection")
    void aMissingInvalidationIsMadeUpFor() {
        connect(true);
        RecordingCapsule capsule = submit(read(1, 100));
        RawPeer.Message command = controller.next();

        controller.respond(1, RdmaConnection.NO_KEY);

        responses.next();
        assertThat(capsule.awaitTransferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(100, null));
        controller.write(new byte[10], command.address(), command.key());
        assertThat(controller.end()).describedAs("the window is closed").isInstanceOf(RdmaEnd.ProtocolError.class);
    }

    @Test
    void aMissingInvalidationThatCannotBeMadeUpForIsTheEnd() {
        settings = settings.withoutRevoking();
        connect(true);
        RecordingCapsule capsule = submit(read(1, 100));
        controller.next();

        controller.respond(1, RdmaConnection.NO_KEY);

        assertHostFoundError("has not invalidated its key");
        assertAborted(capsule);
        assertThat(responses.count()).isZero();
    }

    @Test
    @Covers("An invalidation that is missing is made up for; of a key that is not the command's it ends the connection")
    void anInvalidationOfAnotherCommandsKeyIsTheEnd() {
        connect(true);
        RecordingCapsule first = submit(read(1, 100));
        RecordingCapsule second = submit(read(2, 100));
        controller.next();
        RawPeer.Message other = controller.next();

        controller.respond(1, other.key());

        assertHostFoundError("is not that command's");
        assertAborted(first);
        assertAborted(second);
    }

    @Test
    @Covers("An invalidation that is missing is made up for; of a key that is not the command's it ends the connection")
    void anInvalidationForACommandWithoutDataIsTheEnd() {
        connect(true);
        submit(new RecordingCapsule(0x18, 1));
        RecordingCapsule second = submit(read(2, 100));
        controller.next();
        RawPeer.Message other = controller.next();

        controller.respond(1, other.key());

        assertHostFoundError("is not that command's");
        assertAborted(second);
    }

    @Test
    @Covers(
            "A message is a capsule; one that is too short, or a response of another length than 16 bytes, ends the connection")
    void aResponseOfAnotherLengthIsTheEnd() {
        connect(true);
        RecordingCapsule capsule = submit(read(1, 100));
        controller.next();

        controller.send(new byte[15], RdmaConnection.NO_KEY);

        assertHostFoundError("a response of 15 bytes");
        assertAborted(capsule);
    }

    @Test
    void aResponseThatFailsReportsNothingMoved() {
        connect(true);
        RecordingCapsule capsule = submit(write(1, LARGE));
        RawPeer.Message command = controller.next();
        byte[] entry = new byte[16];
        entry[12] = 1;
        entry[14] = 4; // Invalid Field

        controller.send(entry, command.key());

        assertThat(responses.next().isSuccess()).isFalse();
        assertThat(capsule.awaitTransferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(0, null));
    }

    @Test
    @Covers("Not more commands are outstanding than the controller has places for")
    void noMoreCommandsLeaveThanTheControllerHasPlacesFor() {
        places = 4;
        connect(true);
        for (int id = 0; id < 10; id++) {
            submit(new RecordingCapsule(0x18, id));
        }

        KitContext.eventually(() -> controller.waiting() == 4);
        KitContext.consistently(() -> controller.waiting() == 4);
        for (int id = 0; id < 10; id++) {
            assertThat(controller.next().commandId()).isEqualTo(id);
            controller.respond(id, RdmaConnection.NO_KEY);
            assertThat(responses.next().commandId()).isEqualTo(id);
        }
    }

    @Test
    void aCommandThatWaitsForAPlaceCanBeWithdrawn() {
        places = 1;
        connect(true);
        submit(new RecordingCapsule(0x18, 1));
        RecordingCapsule waiting = submit(read(2, 100));
        controller.next();

        boolean withdrawn = Mono.fromCallable(() ->
                        host.executor().submit(() -> host.withdraw(waiting)).get())
                .subscribeOn(Schedulers.boundedElastic())
                .block(PATIENCE);

        assertThat(withdrawn).isTrue();
        assertAborted(waiting);
        controller.respond(1, RdmaConnection.NO_KEY);
        responses.next();
        submit(new RecordingCapsule(0x18, 3));
        assertThat(controller.next().commandId()).isEqualTo(3);
    }

    @Test
    void dataTooLongForABlockIsRefused() {
        connect(true);
        ByteBuf data = Unpooled.buffer(KeyedSgl.MAX_LENGTH + 1).writerIndex(KeyedSgl.MAX_LENGTH + 1);
        RecordingCapsule capsule = RecordingCapsule.send(1, data);

        assertThat(host.maxTransferSize()).isEqualTo(KeyedSgl.MAX_LENGTH);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> host.transmit(capsule).block(PATIENCE))
                .withMessageContaining("16777216");
        data.release();
    }

    @Test
    void foreignMemoryIsCopiedWithinABound() {
        settings = MemoryRdmaSettings.defaults().withOwnMemory();
        options = options.with(RdmaOptions.BOUNCE_MEMORY, 2 * LARGE);
        connect(true);
        ByteBuf home = Unpooled.buffer(LARGE).setZero(0, LARGE);
        RecordingCapsule first = submit(RecordingCapsule.receive(1, home.retain()));
        for (int id = 2; id < 5; id++) {
            submit(RecordingCapsule.receive(id, Unpooled.buffer(LARGE)));
        }
        RawPeer.Message command = controller.next();
        KitContext.eventually(() -> controller.waiting() == 1);
        KitContext.consistently(() -> controller.waiting() == 1);

        controller.write(new byte[] {1, 2, 3}, command.address() + LARGE - 3, command.key());
        controller.respond(1, command.key());

        responses.next();
        assertThat(first.awaitTransferEnd().bytes()).isEqualTo(LARGE);
        assertThat(home.getMedium(LARGE - 3)).isEqualTo(0x010203);
        assertThat(home.getByte(LARGE - 4))
                .describedAs("not written, as it was")
                .isZero();
        home.release();
        KitContext.eventually(() -> controller.waiting() == 2);
    }

    @Test
    void copiesCanBeGivenUp() {
        settings = MemoryRdmaSettings.defaults().withOwnMemory();
        connect(true);
        ByteBuf home = Unpooled.buffer(100).setZero(0, 100);
        RecordingCapsule capsule = submit(RecordingCapsule.receive(1, home.retain()));
        RawPeer.Message command = controller.next();

        CompletableFuture<Boolean> discards = new CompletableFuture<>();
        host.executor().execute(() -> discards.complete(host.discardData(capsule)));
        assertThat(Mono.fromFuture(discards).block(PATIENCE)).isTrue();
        controller.write(new byte[] {1, 2, 3}, command.address(), command.key());
        controller.respond(1, command.key());

        responses.next();
        assertThat(capsule.awaitTransferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(100, null));
        assertThat(home.getMedium(0)).isZero();
        home.release();
    }
}
