package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransferException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/** Call-backs that throw end the connection at worst; nobody else is kept from hearing of the end. */
class CallBackFailureTest {

    private static void fail() {
        throw new IllegalStateException("broken call-back");
    }

    @Test
    void aTransferCallBackThatThrowsAtTheEndKeepsNobodyElseFromIt() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES, 8192)) {
            host.start();
            host.deliver(Agreed.PLAIN.icResp());
            boolean[] completed = new boolean[1];
            host.queuePair.responses().doOnComplete(() -> completed[0] = true).subscribe();
            Capsule first = Capsule.receive(1, 100);
            Capsule second = Capsule.receive(2, 100);
            first.whenComplete = CallBackFailureTest::fail;
            host.submit(first);
            host.submit(second);

            host.run(() -> host.queuePair.close().subscribe());

            assertThat(second.error).isNotNull();
            assertThat(completed[0]).isTrue();
            assertThat(host.end()).isEqualTo(new Termination.Closed(Termination.Side.LOCAL));
        }
    }

    @Test
    void aCapsuleThatCannotBeEncodedGetsItsDataAndItsTransmissionBack() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            boolean[] aborted = new boolean[1];
            CommandCapsule broken = new CommandCapsule() {
                @Override
                public void encode(ByteBuf target, int index) {
                    fail();
                }

                @Override
                public void transferComplete(long bytes, @Nullable TransferException error) {
                    aborted[0] = error != null;
                    ByteBuf data = detachData();
                    assertThat(data).isNotNull();
                    data.release();
                }
            };
            broken.attachData(CommandCapsule.Transfer.SEND, EmbeddedPair.buffer(new byte[10]), 10);
            List<Throwable> errors = new ArrayList<>();
            host.queuePair.transmit(broken).subscribe(done -> {}, errors::add);

            assertThat(host.end()).isInstanceOf(Termination.IoFailure.class);
            assertThat(errors).singleElement().isInstanceOf(QueuePairTerminatedException.class);
            assertThat(aborted[0]).isTrue();
        }
    }

    /** Its memory is gone when it is to be sent; keeps how its transfer ended. */
    private static final class Vanished extends CommandCapsule {

        private final List<String> ends = new ArrayList<>();

        Vanished(int commandId, int length) {
            commandId(commandId);
            ByteBuf data = EmbeddedPair.buffer(new byte[length]);
            attachData(Transfer.SEND, data, length);
            data.release();
        }

        @Override
        public void encode(ByteBuf target, int index) {
            target.setZero(index, 64);
            target.setByte(index, 0x01);
        }

        @Override
        public void transferComplete(long bytes, @Nullable TransferException error) {
            ends.add(bytes + " " + (error == null ? "success" : error.kind()));
            detachData();
        }
    }

    static Stream<Agreed> agreements() {
        return Stream.of(Agreed.PLAIN, Agreed.DIGESTS);
    }

    @ParameterizedTest
    @MethodSource("agreements")
    void dataThatCannotBeSentEndsTheConnectionAndLeavesNoHalfPduBehind(Agreed agreed) {
        try (EmbeddedHost host = new EmbeddedHost(agreed, Fragmentation.COALESCED)) {
            Capsule good = host.writing(1, 10_000);
            Vanished vanished = new Vanished(2, 10_000);
            host.queuePair.submit(vanished);
            host.expectSent(TestPdu.capsuleCmd(0x01, 2, 10_000));

            host.receive(TestPdu.r2t(1, 1, 0, 100), TestPdu.r2t(2, 2, 0, 5000));

            assertThat(host.end()).isInstanceOf(Termination.IoFailure.class);
            assertThat(host.channel.isOpen()).isFalse();
            host.expectSent(TestPdu.h2cData(1, 1, 0, EmbeddedPair.pattern(100), TestPdu.LAST));
            assertThat(vanished.ends).containsExactly("0 ABORTED");
            assertThat(good.error).isNotNull();
        }
    }

    @ParameterizedTest
    @MethodSource("agreements")
    void inCapsuleDataThatCannotBeSentLeavesNoHalfPduBehindEither(Agreed agreed) {
        try (EmbeddedHost host = new EmbeddedHost(agreed, Fragmentation.COALESCED)) {
            Capsule good = new Capsule(0x18, 1);
            Vanished vanished = new Vanished(2, 100);
            host.run(() -> {
                host.queuePair.submit(good);
                host.queuePair.submit(vanished);
            });

            assertThat(host.end()).isInstanceOf(Termination.IoFailure.class);
            assertThat(host.channel.isOpen()).isFalse();
            host.expectSent(TestPdu.capsuleCmd(0x18, 1, 0));
            assertThat(vanished.ends).containsExactly("0 ABORTED");
        }
    }

    @Test
    void aTransferCallBackThatThrowsWhenItsDataIsOutEndsTheConnection() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            Capsule first = Capsule.send(1, new byte[10]);
            Capsule second = Capsule.send(2, new byte[10]);
            first.whenComplete = CallBackFailureTest::fail;
            host.run(() -> {
                host.queuePair.submit(first);
                host.queuePair.submit(second);
            });

            assertThat(host.end()).isInstanceOf(Termination.IoFailure.class);
            assertThat(second.isDone()).isTrue();
            host.sent();
        }
    }

    @Test
    void aReceiveThatThrowsAtTheEndKeepsNobodyElseFromIt() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            ReceivedCommand command = controller.command(0x01, 1, 300);
            List<Throwable> errors = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                // Not subscribe(consumer), which hides what it catches.
                command.receive(i * 100L, 100).subscribe(new CoreSubscriber<>() {
                    @Override
                    public void onSubscribe(Subscription subscription) {
                        subscription.request(1);
                    }

                    @Override
                    public void onNext(ByteBuf bytes) {
                        bytes.release();
                    }

                    @Override
                    public void onError(Throwable failure) {
                        errors.add(failure);
                        fail();
                    }

                    @Override
                    public void onComplete() {}
                });
            }
            controller.expectSent(TestPdu.r2t(1, 1, 0, 100));

            controller.run(() -> controller.queuePair.close().subscribe());

            assertThat(errors).hasSize(3);
            assertThat(controller.end()).isEqualTo(new Termination.Closed(Termination.Side.LOCAL));
        }
    }
}
