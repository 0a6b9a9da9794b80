package io.nvmf.transport.testkit;

import static io.nvmf.transport.testkit.CapsuleRecorder.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.testing.Covers;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOptions;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Connecting, listening, and who may subscribe to received capsules and how demand drives them. */
interface ConnectionBehaviour extends KitContext {

    @Test
    default void bothSidesKnowWhatTheyAre() {
        ConnectedPair admin = open();
        ConnectedPair io = open(settings().withAdmin(false));

        assertThat(admin.host().admin()).isTrue();
        assertThat(io.host().admin()).isFalse();
        assertThat(io.host().transportType()).isEqualTo(provider().transportType());
        assertThat(io.controller().transportType()).isEqualTo(provider().transportType());
        assertThat(io.controller().admin())
                .describedAs("a queue is an admin queue until Connect says otherwise")
                .isTrue();
        io.runOnController(() -> io.controller().configure(new ControllerQueuePairParameters(false, 128, true, 0)));
        assertThat(io.onController(() -> io.controller().admin())).isFalse();
    }

    @Test
    default void theControllerKnowsWhichAddressTheHostCameTo() {
        ConnectedPair pair = open();

        assertThat(pair.controller().localAddress()).isEqualTo(pair.listener().address());
    }

    @Test
    default void aQueuePairIsConfiguredOnce() {
        ConnectedPair pair = open();
        ControllerQueuePairParameters parameters = new ControllerQueuePairParameters(true, 32, true, 8192);
        pair.runOnController(() -> pair.controller().configure(parameters));

        pair.runOnController(() -> assertThatThrownBy(() -> pair.controller().configure(parameters))
                .isInstanceOf(IllegalStateException.class));
    }

    @Test
    default void connectAndListenAreCold() {
        AtomicInteger accepted = new AtomicInteger();
        Mono<TransportListener> listen =
                provider().listen(address(), TransportOptions.none(), queuePair -> accepted.incrementAndGet());
        TransportListener first = ConnectedPair.get(listen);
        TransportListener second = ConnectedPair.get(listen);
        provider().connect(parameters(first));

        assertThat(first.address()).isNotEqualTo(second.address());
        assertThat(first.address().port()).isPositive();
        KitContext.consistently(() -> accepted.get() == 0);
        first.close().block(PATIENCE);
        second.close().block(PATIENCE);
    }

    @Test
    default void connectingFailsWhereNobodyListens() {
        TransportListener listener =
                ConnectedPair.get(provider().listen(address(), TransportOptions.none(), queuePair -> {}));
        listener.close().block(PATIENCE);
        listener.close().block(PATIENCE);

        StepVerifier.create(provider().connect(parameters(listener)))
                .expectError()
                .verify(PATIENCE);
    }

    @Test
    default void anAddressIsBoundOnceAndFreeAfterClose() {
        TransportListener listener =
                ConnectedPair.get(provider().listen(address(), TransportOptions.none(), queuePair -> {}));
        Mono<TransportListener> again = provider().listen(listener.address(), TransportOptions.none(), queuePair -> {});

        StepVerifier.create(again).expectError().verify(PATIENCE);
        listener.close().block(PATIENCE);
        ConnectedPair.get(again).close().block(PATIENCE);
    }

    @Test
    default void acceptedQueuePairsOutliveTheListener() {
        ConnectedPair pair = open();
        pair.listener().close().block(PATIENCE);

        pair.succeed(pair.deliver(new RecordingCapsule(0x18, 3)));

        assertThat(pair.responses().next().commandId()).isEqualTo(3);
    }

    @Test
    default void aSecondSubscriberIsRefusedAtBothEnds() {
        ConnectedPair pair = open();

        StepVerifier.create(pair.host().responses())
                .expectError(IllegalStateException.class)
                .verify(PATIENCE);
        StepVerifier.create(pair.controller().commands())
                .expectError(IllegalStateException.class)
                .verify(PATIENCE);
        pair.succeed(pair.deliver(new RecordingCapsule(0x18, 1)));
        assertThat(pair.responses().next().commandId()).isEqualTo(1);
    }

    @Test
    @Covers("Signals come on the event loop; demand paces them")
    default void commandsAreDeliveredForDemandOnly() {
        ConnectedPair pair = open(settings().withDemand(0, ConnectedPair.UNBOUNDED));
        for (int id = 0; id < 5; id++) {
            pair.submit(new RecordingCapsule(0x18, id));
        }

        KitContext.consistently(() -> pair.commands().count() == 0);
        pair.commands().request(2);
        KitContext.eventually(() -> pair.commands().count() == 2);
        KitContext.consistently(() -> pair.commands().count() == 2);
        pair.commands().request(100);
        for (int id = 0; id < 5; id++) {
            ReceivedCommand command = pair.commands().next();
            assertThat(pair.onController(() -> command.entry().commandId())).isEqualTo(id);
            pair.release(command);
        }
    }

    @Test
    @Covers("Signals come on the event loop; demand paces them")
    default void responsesAreDeliveredForDemandOnly() {
        ConnectedPair pair = open(settings().withDemand(ConnectedPair.UNBOUNDED, 0));
        pair.serve(command ->
                pair.controller().submit(ResponseCapsule.of(command.entry().commandId(), 0, 0, 0, 0)));
        for (int id = 0; id < 5; id++) {
            pair.submit(new RecordingCapsule(0x18, id));
        }

        KitContext.eventually(() -> pair.commands().count() == 5);
        KitContext.consistently(() -> pair.responses().count() == 0);
        pair.responses().request(3);
        KitContext.eventually(() -> pair.responses().count() == 3);
        KitContext.consistently(() -> pair.responses().count() == 3);
        pair.responses().request(2);
        for (int id = 0; id < 5; id++) {
            assertThat(pair.responses().next().commandId()).isEqualTo(id);
        }
    }

    @Test
    @Covers("Signals come on the event loop; demand paces them")
    default void capsulesAreSignalledOnTheEventLoop() {
        ConnectedPair pair = open();
        AtomicInteger onLoop = new AtomicInteger();
        pair.serve(command -> {
            if (pair.controller().executor().inEventLoop()) {
                onLoop.incrementAndGet();
            }
            pair.controller().submit(ResponseCapsule.of(command.entry().commandId(), 0, 0, 0, 0));
        });
        pair.responses().handle(response -> {
            if (pair.host().executor().inEventLoop()) {
                onLoop.incrementAndGet();
            }
        });

        pair.host().transmit(new RecordingCapsule(0x18, 1)).block(PATIENCE);

        KitContext.eventually(() -> onLoop.get() == 2);
    }

    private HostQueuePairParameters parameters(TransportListener listener) {
        return TestQueuePairs.parameters(listener.address(), true, HostQueuePairParameters.ADMIN_IN_CAPSULE_DATA)
                .connectTimeout(PATIENCE)
                .options(settings().hostOptions())
                .build();
    }
}
