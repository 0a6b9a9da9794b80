package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.TransferException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;

/** R2T: how a controller asks for data, and what a host lets it ask for. */
class R2tTest {

    @Test
    void bytes() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            ReceivedCommand command = controller.command(0x01, 0x1234, 0x10000);
            command.receive(0x100, 0x2000).subscribe(ByteBuf::release, error -> {});

            assertThat(EmbeddedPair.hex(controller.sent()))
                    .isEqualTo("09001800" + "18000000" + "3412" + "0100" + "00010000" + "00200000" + "00000000");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    @Covers({"Not more R2Ts of a command than MAXR2T + 1 are open", "Never more under way than the host allows"})
    void neverMoreAreOpenThanTheHostAllows(int maxR2t) {
        try (EmbeddedController controller =
                new EmbeddedController(Agreed.DIGESTS.withMaxR2t(maxR2t), Fragmentation.MESSAGES)) {
            ReceivedCommand command = controller.command(0x01, 3, 1000);
            List<Integer> arrived = new ArrayList<>();
            for (int part = 0; part < 10; part++) {
                int number = part;
                command.receive(part * 100L, 100)
                        .subscribe(
                                bytes -> {
                                    assertThat(bytes.getByte(0)).isEqualTo((byte) number);
                                    bytes.release();
                                    arrived.add(number);
                                },
                                error -> {});
            }

            int open = maxR2t + 1;
            TestPdu[] first = new TestPdu[open];
            for (int i = 0; i < open; i++) {
                first[i] = TestPdu.r2t(3, i + 1, i * 100L, 100);
            }
            controller.expectSent(first);
            int[] tags = new int[10];
            for (int i = 0; i < open; i++) {
                tags[i] = i + 1;
            }
            for (int i = 0; i < 10; i++) {
                byte[] data = new byte[100];
                data[0] = (byte) i;
                controller.receive(TestPdu.h2cData(3, tags[i], i * 100L, data, TestPdu.LAST));
                assertThat(arrived).hasSize(i + 1);
                if (i + open < 10) {
                    tags[i + open] = tags[i];
                    controller.expectSent(TestPdu.r2t(3, tags[i], (i + open) * 100L, 100));
                } else {
                    controller.expectNothing();
                }
            }
            assertThat(arrived).isSorted();
        }
    }

    @Test
    void whenTagsRunOutReceivesWaitInOrderPassingCommandsAtTheirLimit() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            // 32 tags before Connect with MAXR2T 0.
            List<Integer> arrived = new ArrayList<>();
            for (int id = 0; id < 34; id++) {
                ReceivedCommand command = controller.command(0x01, id, 200);
                int commandId = id;
                for (int part = 0; part < 2; part++) {
                    command.receive(part * 100L, 100)
                            .subscribe(
                                    bytes -> {
                                        bytes.release();
                                        arrived.add(commandId);
                                    },
                                    error -> {});
                }
            }
            byte[] sent = controller.sent();
            assertThat(sent).hasSize(32 * 24);
            for (int i = 0; i < 32; i++) {
                assertThat(sent[i * 24 + 8]).describedAs("command of R2T %d", i).isEqualTo((byte) i);
                assertThat(sent[i * 24 + 10]).describedAs("tag of R2T %d", i).isEqualTo((byte) (i + 1));
            }

            controller.receive(TestPdu.h2cData(5, 6, 0, new byte[100], TestPdu.LAST));
            controller.expectSent(TestPdu.r2t(5, 6, 100, 100));
            controller.receive(TestPdu.h2cData(5, 6, 100, new byte[100], TestPdu.LAST));
            controller.expectSent(TestPdu.r2t(32, 6, 0, 100));
            controller.receive(TestPdu.h2cData(9, 10, 0, new byte[100], TestPdu.LAST));
            controller.expectSent(TestPdu.r2t(9, 10, 100, 100));
            assertThat(arrived).containsExactly(5, 5, 9);
        }
    }

    @Test
    void theNumberOfTagsIsBounded() {
        TransferTags tags = new TransferTags(65_536, 0xFFFFFFFFL);
        for (int i = 1; i <= 65_535; i++) {
            assertThat(tags.isAvailable()).isTrue();
            assertThat(tags.take(null)).isEqualTo(i);
        }
        assertThat(tags.isAvailable()).isFalse();
        tags.giveBack(7);
        tags.giveBack(3);
        assertThat(tags.take(null)).isEqualTo(7);
        assertThat(tags.take(null)).isEqualTo(3);
        assertThat(tags.isAvailable()).isFalse();
    }

    @Test
    void receivingIsDrivenByDemand() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            ReceivedCommand command = controller.command(0x01, 3, 1000);
            reactor.test.StepVerifier.create(command.receive(0, 1000, 400), 0)
                    .then(controller::expectNothing)
                    .thenRequest(1)
                    .then(() -> controller.expectSent(TestPdu.r2t(3, 1, 0, 400)))
                    .then(() -> controller.receive(TestPdu.h2cData(3, 1, 0, new byte[400], TestPdu.LAST)))
                    .consumeNextWith(ByteBuf::release)
                    .then(controller::expectNothing)
                    .thenRequest(1)
                    .then(() -> controller.expectSent(TestPdu.r2t(3, 1, 400, 400)))
                    .thenCancel()
                    .verify();
        }
    }

    @Test
    @Covers(
            "A tag is used again only when the data it stood for is in, or the host has used its command identifier for a new command")
    void aTagIsNotUsedAgainBeforeTheDataOfACancelledReceiveIsIn() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            ReceivedCommand command = controller.command(0x01, 3, 200);
            Disposable first = command.receive(0, 100).subscribe();
            controller.expectSent(TestPdu.r2t(3, 1, 0, 100));
            List<ByteBuf> second = new ArrayList<>();
            command.receive(100, 100).subscribe(second::add, error -> {});
            controller.receive(TestPdu.h2cData(3, 1, 0, new byte[50], 0));
            first.dispose();
            controller.expectNothing();

            controller.receive(TestPdu.h2cData(3, 1, 50, new byte[50], TestPdu.LAST));
            controller.expectSent(TestPdu.r2t(3, 1, 100, 100));
            controller.receive(TestPdu.h2cData(3, 1, 100, EmbeddedPair.pattern(100), TestPdu.LAST));
            assertThat(second).hasSize(1);
            second.get(0).release();
        }
    }

    @Test
    void aReceiveCancelledWhileWaitingIsNeverAskedFor() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            ReceivedCommand command = controller.command(0x01, 3, 200);
            command.receive(0, 100).subscribe(ByteBuf::release, error -> {});
            command.receive(100, 100).subscribe().dispose();
            controller.expectSent(TestPdu.r2t(3, 1, 0, 100));
            controller.receive(TestPdu.h2cData(3, 1, 0, new byte[100], TestPdu.LAST));
            controller.expectNothing();
        }
    }

    @Test
    @Covers(
            "A tag is used again only when the data it stood for is in, or the host has used its command identifier for a new command")
    void aNewCommandWithTheIdentifierFreesTheTagsItsPredecessorLeft() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            controller.command(0x01, 3, 100).receive(0, 100).subscribe().dispose();
            controller.expectSent(TestPdu.r2t(3, 1, 0, 100));

            ReceivedCommand next = controller.command(0x01, 3, 100);
            List<ByteBuf> data = new ArrayList<>();
            next.receive(0, 100).subscribe(data::add);
            controller.expectSent(TestPdu.r2t(3, 1, 0, 100));
            controller.receive(TestPdu.h2cData(3, 1, 0, new byte[100], TestPdu.LAST));
            assertThat(data).hasSize(1);
            data.get(0).release();
        }
    }

    static Stream<Arguments> violations() {
        return Stream.of(
                Arguments.of("unknown command", TestPdu.r2t(99, 1, 0, 10), 1, 8),
                Arguments.of("command beyond any", TestPdu.r2t(0xFFFF, 1, 0, 10), 1, 8),
                Arguments.of("command that receives", TestPdu.r2t(2, 1, 0, 10), 1, 8),
                Arguments.of("command whose data was in the capsule", TestPdu.r2t(3, 1, 0, 10), 1, 8),
                Arguments.of("command without data", TestPdu.r2t(4, 1, 0, 10), 1, 8),
                Arguments.of("length 0", TestPdu.r2t(1, 1, 0, 0), 1, 16),
                Arguments.of("gap", TestPdu.r2t(1, 1, 1, 10), 2, 0),
                Arguments.of("beyond the end", TestPdu.r2t(1, 1, 0, 10_001), 4, 0),
                Arguments.of("length with the highest bit", TestPdu.r2t(1, 1, 0, 0x80000000L), 4, 0));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("violations")
    @Covers("Unknown command, wrong order, range beyond the data and length 0 are reported")
    void violationsAreAnswered(String name, TestPdu pdu, int fes, long fei) {
        for (Fragmentation fragmentation : Fragmentation.values()) {
            try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, fragmentation)) {
                Capsule write = host.writing(1, 10_000);
                host.reading(2, 100);
                host.submit(Capsule.send(3, new byte[100]));
                host.submit(new Capsule(0x18, 4));
                host.sent();

                host.receive(pdu);

                host.expectViolation(0x02, fes, fei, pdu.header());
                assertThat(write.error.kind()).isEqualTo(TransferException.Kind.ABORTED);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("Unknown command, wrong order, range beyond the data and length 0 are reported")
    void aLengthThatWrapsAroundIsOutOfRange(Fragmentation fragmentation) {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN.withMaxR2t(1), fragmentation)) {
            host.writing(1, 10_000);
            host.receive(TestPdu.r2t(1, 1, 0, 100));
            host.sent();
            TestPdu wrapping = TestPdu.r2t(1, 2, 100, 0xFFFFFFFFL);

            host.receive(wrapping);

            host.expectViolation(0x02, 4, 0, wrapping.header());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("Unknown command, wrong order, range beyond the data and length 0 are reported")
    void theR2tBehindTheLastByteIsRefused(Fragmentation fragmentation) {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN.withMaxR2t(1), fragmentation)) {
            host.writing(1, 10_000);
            host.channel.stall(true);
            TestPdu more = TestPdu.r2t(1, 2, 10_000, 1);
            host.receive(TestPdu.r2t(1, 1, 0, 10_000), more);

            assertThat(host.end())
                    .isInstanceOfSatisfying(
                            io.nvmf.transport.Termination.ProtocolError.class,
                            error -> assertThat(error.fatalErrorStatus()).isEqualTo(4));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    @Covers("More R2Ts than allowed are reported, FES 5")
    void oneMoreThanAllowedIsReportedInWhateverPieces(int maxR2t) {
        for (Fragmentation fragmentation : Fragmentation.values()) {
            try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN.withMaxR2t(maxR2t), fragmentation)) {
                host.writing(1, 10_000);
                host.writing(2, 2 << 20);
                // The connection is full before the first R2T, so every one stays open.
                host.channel.stall(true);
                host.receive(TestPdu.r2t(2, 99, 0, 2 << 20));
                TestPdu[] r2ts = new TestPdu[maxR2t + 2];
                for (int i = 0; i < r2ts.length; i++) {
                    r2ts[i] = TestPdu.r2t(1, i + 1, i * 100L, 100);
                }

                host.receive(r2ts);

                assertThat(host.end())
                        .isInstanceOfSatisfying(io.nvmf.transport.Termination.ProtocolError.class, error -> {
                            assertThat(error.fatalErrorStatus()).isEqualTo(5);
                            assertThat(error.fatalErrorInformation()).isZero();
                        });
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MESSAGES", "BYTES", "RANDOM"})
    void anR2tWhoseDataIsOutIsNotOpenAnyMore(Fragmentation fragmentation) {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, fragmentation)) {
            Capsule write = host.writing(1, 10_000);
            for (int i = 0; i < 10; i++) {
                host.receive(TestPdu.r2t(1, 7, i * 1000L, 1000));
                host.expectSent(TestPdu.h2cData(1, 7, i * 1000L, EmbeddedPair.pattern(i * 1000, 1000), TestPdu.LAST));
            }
            assertThat(write.bytes).isEqualTo(10_000);
            assertThat(host.end()).isNull();
        }
    }

    @Test
    void aReceiveThatWaitsForACancelledOneIsNotForgottenWithoutDemand() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.COALESCED, false)) {
            controller.channel.config().setAutoRead(false);
            controller.start();
            controller.deliver(Agreed.PLAIN.icReq());
            controller.queuePair.commands().subscribe(new reactor.core.publisher.BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                    request(1);
                }

                @Override
                protected void hookOnNext(ReceivedCommand command) {
                    controller.commands.add(command);
                }
            });
            ReceivedCommand command = controller.command(0x01, 1, 200);
            reactor.core.Disposable cancelled = command.receive(0, 100).subscribe();
            command.receive(100, 100).subscribe(io.netty.buffer.ByteBuf::release, aborted -> {});
            controller.sent();

            cancelled.dispose();
            controller.run(() -> controller.queuePair.submit(io.nvmf.transport.ResponseCapsule.of(9, 0, 0, 0, 0)));

            assertThat(controller.channel.config().isAutoRead())
                    .describedAs("the tag comes free with the data of the cancelled receive")
                    .isTrue();
        }
    }
}
