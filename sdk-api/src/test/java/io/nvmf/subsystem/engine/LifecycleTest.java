package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.StatusCode;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.ZeroWriter;
import io.nvmf.testing.Covers;
import io.nvmf.transport.Termination;
import io.nvmf.transport.loop.LoopConnection;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class LifecycleTest {

    private final TargetFixture target = TargetFixture.start();
    private final TargetFixture.Admin admin = target.admin();

    @AfterEach
    void close() {
        target.close();
    }

    private LoopConnection connection(RawQueue queue) {
        return target.transport.connections().stream()
                .filter(connection -> connection.host() == queue.queuePair())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void hostThatVanishesLeavesNothingBehind() {
        RawQueue first = target.io(admin.controllerId(), 1, 0);
        RawQueue second = target.io(admin.controllerId(), 2, 0);
        admin.queue().send(RawCommand.awaitEvent());

        connection(admin.queue()).cut();

        first.termination();
        second.termination();
        await().until(() -> target.server.connections() == 0 && target.server.controllers() == 0);
    }

    @Test
    void theNextControllerHasAnotherIdentifierThanTheOneThatHasJustGone() {
        int first = admin.controllerId();
        connection(admin.queue()).cut();
        await().until(() -> target.server.controllers() == 0);

        assertThat(target.admin().controllerId()).isNotEqualTo(first).isPositive();
    }

    @Test
    @Covers("A host that closes or resets an idle I/O queue keeps the others, as Linux hosts do")
    void ioQueueClosedInOrderOrResetWhileIdleIsAllThatEnds() {
        RawQueue closed = target.io(admin.controllerId(), 1, 0);
        RawQueue reset = target.io(admin.controllerId(), 2, 0);

        closed.close();
        connection(reset).cut();

        await().until(() -> target.server.connections() == 1);
        admin.queue().succeed(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0));
    }

    @Test
    void protocolErrorOnOneQueueEndsTheAssociation() {
        RawQueue broken = target.io(admin.controllerId(), 1, 0);
        RawQueue other = target.io(admin.controllerId(), 2, 0);
        Termination error = new Termination.ProtocolError(
                Termination.Side.LOCAL, 1, 0, "broken on purpose", ByteBuffer.allocate(8));

        connection(broken).cut(new Termination.PeerReset("cut"), error);

        other.termination();
        admin.queue().termination();
        await().until(() -> target.server.controllers() == 0);
    }

    @Test
    void storeThatThrowsFailsTheCommandsOnly() {
        BlockStore memory = BlockStore.memory(1 << 20, BLOCK);
        BlockStore throwing = new DelegatingBlockStore(memory) {
            @Override
            public Mono<ByteBuf> read(long offset, int length) {
                throw new IllegalStateException("thrown on purpose");
            }

            @Override
            public Mono<Void> write(long offset, ByteBuf data) {
                throw new IllegalStateException("thrown on purpose");
            }

            @Override
            public Mono<Void> writeZeroes(long offset, long length) {
                return ZeroWriter.write(this, offset, length);
            }

            @Override
            public Mono<Void> deallocate(long offset, long length) {
                throw new IllegalStateException("thrown on purpose");
            }
        };
        try (TargetFixture careless = TargetFixture.with(throwing)) {
            RawQueue io = careless.io();
            io.refuse(RawCommand.read(0, 1, BLOCK), StatusCode.UNRECOVERED_READ_ERROR, false);
            io.refuse(RawCommand.write(0, 1, new byte[BLOCK]), StatusCode.WRITE_FAULT, false);
            io.refuse(RawCommand.write(0, 64, new byte[64 * BLOCK]), StatusCode.WRITE_FAULT, false);
            io.refuse(RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 0, 1, 0), StatusCode.WRITE_FAULT, false);
            byte[] range = new byte[16];
            range[4] = 1;
            io.refuse(
                    RawCommand.opcode(NvmOpcode.DATASET_MANAGEMENT, 1)
                            .with(entry -> entry.cdw11(4))
                            .sending(range),
                    StatusCode.WRITE_FAULT,
                    false);
            io.succeed(RawCommand.opcode(NvmOpcode.FLUSH, 1));
        }
    }

    @Test
    void closedTargetAcceptsNobody() {
        target.server.close().block(RawQueue.PATIENCE);
        target.server.close().block(RawQueue.PATIENCE);
        target.server.onClose().block(RawQueue.PATIENCE);

        assertThat(admin.queue().termination()).isEqualTo(new Termination.Closed(Termination.Side.REMOTE));
        assertThatThrownBy(() -> target.open(true)).hasRootCauseInstanceOf(ConnectException.class);
    }

    @Test
    void storeKeptOpenOutlivesItsTarget() {
        BlockStore memory = BlockStore.memory(1 << 20, BLOCK);
        byte[] data = new byte[BLOCK];
        data[7] = 7;
        try (TargetFixture first = TargetFixture.with(memory.keepOpen())) {
            first.io().succeed(RawCommand.write(5, 1, data));
        }
        try (TargetFixture second = TargetFixture.with(memory.keepOpen())) {
            RawCommand read = RawCommand.read(5, 1, BLOCK);
            second.io().succeed(read);
            assertThat(read.received()).isEqualTo(data);
        }
        assertThatThrownBy(() ->
                        SubsystemOptions.of(SUBSYSTEM).namespace(1, memory).namespace(1, memory))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nsid 1");
    }
}
