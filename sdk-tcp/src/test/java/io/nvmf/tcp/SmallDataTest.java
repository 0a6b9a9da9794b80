package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.WriteBufferWaterMark;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.ExhaustibleAllocator;
import io.nvmf.transport.CommandCapsule.Transfer;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.SendOutcome;
import io.nvmf.transport.Termination;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small data is copied behind its headers, so that a turn leaves as one buffer. */
class SmallDataTest {

    private static final int BLOCK = 4096;
    private static final int COUNT = 32;

    static Stream<Agreed> agreements() {
        return Stream.of(
                Agreed.PLAIN,
                Agreed.DIGESTS,
                new Agreed(true, false, 4, 4, 0, BLOCK),
                new Agreed(false, true, 4, 4, 0, BLOCK),
                new Agreed(true, true, 128, 128, 0, BLOCK));
    }

    private static EmbeddedHost host(Agreed agreed) {
        EmbeddedHost host = new EmbeddedHost(agreed, Fragmentation.MESSAGES);
        host.channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(256 * 1024, 1024 * 1024));
        return host;
    }

    private static byte[] data(int commandId) {
        return EmbeddedPair.pattern(commandId * BLOCK, BLOCK);
    }

    private static TestPdu[] inCapsules(int count) {
        TestPdu[] pdus = new TestPdu[count];
        for (int id = 0; id < count; id++) {
            pdus[id] = TestPdu.capsuleCmd(0x01, id, 0).inCapsule(data(id));
        }
        return pdus;
    }

    /** Submits them for the next turn. */
    private static List<Capsule> submit(EmbeddedHost host, int count) {
        List<Capsule> capsules = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            Capsule capsule = Capsule.send(id, data(id));
            capsules.add(capsule);
            host.queuePair.submit(capsule);
        }
        return capsules;
    }

    @ParameterizedTest
    @MethodSource("agreements")
    void inCapsuleDataOfOneTurnLeavesAsOneBuffer(Agreed agreed) {
        try (EmbeddedHost host = host(agreed)) {
            host.channel.copyWhatIsTaken();
            // In the second turn, the slab of the event loop is there from the beginning.
            for (int turn = 0; turn < 2; turn++) {
                List<Capsule> capsules = submit(host, COUNT);
                host.channel.runPendingTasks();

                assertThat(host.channel.outboundMessages()).hasSize(1);
                host.expectSent(inCapsules(COUNT));
                assertThat(capsules)
                        .allMatch(capsule -> capsule.bytes == BLOCK && capsule.error == null)
                        .allMatch(capsule -> capsule.events.equals(List.of("transmitted", "transferComplete")));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("agreements")
    void h2cDataOfOneTurnLeavesAsOneBuffer(Agreed agreed) {
        try (EmbeddedHost host = host(agreed)) {
            Capsule write = host.writing(1, 10 * BLOCK);
            byte[] data = EmbeddedPair.pattern(10 * BLOCK);

            host.receive(TestPdu.r2t(1, 7, 0, 10 * BLOCK));

            assertThat(host.channel.outboundMessages()).hasSize(1);
            List<TestPdu> pdus = new ArrayList<>();
            for (int at = 0; at < data.length; at += BLOCK) {
                byte[] piece = Arrays.copyOfRange(data, at, at + BLOCK);
                pdus.add(TestPdu.h2cData(1, 7, at, piece, at + BLOCK == data.length ? TestPdu.LAST : 0));
            }
            host.expectSent(pdus.toArray(TestPdu[]::new));
            assertThat(write.bytes).isEqualTo(10 * BLOCK);
            assertThat(write.error).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("agreements")
    void c2hDataAndResponsesOfOneTurnLeaveAsOneBuffer(Agreed agreed) {
        try (EmbeddedController controller = new EmbeddedController(agreed, Fragmentation.COALESCED)) {
            controller.channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(256 * 1024, 1024 * 1024));
            List<ReceivedCommand> reads = new ArrayList<>();
            List<TestPdu> pdus = new ArrayList<>();
            for (int id = 0; id < COUNT; id++) {
                reads.add(controller.command(0x02, id, BLOCK));
                pdus.add(TestPdu.c2hData(id, 0, data(id), TestPdu.LAST));
            }
            List<ByteBuf> sent = new ArrayList<>();

            controller.run(() -> {
                for (int id = 0; id < COUNT; id++) {
                    ByteBuf data = EmbeddedPair.buffer(data(id));
                    sent.add(data);
                    assertThat(reads.get(id).send(0, data)).isEqualTo(SendOutcome.COMPLETE);
                }
            });

            assertThat(controller.channel.outboundMessages()).hasSize(1);
            assertThat(sent).allMatch(data -> data.refCnt() == 0);
            controller.expectSent(pdus.toArray(TestPdu[]::new));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, PduWriter.MOST_COPIED, PduWriter.MOST_COPIED + 1})
    void isCopiedUpToTheBound(int length) {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES, 1 << 20)) {
            host.handshake();
            // With others before it, for which there is a large slab with room for any.
            submit(host, 8);
            host.submit(Capsule.send(8, EmbeddedPair.pattern(length)));

            assertThat(host.channel.outboundMessages()).hasSize(length <= PduWriter.MOST_COPIED ? 1 : 2);
            TestPdu[] pdus = Arrays.copyOf(inCapsules(8), 9);
            pdus[8] = TestPdu.capsuleCmd(0x01, 8, 0).inCapsule(EmbeddedPair.pattern(length));
            host.expectSent(pdus);
        }
    }

    @ParameterizedTest
    @MethodSource("agreements")
    void smallAndLargeDataLeaveInOrder(Agreed agreed) {
        try (EmbeddedHost host = new EmbeddedHost(agreed, Fragmentation.MESSAGES, 1 << 20)) {
            host.handshake();
            int[] lengths = {100, 50_000, BLOCK, BLOCK, PduWriter.MOST_COPIED + 1, PduWriter.MOST_COPIED, 7, 20_000};
            TestPdu[] pdus = new TestPdu[lengths.length];
            for (int i = 0; i < lengths.length; i++) {
                byte[] data = EmbeddedPair.pattern(i * 1000, lengths[i]);
                host.queuePair.submit(Capsule.send(i, data));
                pdus[i] = TestPdu.capsuleCmd(0x01, i, 0).inCapsule(data);
            }

            host.expectSent(pdus);
        }
    }

    @Test
    void countsForTheWaterMarkAlsoBeforeTheFlush() {
        try (EmbeddedHost host = host(Agreed.PLAIN)) {
            host.channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(BLOCK, 2 * BLOCK));
            host.channel.stall(true);

            List<Capsule> capsules = submit(host, 5);
            host.channel.runPendingTasks();

            // The second made it full.
            assertThat(capsules)
                    .extracting(capsule -> capsule.events.contains("transmitted"))
                    .containsExactly(true, true, false, false, false);
            host.channel.stall(false);
            host.expectSent(inCapsules(5));
        }
    }

    @Test
    void isInUseUntilTheSocketHasIt() {
        try (EmbeddedHost host = host(Agreed.PLAIN)) {
            host.channel.copyWhatIsTaken();
            host.channel.stallAfter(BLOCK);
            List<Capsule> capsules = submit(host, 2);
            ByteBuf data = capsules.get(0).data();
            host.channel.runPendingTasks();
            assertThat(capsules).noneMatch(Capsule::isDone);
            assertThat(data.refCnt()).isEqualTo(1);

            host.channel.stall(false);

            assertThat(capsules).allMatch(capsule -> capsule.bytes == BLOCK && capsule.error == null);
            assertThat(data.refCnt()).isZero();
            host.expectSent(inCapsules(2));
        }
    }

    /** The socket takes data late; who is told so sends the next. */
    @Test
    void dataThatIsSentWhileOtherDataLeavesIsNotLost() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.COALESCED)) {
            controller.channel.copyWhatIsTaken();
            ReceivedCommand first = controller.command(0x02, 0, 4 * BLOCK);
            ReceivedCommand second = controller.command(0x02, 4, BLOCK);
            ReceivedCommand third = controller.command(0x02, 5, BLOCK);
            controller.queuePair.account(new SentAccount(bytes -> {
                if (bytes == 4 * BLOCK) {
                    third.send(0, EmbeddedPair.buffer(data(5)));
                }
            }));
            controller.channel.stall(true);
            controller.run(() -> first.send(0, EmbeddedPair.buffer(EmbeddedPair.pattern(4 * BLOCK))));
            controller.run(() -> second.send(0, EmbeddedPair.buffer(data(4))));

            controller.channel.stall(false);

            controller.expectSent(
                    TestPdu.c2hData(0, 0, data(0), 0),
                    TestPdu.c2hData(0, BLOCK, data(1), 0),
                    TestPdu.c2hData(0, 2 * BLOCK, data(2), 0),
                    TestPdu.c2hData(0, 3 * BLOCK, data(3), TestPdu.LAST),
                    TestPdu.c2hData(4, 0, data(4), TestPdu.LAST),
                    TestPdu.c2hData(5, 0, data(5), TestPdu.LAST));
        }
    }

    @Test
    void leavesUncopiedWhereThereIsNoMemoryForCopies() {
        try (EmbeddedHost host = host(Agreed.DIGESTS)) {
            ExhaustibleAllocator none = new ExhaustibleAllocator();
            none.exhausted = true;
            host.channel.config().setAllocator(none);
            List<Capsule> capsules = submit(host, COUNT);
            List<ByteBuf> data = capsules.stream().map(Capsule::data).toList();
            host.channel.runPendingTasks();

            assertThat(host.channel.outboundMessages())
                    .anySatisfy(message -> assertThat(((ByteBuf) message).memoryAddress())
                            .isEqualTo(data.get(COUNT - 1).memoryAddress()));
            host.expectSent(inCapsules(COUNT));
            assertThat(capsules).allMatch(capsule -> capsule.bytes == BLOCK && capsule.error == null);
            assertThat(host.end()).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("agreements")
    void ofACommandThatCannotBeReadLeavesNothing(Agreed agreed) {
        try (EmbeddedHost host = host(agreed)) {
            submit(host, 3);
            Capsule broken = new Capsule(0x01, 3);
            ByteBuf data = EmbeddedPair.buffer(data(3));
            broken.attachData(Transfer.SEND, data, BLOCK);
            host.queuePair.submit(broken);
            data.capacity(BLOCK - 1);

            host.channel.runPendingTasks();

            host.expectSent(inCapsules(3));
            assertThat(host.end()).isInstanceOf(Termination.IoFailure.class);
            assertThat(broken.events).containsExactly("transferComplete");
        }
    }

    @Test
    void ofMemoryThatIsFreeAlreadyLeavesNothing() {
        try (EmbeddedHost host = host(Agreed.PLAIN)) {
            submit(host, 3);
            Capsule broken = new Capsule(0x01, 3) {
                @Override
                public void transferComplete(long moved, io.nvmf.transport.TransferException failure) {
                    bytes = moved;
                }
            };
            ByteBuf data = EmbeddedPair.buffer(data(3));
            broken.attachData(Transfer.SEND, data, BLOCK);
            host.queuePair.submit(broken);
            data.release();

            host.channel.runPendingTasks();

            host.expectSent(inCapsules(3));
            assertThat(host.end()).isInstanceOf(Termination.IoFailure.class);
            assertThat(broken.bytes).isZero();
        }
    }
}
