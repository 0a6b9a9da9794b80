package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.tck.ObservationContextAssert;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.observation.ConnectOperation;
import io.nvmf.observation.NvmeObserver;
import io.nvmf.observation.OperationEvent;
import io.nvmf.observation.OperationObserver;
import io.nvmf.observation.OperationOutcome;
import io.nvmf.observation.TransferOperation;
import io.nvmf.observation.micrometer.DefaultTransferObservationConvention;
import io.nvmf.observation.micrometer.MicrometerObserver;
import io.nvmf.observation.micrometer.NvmeObservationContext;
import io.nvmf.observation.micrometer.TransferObservationContext;
import io.nvmf.recovery.ControllerState;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/** What is told of a client's operations, with Micrometer and without it. */
class ObservationTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:test";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 512;
    private static final long SIZE = 1 << 20;
    private static final String KEY = ObservationThreadLocalAccessor.KEY;

    private final LoopTransport loop = new LoopTransport();
    private final TransportRegistry transports = TransportRegistry.empty().register(loop);
    private final TestObservationRegistry registry = TestObservationRegistry.create();
    private final Queue<String> events = new ConcurrentLinkedQueue<>();
    private final Queue<String> ends = new ConcurrentLinkedQueue<>();
    private BoundTarget target;
    private @Nullable NvmeController controller;

    ObservationTest() {
        registry.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public void onEvent(Observation.Event event, Observation.Context context) {
                events.add(event.getName());
            }

            @Override
            public void onStop(Observation.Context context) {
                ends.add(String.valueOf(context.getName()));
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return context instanceof NvmeObservationContext;
            }
        });
    }

    @BeforeEach
    void bind() {
        target = NvmeTarget.memory(NQN, SIZE, BLOCK)
                .transport(TransportType.LOOP)
                .registry(transports)
                .bind()
                .block(PATIENCE);
    }

    @AfterEach
    void close() {
        if (controller != null) {
            controller.close().block(PATIENCE);
        }
        target.close().block(PATIENCE);
        assertThat(registry.getCurrentObservationScope())
                .as("left on this thread")
                .isNull();
    }

    private NvmeClient client() {
        return NvmeClient.create()
                .transport(TransportType.LOOP)
                .registry(transports)
                .remoteAddress(target.address())
                .subsystem(NQN)
                .observation(MicrometerObserver.of(registry));
    }

    private NvmeNamespace namespace(NvmeClient client) {
        controller = client.connect().block(PATIENCE);
        return controller.namespace(1).block(PATIENCE);
    }

    private void assertObserved(String name, Consumer<ObservationContextAssert<?>> check) {
        // The registry hears of the end after whoever fills the list of them.
        await().untilAsserted(() -> TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo(name)
                .that()
                .hasBeenStopped());
        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo(name)
                .that()
                .hasBeenStarted()
                .satisfies(context -> check.accept(ObservationContextAssert.assertThat(context)));
    }

    @Test
    void connectingIsObserved() {
        namespace(client());

        assertObserved(
                "nvmf.connect",
                context -> context.hasContextualNameEqualTo("nvmf connect")
                        .hasLowCardinalityKeyValue("outcome", "completed")
                        .hasLowCardinalityKeyValue("subsystem", NQN)
                        .hasLowCardinalityKeyValue("transport", "loop")
                        .hasHighCardinalityKeyValue("address", target.address().toString())
                        .hasHighCardinalityKeyValue("controller", Integer.toString(controller.id()))
                        .hasOnlyKeys("outcome", "subsystem", "transport", "address", "controller")
                        .doesNotHaveParentObservation()
                        .doesNotHaveError());
    }

    @Test
    void aConnectThatFailsIsObservedWithItsError() {
        Mono<NvmeController> connecting =
                client().remoteAddress("nowhere", 1).recovery(Recovery.none()).connect();
        assertThatThrownBy(() -> connecting.block(PATIENCE)).isNotNull();

        assertObserved(
                "nvmf.connect",
                context -> context.hasLowCardinalityKeyValue("outcome", "failed")
                        .doesNotHaveHighCardinalityKeyValueWithKey("controller")
                        .hasError());
    }

    @Test
    void aConnectThatIsCancelledIsObservedAsSuch() {
        TransportAddress silent = new TransportAddress("silent", "1");
        loop.listen(silent, TransportOptions.none(), connection -> {}).block(PATIENCE);
        client().remoteAddress(silent).connect().subscribe().dispose();

        assertObserved(
                "nvmf.connect",
                context -> context.hasLowCardinalityKeyValue("outcome", "cancelled")
                        .doesNotHaveError());
    }

    @Test
    void discoveryIsObserved() {
        client().discover().blockLast(PATIENCE);

        assertObserved(
                "nvmf.discovery",
                context -> context.hasLowCardinalityKeyValue("outcome", "completed")
                        .hasLowCardinalityKeyValue("subsystem", Nqn.DISCOVERY)
                        .hasHighCardinalityKeyValue("entries", "1"));
        assertThat(ends).containsExactly("nvmf.discovery");
    }

    @Test
    void aReadStreamIsOneObservationWithTheParentOfItsSubscriber() {
        NvmeNamespace namespace = namespace(client());
        Observation parent = Observation.start("request", registry);

        namespace
                .readStream(BLOCK, 64 * BLOCK, ReadStreamOptions.defaults().chunkSize(BLOCK))
                .doOnNext(ByteBuf::release)
                .doOnNext(data -> assertThat(registry.getCurrentObservation()).isNull())
                .contextWrite(Context.of(KEY, parent))
                .blockLast(PATIENCE);
        parent.stop();

        assertObserved(
                "nvmf.transfer",
                context -> context.hasContextualNameEqualTo("nvmf read")
                        .hasParentObservationEqualTo(parent)
                        .hasLowCardinalityKeyValue("direction", "read")
                        .hasLowCardinalityKeyValue("outcome", "completed")
                        .hasHighCardinalityKeyValue("controller", Integer.toString(controller.id()))
                        .hasHighCardinalityKeyValue("namespace", "1")
                        .hasHighCardinalityKeyValue("offset", "512")
                        .hasHighCardinalityKeyValue("length", Integer.toString(64 * BLOCK))
                        .hasHighCardinalityKeyValue("bytes", Integer.toString(64 * BLOCK)));
        assertThat(events).containsExactly("first.data");
        assertThat(ends).containsOnlyOnce("nvmf.transfer");
    }

    @Test
    void withoutAParentInTheContextItIsTheCurrentOneOfTheSubscribingThread() {
        NvmeNamespace namespace = namespace(client());
        Observation parent = Observation.start("request", registry);

        parent.scoped(
                () -> namespace.readStream(0, BLOCK).doOnNext(ByteBuf::release).blockLast(PATIENCE));
        parent.stop();

        assertObserved("nvmf.transfer", context -> context.hasParentObservationEqualTo(parent));
    }

    @Test
    void aReadStreamThatIsCancelledIsObservedAsSuch() {
        namespace(client())
                .readStream(0, SIZE, ReadStreamOptions.defaults().chunkSize(BLOCK))
                .doOnNext(ByteBuf::release)
                .take(2)
                .blockLast(PATIENCE);

        assertObserved(
                "nvmf.transfer",
                context -> context.hasLowCardinalityKeyValue("outcome", "cancelled")
                        .hasHighCardinalityKeyValue("bytes", Integer.toString(2 * BLOCK))
                        .doesNotHaveError());
    }

    @Test
    void aStreamThatIsRefusedIsObservedWithItsError() {
        Flux<ByteBuf> beyond = namespace(client()).readStream(SIZE, BLOCK);
        assertThatThrownBy(() -> beyond.blockLast(PATIENCE)).isInstanceOf(NvmeLimitException.class);

        assertObserved(
                "nvmf.transfer",
                context -> context.hasLowCardinalityKeyValue("outcome", "failed")
                        .hasHighCardinalityKeyValue("bytes", "0")
                        .assertThatError()
                        .isInstanceOf(NvmeLimitException.class));
        assertThat(events).isEmpty();
    }

    @Test
    void theSourceOfAWriteStreamBelongsToTheObservation() {
        NvmeNamespace namespace = namespace(client());
        Queue<Object> inSource = new ConcurrentLinkedQueue<>();
        Flux<ByteBuf> source = Flux.deferContextual(context -> {
            inSource.add(context.get(KEY));
            return namespace.readStream(0, 8 * BLOCK);
        });

        namespace.writeStream(64 * BLOCK, source).blockLast(PATIENCE);

        assertThat(inSource).hasSize(1);
        Observation write = (Observation) inSource.peek();
        ObservationContextAssert.assertThat(write.getContext())
                .hasContextualNameEqualTo("nvmf write")
                .hasLowCardinalityKeyValue("direction", "write")
                .hasHighCardinalityKeyValue("bytes", Integer.toString(8 * BLOCK))
                .doesNotHaveHighCardinalityKeyValueWithKey("length");
        TestObservationRegistryAssert.assertThat(registry)
                .hasAnObservation(context -> context.hasContextualNameEqualTo("nvmf read")
                        .hasLowCardinalityKeyValue("direction", "read")
                        .hasParentObservationEqualTo(write));
    }

    @Test
    void aWriteStreamThatFailsTellsHowFarItCame() {
        Flux<ByteBuf> breaks = Flux.concat(
                Flux.range(0, 4).map(i -> Unpooled.buffer(BLOCK).writeZero(BLOCK)),
                Mono.error(new IOException("broken")));
        Flux<?> writing = namespace(client())
                .writeStream(
                        0,
                        breaks,
                        WriteStreamOptions.defaults().chunkSize(BLOCK).expectedLength(8 * BLOCK));
        NvmeTransferException failure =
                catchThrowableOfType(NvmeTransferException.class, () -> writing.blockLast(PATIENCE));

        assertObserved(
                "nvmf.transfer",
                context -> context.hasLowCardinalityKeyValue("outcome", "failed")
                        .hasHighCardinalityKeyValue(
                                "bytes", Long.toString(failure.report().bytesWritten()))
                        .hasHighCardinalityKeyValue("length", Integer.toString(8 * BLOCK))
                        .hasError(failure));
    }

    @Test
    void aRecoveryIsObservedWithItsAttemptsAndWithoutAParent() {
        namespace(client());
        target.disconnectAll().block(PATIENCE);

        await().until(() -> ends.contains("nvmf.recovery"));
        List<String> attempts = List.copyOf(events);
        long failed = attempts.stream().filter("attempt.failed"::equals).count();
        assertObserved(
                "nvmf.recovery",
                context -> context.hasLowCardinalityKeyValue("cause", "loss")
                        .hasLowCardinalityKeyValue("outcome", "completed")
                        .hasHighCardinalityKeyValue("attempts", Long.toString(failed + 1))
                        .hasHighCardinalityKeyValue("controller", Integer.toString(controller.id()))
                        .doesNotHaveParentObservation()
                        .doesNotHaveError());
        // a new connection may be among those that the target has just closed
        assertThat(attempts).startsWith("attempt").endsWith("attempt").hasSize((int) (2 * failed + 1));
    }

    @Test
    void aResetIsARecovery() {
        namespace(client());
        controller.reset().block(PATIENCE);

        assertObserved(
                "nvmf.recovery",
                context -> context.hasLowCardinalityKeyValue("cause", "reset")
                        .hasLowCardinalityKeyValue("outcome", "completed"));
        assertThat(ends).containsOnlyOnce("nvmf.recovery");
    }

    @Test
    void aRecoveryThatIsGivenUpIsObservedWithTheLastFailure() {
        namespace(client().recovery(Recovery.defaults()
                .firstDelay(Duration.ofMillis(1))
                .maxDelay(Duration.ofMillis(10))
                .lossTimeout(Duration.ofMillis(100))));
        target.close().block(PATIENCE);
        controller.onClose().block(PATIENCE);

        assertObserved(
                "nvmf.recovery",
                context ->
                        context.hasLowCardinalityKeyValue("outcome", "failed").hasError());
        assertThat(events).contains("attempt", "attempt.failed");
    }

    @Test
    void aControllerThatIsClosedEndsItsRecoveryAsCancelled() {
        namespace(client());
        target.close().block(PATIENCE);
        await().until(() -> events.contains("attempt"));
        controller.close().block(PATIENCE);

        assertObserved("nvmf.recovery", context -> context.hasLowCardinalityKeyValue("outcome", "cancelled"));
    }

    @Test
    void aLossWithoutRecoveryIsNoRecovery() {
        namespace(client().recovery(Recovery.none()));
        target.disconnectAll().block(PATIENCE);
        controller.states().filter(ControllerState::isFinal).blockFirst(PATIENCE);

        assertThat(ends).containsExactly("nvmf.connect");
    }

    @Test
    void commandsAreNotObservedUnlessAskedFor() {
        released(namespace(client()).read(0, 1)).block(PATIENCE);

        assertThat(ends).containsExactly("nvmf.connect");
    }

    private NvmeClient commands() {
        return client().observation(MicrometerObserver.of(registry).commands(true));
    }

    @Test
    void aReadIsAnObservationWithItsPhasesAsEvents() {
        NvmeNamespace namespace = namespace(commands());
        await().until(() -> ends.contains("nvmf.connect"));
        registry.clear();
        events.clear();
        Observation parent = Observation.start("request", registry);

        released(namespace.read(3, 2))
                .doOnNext(data -> assertThat(registry.getCurrentObservation()).isNull())
                .contextWrite(Context.of(KEY, parent))
                .block(PATIENCE);
        parent.stop();

        assertObserved(
                "nvmf.command",
                context -> context.hasContextualNameEqualTo("nvmf read")
                        .hasParentObservationEqualTo(parent)
                        .hasLowCardinalityKeyValue("command", "read")
                        .hasLowCardinalityKeyValue("status", "success")
                        .hasLowCardinalityKeyValue("outcome", "completed")
                        .hasHighCardinalityKeyValue("controller", Integer.toString(controller.id()))
                        .hasHighCardinalityKeyValueWithKey("queue")
                        .hasHighCardinalityKeyValue("namespace", "1")
                        .hasHighCardinalityKeyValue("lba", "3")
                        .hasHighCardinalityKeyValue("blocks", "2")
                        .hasHighCardinalityKeyValue("bytes", Integer.toString(2 * BLOCK)));
        assertThat(events)
                .startsWith("queued", "written")
                .containsExactlyInAnyOrder("queued", "written", "data", "completed");
    }

    @Test
    void aLargeWriteTellsOfWhatTheControllerAsksFor() {
        NvmeNamespace namespace = namespace(commands());
        await().until(() -> ends.contains("nvmf.connect"));
        events.clear();

        namespace.write(0, Unpooled.buffer(64 * BLOCK).writeZero(64 * BLOCK)).block(PATIENCE);

        await().until(() -> events.contains("completed"));
        assertThat(events)
                .startsWith("queued", "written", "r2t")
                .endsWith("completed")
                .contains("data");
    }

    @Test
    void aCommandThatTheControllerRefusesIsObservedWithItsStatus() {
        namespace(commands());
        Mono<?> beyond = controller
                .ioQueues()
                .get(0)
                .execute(Command.nvm(NvmOpcode.VERIFY, 1).range(SIZE / BLOCK, 1).build());
        assertThatThrownBy(() -> beyond.block(PATIENCE)).isInstanceOf(NvmeStatusException.class);

        await().untilAsserted(() -> TestObservationRegistryAssert.assertThat(registry)
                .hasAnObservation(context -> context.hasLowCardinalityKeyValue("command", "verify")
                        .hasLowCardinalityKeyValue("outcome", "failed")
                        .hasLowCardinalityKeyValue("status", status(beyond))
                        .doesNotHaveParentObservation()
                        .hasError()));
    }

    private static String status(Mono<?> failing) {
        NvmeStatusException failure = catchThrowableOfType(NvmeStatusException.class, () -> failing.block(PATIENCE));
        return failure.status()
                .code(NvmOpcode.VERIFY)
                .map(code -> code.name().toLowerCase(Locale.ROOT))
                .orElseThrow();
    }

    @Test
    void theCommandsOfAStreamBelongToTheStream() {
        released(namespace(commands())
                        .readStream(0, 8 * BLOCK, ReadStreamOptions.defaults().chunkSize(BLOCK)))
                .blockLast(PATIENCE);

        assertObserved("nvmf.transfer", context -> context.hasLowCardinalityKeyValue("outcome", "completed"));
        TestObservationRegistryAssert.assertThat(registry)
                .hasHandledContextsThatSatisfy(contexts -> assertThat(contexts)
                        .filteredOn(context -> "nvmf read".equals(context.getContextualName())
                                && "nvmf.command".equals(context.getName()))
                        .hasSize(8)
                        .allMatch(context -> context.getParentObservation() != null
                                && "nvmf.transfer"
                                        .equals(context.getParentObservation()
                                                .getContextView()
                                                .getName())));
    }

    @Test
    void commandsAreObservedAfterARecoveryToo() {
        NvmeNamespace namespace = namespace(commands());
        target.disconnectAll().block(PATIENCE);
        await().until(() -> ends.contains("nvmf.recovery"));
        registry.clear();

        released(namespace.read(0, 1)).block(PATIENCE);

        assertObserved(
                "nvmf.command",
                context -> context.hasHighCardinalityKeyValue("controller", Integer.toString(controller.id())));
    }

    private static Mono<Integer> released(Mono<ByteBuf> data) {
        return data.map(ObservationTest::release);
    }

    private static Flux<Integer> released(Flux<ByteBuf> data) {
        return data.map(ObservationTest::release);
    }

    private static int release(ByteBuf buffer) {
        int length = buffer.readableBytes();
        buffer.release();
        return length;
    }

    @Test
    void conventionsCanBeReplaced() {
        MicrometerObserver observer = MicrometerObserver.of(registry)
                .transferConvention(new DefaultTransferObservationConvention() {
                    @Override
                    public String getName() {
                        return "disk.io";
                    }

                    @Override
                    public String getContextualName(TransferObservationContext context) {
                        return "at " + context.operation().offset();
                    }
                });
        namespace(client().observation(observer))
                .readStream(0, BLOCK)
                .doOnNext(ByteBuf::release)
                .blockLast(PATIENCE);

        assertObserved("disk.io", context -> context.hasContextualNameEqualTo("at 0"));
    }

    @Test
    void whatTheRegistryDoesNotWantIsNotObserved() {
        registry.observationConfig().observationPredicate((name, context) -> !"nvmf.transfer".equals(name));
        namespace(client()).readStream(0, BLOCK).doOnNext(ByteBuf::release).blockLast(PATIENCE);

        assertThat(ends).containsExactly("nvmf.connect");
    }

    @Test
    void anObserverThatThrowsDisturbsNothing() {
        NvmeObserver observer = new NvmeObserver() {
            @Override
            public OperationObserver connect(ConnectOperation operation, ContextView context) {
                throw new IllegalStateException("from connect");
            }

            @Override
            public OperationObserver transfer(TransferOperation operation, ContextView context) {
                return new OperationObserver() {
                    @Override
                    public Context context(Context subscriber) {
                        throw new IllegalStateException("from context");
                    }

                    @Override
                    public void event(OperationEvent event) {
                        throw new IllegalStateException("from event");
                    }

                    @Override
                    public void end(OperationOutcome outcome, @Nullable Throwable failure) {
                        ends.add(outcome + " " + operation.bytes());
                        throw new IllegalStateException("from end");
                    }
                };
            }
        };
        List<Integer> lengths = namespace(client().observation(observer))
                .readStream(0, 8 * BLOCK)
                .map(ObservationTest::release)
                .collectList()
                .block(PATIENCE);

        assertThat(lengths).containsExactly(8 * BLOCK);
        assertThat(ends).containsExactly("COMPLETED 4096");
    }
}
