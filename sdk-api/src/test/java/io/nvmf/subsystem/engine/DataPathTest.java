package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static io.nvmf.subsystem.engine.TargetFixture.connectIo;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.nvmf.spec.FeatureId;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.loop.LoopConnection;
import io.nvmf.transport.loop.LoopTransport;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;

/** How data moves between host and store, with a store that the test answers for. */
class DataPathTest {

    private static final int SIZE = 16 << 20;
    private static final int PART = 128 * 1024;

    private final ScriptedStore store = new ScriptedStore(SIZE, BLOCK);
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final TargetFixture target = TargetFixture.start(
            new LoopTransport(LoopTransportOptions.defaults().withAllocator(allocator)),
            TargetOptions.DEFAULTS
                    .ioQueues(4)
                    .queueSize(64)
                    .inCapsuleData(8192)
                    .maxTransfer(0)
                    .controllers(4),
            Schedulers.parallel(),
            SubsystemOptions.of(SUBSYSTEM).namespace(1, store));
    private final TargetFixture.Admin admin = target.admin();
    private final RawQueue io = target.io(admin.controllerId(), 1, 0);

    @AfterEach
    void close() {
        store.answerEverything();
        target.close();
        assertThat(store.closed).isTrue();
        Awaitility.await().untilAsserted(() -> {
            assertThat(allocator.metric().usedDirectMemory()).isZero();
            assertThat(allocator.metric().usedHeapMemory()).isZero();
        });
    }

    private static byte[] random(int length) {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        return data;
    }

    private void awaitCalls(String... expected) {
        Awaitility.await().untilAsserted(() -> assertThat(store.log()).containsExactly(expected));
    }

    @Test
    void smallWriteIsOneCallAndTheResponseWaitsForIt() {
        byte[] data = random(4096);
        io.send(RawCommand.write(8, 8, data));

        awaitCalls("write 4096+4096");
        assertThat(store.last().data()).isEqualTo(data);
        assertThat(io.silent()).isTrue();
        store.last().done();
        assertThat(io.next().status()).isEqualTo(Status.SUCCESS);
    }

    @Test
    void hostDataIsFetchedAtThePaceOfTheStore() {
        byte[] data = random(5 * PART + BLOCK);
        RawCommand write = RawCommand.write(0, data.length / BLOCK, data);
        io.send(write);

        awaitCalls("write 0+131072", "write 131072+131072");
        store.calls.get(1).done();
        awaitCalls("write 0+131072", "write 131072+131072", "write 262144+131072");
        store.calls.get(0).done();
        store.calls.get(2).done();
        Awaitility.await().until(() -> store.calls.size() == 5);
        assertThat(write.transferEnded()).isFalse();
        store.calls.get(3).done();
        store.calls.get(4).done();
        Awaitility.await().until(() -> store.calls.size() == 6);
        assertThat(io.silent()).isTrue();
        store.last().done();

        assertThat(io.next().status()).isEqualTo(Status.SUCCESS);
        byte[] stored = new byte[data.length];
        store.calls.forEach(call -> System.arraycopy(call.data(), 0, stored, (int) call.offset(), call.length()));
        assertThat(stored).isEqualTo(data);
    }

    @Test
    void readsGoOutInPartsAsTheStoreGivesThem() {
        byte[] data = random(2 * PART + BLOCK);
        RawCommand read = RawCommand.read(0, data.length / BLOCK, data.length);
        io.send(read);

        awaitCalls("read 0+131072");
        store.last().read(Arrays.copyOf(data, PART));
        awaitCalls("read 0+131072", "read 131072+131072");
        store.last().read(Arrays.copyOfRange(data, PART, 2 * PART));
        awaitCalls("read 0+131072", "read 131072+131072", "read 262144+512");
        assertThat(io.silent()).isTrue();
        store.last().read(Arrays.copyOfRange(data, 2 * PART, data.length));

        assertThat(io.next().status()).isEqualTo(Status.SUCCESS);
        assertThat(read.received()).isEqualTo(data);
    }

    @Test
    void slowHostStopsTheReading() {
        LoopConnection connection = connection(io);
        connection.hold(LoopConnection.Direction.TO_HOST);
        int length = 4 << 20;
        RawCommand read = RawCommand.read(0, length / BLOCK, length);
        io.send(read);

        int answered = 0;
        while (answered < 8) {
            int next = answered;
            Awaitility.await().until(() -> store.calls.size() > next);
            store.calls.get(answered++).read(new byte[PART]);
        }
        // A mebibyte is under way, no more is read until the host takes it.
        Awaitility.await().during(Duration.ofMillis(50)).until(() -> store.calls.size() == 8);
        connection.release(LoopConnection.Direction.TO_HOST);
        while (answered < length / PART) {
            int next = answered;
            Awaitility.await().until(() -> store.calls.size() > next);
            store.calls.get(answered++).read(new byte[PART]);
        }
        assertThat(io.next().status()).isEqualTo(Status.SUCCESS);
        assertThat(read.received()).hasSize(length);
    }

    @Test
    @Covers("A store that fails is answered with a status of type 2")
    void storeThatFailsIsAnsweredWithAMediaError() {
        io.send(RawCommand.write(0, 1, new byte[BLOCK]));
        awaitCalls("write 0+512");
        store.last().fail();
        assertThat(io.next().status()).isEqualTo(Status.of(StatusCode.WRITE_FAULT));

        io.send(RawCommand.read(0, 1, BLOCK));
        Awaitility.await().until(() -> store.calls.size() == 2);
        store.last().fail();
        assertThat(io.next().status()).isEqualTo(Status.of(StatusCode.UNRECOVERED_READ_ERROR));

        io.send(RawCommand.opcode(NvmOpcode.FLUSH, 1));
        Awaitility.await().until(() -> store.calls.size() == 3);
        store.last().fail();
        assertThat(io.next().status()).isEqualTo(Status.of(StatusCode.WRITE_FAULT));
    }

    @Test
    void errorAfterPartOfAReadEndsItWithThatError() {
        RawCommand read = RawCommand.read(0, 3 * PART / BLOCK, 3 * PART);
        io.send(read);
        awaitCalls("read 0+131072");
        store.last().read(new byte[PART]);
        Awaitility.await().until(() -> store.calls.size() == 2);
        store.last().fail();

        assertThat(io.next().status()).isEqualTo(Status.of(StatusCode.UNRECOVERED_READ_ERROR));
        assertThat(read.received()).hasSize(PART);
        assertThat(store.calls).hasSize(2);
    }

    @Test
    void storeThatReadsTooLittleIsAnError() {
        io.send(RawCommand.read(0, 2, 2 * BLOCK));
        awaitCalls("read 0+1024");
        store.last().read(new byte[BLOCK]);

        assertThat(io.next().status()).isEqualTo(Status.of(StatusCode.UNRECOVERED_READ_ERROR));
    }

    @Test
    void noMoreIsFetchedAfterAFailedPart() {
        byte[] data = random(8 * PART);
        io.send(RawCommand.write(0, data.length / BLOCK, data));
        Awaitility.await().until(() -> store.calls.size() == 2);

        store.calls.get(0).fail();
        store.calls.get(1).done();

        assertThat(io.next().status()).isEqualTo(Status.of(StatusCode.WRITE_FAULT));
        assertThat(store.calls).hasSize(2);
    }

    @Test
    void damagedDataFailsTheCommandAndTheQueueGoesOn() {
        connection(io).damageNextData(LoopConnection.Direction.TO_CONTROLLER);

        ResponseCapsule response = io.run(RawCommand.write(0, 32, new byte[32 * BLOCK]));

        assertThat(response.status()).isEqualTo(Status.of(StatusCode.TRANSIENT_TRANSPORT_ERROR));
        assertThat(store.calls).isEmpty();
        io.refuse(RawCommand.opcode(0xFF, 1), StatusCode.INVALID_COMMAND_OPCODE, true);
    }

    @Test
    @Covers("FUA is durable before the response")
    void forcedUnitAccessFlushesBeforeTheResponse() {
        io.send(RawCommand.blocks(NvmOpcode.WRITE, 1, 0, 1, ReadWriteCommand.FUA)
                .sending(new byte[BLOCK]));
        awaitCalls("write 0+512");
        store.last().done();
        awaitCalls("write 0+512", "flush 0+0");
        assertThat(io.silent()).isTrue();
        store.last().done();

        assertThat(io.next().status()).isEqualTo(Status.SUCCESS);
    }

    @Test
    @Covers("Turned off, every write is durable")
    void everyWriteIsFlushedWhenTheHostTurnsTheWriteCacheOff() {
        admin.queue().succeed(RawCommand.setFeature(FeatureId.VOLATILE_WRITE_CACHE, 0));
        io.send(RawCommand.write(0, 1, new byte[BLOCK]));
        awaitCalls("write 0+512");
        store.last().done();
        awaitCalls("write 0+512", "flush 0+0");
        store.last().done();
        assertThat(io.next().status()).isEqualTo(Status.SUCCESS);
    }

    @Test
    void zerosAreWrittenInPartsToAStoreThatHasNoBetterWay() {
        io.send(RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 1, PART / BLOCK + 1, 0));
        awaitCalls("write 512+131072");
        assertThat(store.last().data()).containsOnly(0);
        store.last().done();
        awaitCalls("write 512+131072", "write 131584+512");
        store.last().done();
        assertThat(io.next().status()).isEqualTo(Status.SUCCESS);
    }

    @Test
    @Covers("More commands than the queue has room for end it, at the controller")
    void oneCommandMoreThanTheQueueHoldsEndsTheAssociation() {
        for (int i = 0; i < 16; i++) {
            io.send(RawCommand.opcode(NvmOpcode.FLUSH, 1));
        }
        Awaitility.await().until(() -> store.calls.size() == 16);
        assertThat(target.server.controllers()).isOne();

        io.send(RawCommand.opcode(NvmOpcode.FLUSH, 1));

        assertThat(io.termination()).isEqualTo(new Termination.Closed(Termination.Side.REMOTE));
        admin.queue().termination();
        assertThat(target.server.controllers()).isZero();
        assertThat(store.calls).hasSize(16);
    }

    @Test
    void memoryForDataUnderWayIsBoundedPerQueue() {
        RawQueue deep = target.open(false);
        deep.succeed(connectIo(2, admin.controllerId(), 64, 0));
        int length = 2 * PART;
        for (int i = 0; i < 40; i++) {
            deep.send(RawCommand.write((long) i * length / BLOCK, length / BLOCK, new byte[length]));
        }
        // 80 parts are wanted, 64 fit into 8 MiB; another queue has memory of its own.
        Awaitility.await().until(() -> store.calls.size() == 64);
        io.send(RawCommand.write(0, 1, new byte[BLOCK]));
        Awaitility.await().until(() -> store.calls.size() == 65);
        assertThat(store.last().length()).isEqualTo(BLOCK);

        for (int answered = 0; answered < 81; answered++) {
            int next = answered;
            Awaitility.await().until(() -> store.calls.size() > next);
            store.calls.get(answered).done();
        }
        for (int i = 0; i < 40; i++) {
            assertThat(deep.next().status()).isEqualTo(Status.SUCCESS);
        }
        assertThat(io.next().status()).isEqualTo(Status.SUCCESS);
    }

    @Test
    void connectionCutInTheMiddleReleasesEverythingOnceTheStoreIsDone() {
        byte[] data = random(8 * PART);
        io.send(RawCommand.write(0, data.length / BLOCK, data));
        io.send(RawCommand.read(0, PART / BLOCK, PART));
        Awaitility.await().until(() -> store.calls.size() == 3);

        connection(io).cut();

        admin.queue().termination();
        Awaitility.await().until(() -> target.server.controllers() == 0);
        store.calls.forEach(call -> {
            if (call.what().equals("read")) {
                call.read(new byte[PART]);
            } else {
                call.done();
            }
        });
        Awaitility.await().until(() -> target.server.connections() == 0);
        assertThat(store.calls).hasSize(3);
    }

    @Test
    void connectionCutWhileDataIsFetchedReleasesEverything() {
        LoopConnection connection = connection(io);
        connection.hold(LoopConnection.Direction.TO_HOST);
        byte[] data = random(8 * PART);
        io.send(RawCommand.write(0, data.length / BLOCK, data));
        io.send(RawCommand.opcode(NvmOpcode.FLUSH, 1));
        Awaitility.await().until(() -> store.calls.size() == 1);
        store.last().done();

        connection.cut();

        Awaitility.await().until(() -> target.server.connections() == 0);
        assertThat(store.calls).hasSize(1);
    }

    @Test
    void closeLetsCommandsFinish() {
        io.send(RawCommand.write(0, 1, new byte[BLOCK]));
        awaitCalls("write 0+512");
        Thread answer = new Thread(() -> {
            Awaitility.await().during(Duration.ofMillis(50)).until(() -> true);
            store.last().done();
            Awaitility.await().until(() -> store.calls.size() == 2);
            store.last().done();
        });
        answer.start();

        target.server.close().block(RawQueue.PATIENCE);

        assertThat(io.next().status()).isEqualTo(Status.SUCCESS);
        assertThat(io.termination()).isEqualTo(new Termination.Closed(Termination.Side.REMOTE));
        assertThat(store.log()).containsExactly("write 0+512", "flush 0+0");
        assertThat(store.closed).isTrue();
    }

    @Test
    void ioQueueThatJoinsLateStillWorks() {
        RawQueue second = target.open(false);
        second.succeed(connectIo(2, admin.controllerId(), 2, 0));
        second.send(RawCommand.read(0, 1, BLOCK));
        awaitCalls("read 0+512");
        store.last().read(new byte[BLOCK]);
        assertThat(second.next().status()).isEqualTo(Status.SUCCESS);
    }

    private LoopConnection connection(RawQueue queue) {
        return target.transport.connections().stream()
                .filter(connection -> connection.host() == queue.queuePair())
                .findFirst()
                .orElseThrow();
    }
}
