package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.StepVerifier;
import reactor.test.StepVerifierOptions;

/** The stream of received capsules: its demand is what reads from the socket. */
class ReceivedCapsulesTest {

    private static EmbeddedHost initialized() {
        EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.COALESCED, 8192);
        host.channel.config().setAutoRead(false);
        host.start();
        host.sent();
        host.deliver(Agreed.PLAIN.icResp());
        return host;
    }

    @Test
    void nothingIsReadWithoutDemandNorTransfer() {
        try (EmbeddedHost host = initialized()) {
            assertThat(host.channel.config().isAutoRead()).isFalse();
            StepVerifier.create(
                            host.queuePair.responses(),
                            StepVerifierOptions.create().initialRequest(0))
                    .then(() -> assertThat(host.channel.config().isAutoRead()).isFalse())
                    .thenRequest(2)
                    .then(() -> assertThat(host.channel.config().isAutoRead()).isTrue())
                    .then(() -> host.receive(
                            TestPdu.capsuleResp(1, 0), TestPdu.capsuleResp(2, 0), TestPdu.capsuleResp(3, 0)))
                    .expectNextCount(2)
                    .then(() -> assertThat(host.channel.config().isAutoRead()).isFalse())
                    .thenRequest(1)
                    .assertNext(response -> assertThat(response.commandId()).isEqualTo(3))
                    .then(() -> assertThat(host.channel.config().isAutoRead()).isFalse())
                    .thenRequest(Long.MAX_VALUE)
                    .then(() -> assertThat(host.channel.config().isAutoRead()).isTrue())
                    .thenCancel()
                    .verify();
            assertThat(host.channel.config().isAutoRead()).isTrue();
        }
    }

    @Test
    void dataOfATransferIsReadWithoutDemand() {
        try (EmbeddedHost host = initialized()) {
            Capsule read = Capsule.receive(1, 10);
            host.submit(read);
            assertThat(host.channel.config().isAutoRead()).isTrue();

            host.sent();
            host.receive(TestPdu.c2hData(1, 0, new byte[10], TestPdu.LAST));

            assertThat(read.bytes).isEqualTo(10);
            assertThat(host.channel.config().isAutoRead()).isFalse();
        }
    }

    @Test
    void aControllerReadsDataItHasAskedForWithoutDemand() {
        try (EmbeddedController controller = new EmbeddedController(Agreed.PLAIN, Fragmentation.COALESCED, false)) {
            controller.channel.config().setAutoRead(false);
            controller.start();
            controller.deliver(Agreed.PLAIN.icReq());
            controller.queuePair.commands().subscribe(new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription subscription) {
                    request(1);
                }

                @Override
                protected void hookOnNext(ReceivedCommand command) {
                    controller.commands.add(command);
                }
            });
            assertThat(controller.channel.config().isAutoRead()).isTrue();
            ReceivedCommand command = controller.command(0x01, 1, 100);
            assertThat(controller.channel.config().isAutoRead()).isFalse();
            command.receive(0, 100).subscribe(io.netty.buffer.ByteBuf::release);
            controller.sent();
            assertThat(controller.channel.config().isAutoRead()).isTrue();
            controller.receive(TestPdu.h2cData(1, 1, 0, new byte[100], TestPdu.LAST));
            assertThat(controller.channel.config().isAutoRead()).isFalse();
        }
    }

    @Test
    void aSecondSubscriberIsRefused() {
        try (EmbeddedHost host = new EmbeddedHost(Agreed.PLAIN, Fragmentation.MESSAGES)) {
            StepVerifier.create(host.queuePair.responses())
                    .expectError(IllegalStateException.class)
                    .verify();
        }
    }

    @Test
    void endsWithTheQueuePair() {
        try (EmbeddedHost host = initialized()) {
            StepVerifier.create(host.queuePair.responses(), 0)
                    .then(() -> host.receive(TestPdu.capsuleResp(1, 0)))
                    .then(() -> host.queuePair.close().subscribe())
                    .verifyComplete();
            StepVerifier.create(host.queuePair.responses().map(ResponseCapsule::commandId))
                    .verifyError(IllegalStateException.class);
        }
    }
}
