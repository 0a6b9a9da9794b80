package io.nvmf.transport.loop;

import static io.nvmf.transport.testkit.CapsuleRecorder.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.testing.Covers;
import io.nvmf.testing.ManualEventExecutor;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.testing.TrackingAllocator;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransferException;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.loop.LoopConnection.Direction;
import io.nvmf.transport.testkit.BytePattern;
import io.nvmf.transport.testkit.CapsuleRecorder;
import io.nvmf.transport.testkit.RecordingCapsule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

/** Turn by turn: the limit of receives, and what a test can do to a connection. */
class LoopConnectionTest {

    private static final int LARGE = 50_000;

    private final ManualEventExecutor hostTurns = new ManualEventExecutor();
    private final ManualEventExecutor controllerTurns = new ManualEventExecutor();
    private final TrackingAllocator allocator = new TrackingAllocator();
    private final LoopTransport transport = new LoopTransport(LoopTransportOptions.defaults()
            .withExecutors(hostTurns, controllerTurns)
            .withAllocator(allocator)
            .withMaxTransferSize(1 << 20));
    private final CapsuleRecorder<ReceivedCommand> commands = new CapsuleRecorder<>(Long.MAX_VALUE);
    private final CapsuleRecorder<ResponseCapsule> responses = new CapsuleRecorder<>(Long.MAX_VALUE);
    private TransportListener listener;
    private HostQueuePair host;
    private ControllerQueuePair controller;
    private LoopConnection connection;

    @BeforeEach
    void connect() {
        listener = transport
                .listen(TransportAddress.of("local", 0), TransportOptions.none(), queuePair -> {
                    controller = queuePair;
                    queuePair.commands().subscribe(commands);
                })
                .block(PATIENCE);
        transport.connect(parameters()).subscribe(queuePair -> {
            host = queuePair;
            host.responses().subscribe(responses);
        });
        settle();
        connection = transport.connections().get(0);
    }

    @AfterEach
    void closeAll() {
        host.close().subscribe();
        settle();
        controllerTurns.call(() -> {
            for (ReceivedCommand command = commands.poll(); command != null; command = commands.poll()) {
                command.release();
            }
        });
        assertThat(transport.connections()).isEmpty();
        allocator.assertNoLiveBuffers();
    }

    private HostQueuePairParameters parameters() {
        return TestQueuePairs.parameters(listener.address(), true, 8192)
                .connectTimeout(Duration.ofSeconds(5))
                .options(TransportOptions.none().with(LoopTransportOptions.MAX_RECEIVES, 2))
                .build();
    }

    private void settle() {
        ManualEventExecutor.settle(hostTurns, controllerTurns);
    }

    private ReceivedCommand deliver(RecordingCapsule capsule) {
        hostTurns.call(() -> host.submit(capsule));
        settle();
        return commands.next();
    }

    private void succeed(ReceivedCommand command) {
        controllerTurns.call(() -> {
            controller.submit(ResponseCapsule.of(command.entry().commandId(), 0, 0, 0, 0));
            command.release();
        });
    }

    @Test
    @Covers("Never more under way than the host allows")
    void atMostTheLimitOfReceivesIsUnderWay() {
        ReceivedCommand command = deliver(RecordingCapsule.send(1, BytePattern.buffer(allocator, 1, LARGE)));
        List<Integer> arrived = new ArrayList<>();
        int before = allocator.liveBuffers();
        for (int part = 0; part < 5; part++) {
            int number = part;
            command.receive(part * 10_000L, 10_000).subscribe(bytes -> {
                arrived.add(number);
                bytes.release();
            });
        }

        controllerTurns.turn();
        assertThat(allocator.liveBuffers() - before)
                .describedAs("a home for each receive under way, none for those that wait")
                .isEqualTo(2);
        hostTurns.turn();
        assertThat(arrived).isEmpty();
        controllerTurns.turn();
        assertThat(arrived).containsExactly(0, 1);
        hostTurns.turn();
        controllerTurns.turn();
        assertThat(arrived).containsExactly(0, 1, 2, 3);
        settle();
        assertThat(arrived).containsExactly(0, 1, 2, 3, 4);
        succeed(command);
    }

    @Test
    void aCancelledReceiveThatWaitsIsNeverAskedFor() {
        RecordingCapsule capsule = RecordingCapsule.send(1, BytePattern.buffer(allocator, 1, LARGE));
        ReceivedCommand command = deliver(capsule);
        List<Integer> arrived = new ArrayList<>();
        for (int part = 0; part < 4; part++) {
            int number = part;
            var subscription = command.receive(part * 10_000L, 10_000).subscribe(bytes -> {
                arrived.add(number);
                bytes.release();
            });
            if (part == 2) {
                controllerTurns.turn();
                subscription.dispose();
            }
        }
        settle();
        assertThat(arrived).containsExactly(0, 1, 3);
        succeed(command);
        settle();
        assertThat(capsule.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(30_000, null));
    }

    @Test
    void capsulesOfOneTurnLeaveTogether() {
        hostTurns.call(() -> {
            for (int id = 0; id < 10; id++) {
                host.submit(new RecordingCapsule(0x18, id));
            }
        });
        assertThat(hostTurns.turn()).isOne();
        assertThat(controllerTurns.turn()).isOne();
        assertThat(commands.count()).isEqualTo(10);
    }

    @Test
    void cutEndsBothSidesAtOnce() {
        RecordingCapsule read = RecordingCapsule.receive(1, BytePattern.destination(allocator, LARGE));
        ReceivedCommand command = deliver(read);
        controllerTurns.call(() -> {
            command.send(0, BytePattern.buffer(allocator, 1, 100));
            command.release();
        });

        connection.cut();
        settle();

        assertThat(host.termination().block(PATIENCE)).isInstanceOf(Termination.PeerReset.class);
        assertThat(controller.termination().block(PATIENCE)).isInstanceOf(Termination.PeerReset.class);
        assertThat(read.transferEnd().error().kind()).isEqualTo(TransferException.Kind.ABORTED);
    }

    @Test
    void heldTrafficArrivesInOrderAfterRelease() {
        RecordingCapsule read = RecordingCapsule.receive(1, BytePattern.destination(allocator, LARGE));
        ReceivedCommand command = deliver(read);
        connection.hold(Direction.TO_HOST);
        controllerTurns.call(() -> command.send(0, BytePattern.buffer(allocator, 1, LARGE)));
        succeed(command);
        settle();
        assertThat(read.transferEnds()).isEmpty();
        assertThat(responses.count()).isZero();

        connection.release(Direction.TO_HOST);
        settle();

        assertThat(read.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(LARGE, null));
        assertThat(responses.next().commandId()).isEqualTo(1);
    }

    @Test
    void heldCommandsWaitAndThePeersCloseIsHeldWithThem() {
        connection.hold(Direction.TO_CONTROLLER);
        hostTurns.call(() -> host.submit(new RecordingCapsule(0x18, 1)));
        settle();
        host.close().subscribe();
        settle();
        assertThat(commands.count()).isZero();
        assertThat(commands.isEnded()).isFalse();

        connection.release(Direction.TO_CONTROLLER);
        settle();

        assertThat(commands.count()).isOne();
        assertThat(commands.isEnded()).isTrue();
    }

    @Test
    void aDroppedResponseIsTheOnlyOneLost() {
        connection.dropNextResponse();
        for (int id = 0; id < 2; id++) {
            succeed(deliver(new RecordingCapsule(0x18, id)));
        }
        settle();
        assertThat(responses.count()).isOne();
        assertThat(responses.next().commandId()).isEqualTo(1);
    }

    @Test
    void damagedDataToTheHostFailsTheTransferOnly() {
        connection.damageNextData(Direction.TO_HOST);
        for (int id = 0; id < 2; id++) {
            RecordingCapsule read = RecordingCapsule.receive(id, BytePattern.destination(allocator, LARGE));
            ReceivedCommand command = deliver(read);
            controllerTurns.call(() -> command.send(0, BytePattern.buffer(allocator, 1, LARGE)));
            succeed(command);
            settle();
            assertThat(responses.next().isSuccess()).isTrue();
            if (id == 0) {
                assertThat(read.transferEnd().error().kind()).isEqualTo(TransferException.Kind.INTEGRITY);
            } else {
                assertThat(read.transferEnd().error()).isNull();
            }
        }
    }

    @Test
    void damagedDataToTheControllerFailsTheReceiveOnly() {
        ReceivedCommand command = deliver(RecordingCapsule.send(1, BytePattern.buffer(allocator, 1, LARGE)));
        connection.damageNextData(Direction.TO_CONTROLLER);
        List<Throwable> errors = new ArrayList<>();
        command.receive(0, 100).subscribe(bytes -> bytes.release(), errors::add);
        settle();
        assertThat(errors)
                .singleElement()
                .isInstanceOfSatisfying(
                        TransferException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(TransferException.Kind.INTEGRITY));

        List<Integer> arrived = new ArrayList<>();
        command.receive(0, 100).subscribe(bytes -> {
            arrived.add(bytes.readableBytes());
            bytes.release();
        });
        settle();
        assertThat(arrived).containsExactly(100);
        succeed(command);
    }

    @Test
    void responsesOvertakeTransfersThatAreHeldBack() {
        connection.deferSendTransfers();
        RecordingCapsule inCapsule = RecordingCapsule.send(1, BytePattern.buffer(allocator, 1, 100));
        RecordingCapsule fetched = RecordingCapsule.send(2, BytePattern.buffer(allocator, 1, LARGE));
        succeed(deliver(inCapsule));
        succeed(deliver(fetched));
        settle();
        assertThat(responses.count()).isEqualTo(2);
        assertThat(inCapsule.transferEnds()).isEmpty();
        assertThat(fetched.transferEnds()).isEmpty();

        connection.completeSendTransfers();
        settle();

        assertThat(inCapsule.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(100, null));
        assertThat(fetched.transferEnd()).isEqualTo(new RecordingCapsule.TransferEnd(0, null));
    }

    @Test
    void transfersHeldBackAreAbortedAtTheEnd() {
        connection.deferSendTransfers();
        RecordingCapsule write = RecordingCapsule.send(1, BytePattern.buffer(allocator, 1, 100));
        succeed(deliver(write));
        settle();

        connection.cut();
        settle();
        connection.completeSendTransfers();
        settle();

        assertThat(write.transferEnd().bytes()).isEqualTo(100);
        assertThat(write.transferEnd().error().kind()).isEqualTo(TransferException.Kind.ABORTED);
    }

    @Test
    void dataAgainstTheDirectionOfTheCommandBreaksTheProtocol() {
        RecordingCapsule write = RecordingCapsule.send(1, BytePattern.buffer(allocator, 1, LARGE));
        ReceivedCommand command = deliver(write);
        controllerTurns.call(() -> {
            command.send(0, BytePattern.buffer(allocator, 1, LARGE));
            command.release();
        });
        settle();

        assertThat(host.termination().block(PATIENCE))
                .isInstanceOfSatisfying(Termination.ProtocolError.class, error -> {
                    assertThat(error.detectedBy()).isEqualTo(Termination.Side.LOCAL);
                    assertThat(error.fatalErrorStatus()).isEqualTo(1);
                    assertThat(error.fatalErrorInformation()).isEqualTo(8);
                });
        assertThat(write.transferEnds()).hasSize(1);
    }

    @Test
    void askingAReadForDataBreaksTheProtocol() {
        RecordingCapsule read = RecordingCapsule.receive(1, BytePattern.destination(allocator, LARGE));
        ReceivedCommand command = deliver(read);
        List<Throwable> errors = new ArrayList<>();
        command.receive(0, 10).subscribe(bytes -> {}, errors::add);
        controllerTurns.call(command::release);
        settle();

        assertThat(host.termination().block(PATIENCE)).isInstanceOf(Termination.ProtocolError.class);
        assertThat(errors).singleElement().isInstanceOf(TransferException.class);
    }

    @Test
    void rangesBeyondTheHostsBufferBreakTheProtocol() {
        connection.alterNextCommand(message -> message.setIntLE(24 + 8, LARGE + 1));
        RecordingCapsule write = RecordingCapsule.send(1, BytePattern.buffer(allocator, 1, LARGE));
        ReceivedCommand command = deliver(write);
        List<Throwable> errors = new ArrayList<>();
        command.receive(LARGE, 1).subscribe(bytes -> {}, errors::add);
        controllerTurns.call(command::release);
        settle();

        assertThat(host.termination().block(PATIENCE))
                .isInstanceOfSatisfying(
                        Termination.ProtocolError.class,
                        error -> assertThat(error.fatalErrorStatus()).isEqualTo(4));
        assertThat(errors).hasSize(1);
    }

    @Test
    void aTransferAboveTheLimitAndAnIdentifierInUseAreRefused() {
        RecordingCapsule tooLong =
                RecordingCapsule.send(1, allocator.buffer((1 << 20) + 1).writeZero((1 << 20) + 1));
        RecordingCapsule first = RecordingCapsule.receive(2, BytePattern.destination(allocator, 10));
        RecordingCapsule second = RecordingCapsule.receive(2, BytePattern.destination(allocator, 10));
        hostTurns.call(() -> {
            assertThat(host.maxTransferSize()).isEqualTo(1 << 20);
            assertThatThrownBy(() -> host.submit(tooLong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1048577");
            host.submit(first);
            assertThatThrownBy(() -> host.submit(second)).isInstanceOf(IllegalArgumentException.class);
        });
        tooLong.data().release();
        second.data().release();
        settle();
        assertThat(commands.count()).isOne();
    }

    @Test
    void writableWaitsUntilTheHostHasTakenTheData() {
        RecordingCapsule read = RecordingCapsule.receive(1, BytePattern.destination(allocator, 1 << 20));
        ReceivedCommand command = deliver(read);
        List<String> signals = new ArrayList<>();
        controllerTurns.call(() -> {
            command.send(0, BytePattern.buffer(allocator, 1, 1 << 20));
            controller.writable().subscribe(nothing -> {}, error -> {}, () -> signals.add("writable"));
        });
        assertThat(signals).isEmpty();

        hostTurns.turn();
        assertThat(signals)
                .describedAs("signalled on the controller's executor")
                .isEmpty();
        controllerTurns.turn();

        assertThat(signals).containsExactly("writable");
        succeed(command);
    }

    @Test
    void anExceptionOfACallBackEndsTheConnection() {
        RecordingCapsule read = RecordingCapsule.receive(1, BytePattern.destination(allocator, 10));
        RuntimeException bug = new IllegalStateException("bug");
        read.onTransferComplete(() -> {
            throw bug;
        });
        ReceivedCommand command = deliver(read);
        controllerTurns.call(() -> command.send(0, BytePattern.buffer(allocator, 1, 10)));
        controllerTurns.call(command::release);
        settle();

        assertThat(host.termination().block(PATIENCE)).isEqualTo(new Termination.IoFailure(bug));
        assertThat(controller.termination().block(PATIENCE)).isInstanceOf(Termination.PeerReset.class);
    }

    @Test
    void callBacksThatThrowDoNotKeepOthersFromTheirEnd() {
        RecordingCapsule first = RecordingCapsule.receive(1, BytePattern.destination(allocator, 10));
        RecordingCapsule second = RecordingCapsule.receive(2, BytePattern.destination(allocator, 10));
        RecordingCapsule unsent = RecordingCapsule.receive(3, BytePattern.destination(allocator, 10));
        AssertionError bug = new AssertionError("bug");
        first.onTransferComplete(() -> {
            throw new IllegalStateException("a bug to be logged");
        });
        second.onTransmitted(() -> {
            throw bug;
        });
        hostTurns.call(() -> {
            host.submit(first);
            host.submit(second);
            host.submit(unsent);
        });
        settle();

        assertThat(host.termination().block(PATIENCE)).isEqualTo(new Termination.IoFailure(bug));
        assertThat(controller.termination().block(PATIENCE)).isInstanceOf(Termination.PeerReset.class);
        assertThat(responses.isEnded()).isTrue();
        for (RecordingCapsule capsule : List.of(first, second, unsent)) {
            assertThat(capsule.transferEnd().error()).isNotNull();
        }
    }

    @Test
    void connectTimesOutAndLeavesNothingBehind() {
        StepVerifier.withVirtualTime(() -> transport.connect(parameters()))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(4999))
                .thenAwait(Duration.ofMillis(1))
                .expectError(TimeoutException.class)
                .verify(PATIENCE);
        settle();
        assertThat(transport.connections()).containsExactly(connection);
    }

    @Test
    void connectIsRefusedWithAnIllegalLimitOfReceives() {
        HostQueuePairParameters illegal = TestQueuePairs.parameters(listener.address(), true, 0)
                .options(TransportOptions.none().with(LoopTransportOptions.MAX_RECEIVES, 0))
                .build();

        StepVerifier.create(transport.connect(illegal))
                .expectError(IllegalArgumentException.class)
                .verify(PATIENCE);
        assertThatThrownBy(() -> LoopTransportOptions.MAX_RECEIVES.parse("65537"))
                .hasMessageContaining("65537");
        assertThatThrownBy(() -> LoopTransportOptions.MAX_RECEIVES.parse("many"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(LoopTransportOptions.MAX_RECEIVES.parse("7")).isEqualTo(7);
    }
}
