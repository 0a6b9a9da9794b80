package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.ExhaustibleAllocator;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.loop.LoopConnection;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a failure to connect tells: whichever step failed and however, no command of the user is concerned. */
class ConnectOutcomeTest {

    /** A step as the script writes it, and what the message calls it. */
    private record Step(String line, String name) {}

    private static final List<Step> STEPS = List.of(
            new Step("q0 Connect", "queue 0"),
            new Step("Get CAP", "Property Get"),
            new Step("Get VS", "Property Get"),
            new Step("Set CC 460001h", "Property Set"),
            new Step("Get CSTS", ""),
            new Step("Identify 01h 0", "Identify"),
            new Step("Set Features 16h 00h", "Set Features"),
            new Step("Set Features 07h 10001h", "Set Features"),
            new Step("q1 Connect", "queue 1"),
            new Step("q2 Connect", "queue 2"));

    /** A way for a step to fail, and what it becomes. */
    private record Kind(
            String name,
            Class<? extends NvmeException> exception,
            BiConsumer<ScriptedController, ScriptedController.Exchange> action) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static final List<Kind> KINDS = List.of(
            new Kind("closed", NvmeConnectionException.class, (controller, exchange) -> exchange.close()),
            new Kind(
                    "reset",
                    NvmeConnectionException.class,
                    (controller, exchange) -> connection(controller, exchange).cut()),
            new Kind("I/O failure", NvmeConnectionException.class, (controller, exchange) -> {
                Termination failure = new Termination.IoFailure(new IOException("no route"));
                connection(controller, exchange).cut(failure, failure);
            }),
            new Kind("protocol error", NvmeProtocolException.class, (controller, exchange) -> {
                Termination error =
                        new Termination.ProtocolError(Termination.Side.LOCAL, 1, 2, "wrong", ByteBuffer.allocate(0));
                connection(controller, exchange).cut(error, error);
            }),
            new Kind(
                    "response to nobody",
                    NvmeProtocolException.class,
                    (controller, exchange) ->
                            exchange.queue.pair.submit(ResponseCapsule.of(exchange.commandId ^ 0x4000, 0, 0, 0, 0))),
            new Kind("silence", NvmeTimeoutException.class, (controller, exchange) -> {}),
            new Kind(
                    "refused",
                    NvmeStatusException.class,
                    (controller, exchange) -> exchange.fail(StatusCode.INTERNAL_ERROR)));

    private static LoopConnection connection(ScriptedController controller, ScriptedController.Exchange exchange) {
        return controller.transport.connections().stream()
                .filter(connection -> connection.controller() == exchange.queue.pair)
                .findFirst()
                .orElseThrow();
    }

    static Stream<Arguments> everything() {
        return STEPS.stream().flatMap(step -> KINDS.stream().map(kind -> Arguments.of(step, kind)));
    }

    private static Optional<CommandOutcome> outcome(Throwable failure) {
        return Optional.ofNullable((NvmeException) failure).map(NvmeException::outcome);
    }

    private static ScriptedController controller() {
        ScriptedController controller = new ScriptedController();
        controller.identify().set(IdentifyController.Field.CRDT1, 5);
        return controller;
    }

    @ParameterizedTest
    @MethodSource("everything")
    void isNotConnectedAndNamesStepAndTarget(Step step, Kind kind) {
        ScriptedController controller = controller();
        controller.on(step.line(), exchange -> kind.action().accept(controller, exchange));
        AtomicReference<Throwable> failure = new AtomicReference<>();

        controller.client().connectTimeout(Duration.ofSeconds(3)).connect().subscribe(up -> {}, failure::set);
        controller.timer.advanceTimeBy(Duration.ofSeconds(6));

        assertThat(failure.get())
                .as("after %s", controller.log)
                .isInstanceOf(kind.exception())
                .hasMessageContaining(step.name())
                .hasMessageContaining(ScriptedController.NQN);
        assertThat(outcome(failure.get())).contains(CommandOutcome.NOT_CONNECTED);
        controller.assertNothingOpen();
    }

    @ParameterizedTest
    @MethodSource("everything")
    void discoveryTellsTheSame(Step step, Kind kind) {
        ScriptedController controller = controller();
        controller.beDiscovery();
        controller.on(step.line(), exchange -> kind.action().accept(controller, exchange));
        AtomicReference<Throwable> failure = new AtomicReference<>();

        controller.client().connectTimeout(Duration.ofSeconds(3)).discover().subscribe(up -> {}, failure::set);
        controller.timer.advanceTimeBy(Duration.ofSeconds(6));

        boolean stepOfDiscovery = STEPS.indexOf(step) < 6;
        if (stepOfDiscovery) {
            assertThat(failure.get())
                    .as("after %s", controller.log)
                    .isInstanceOf(kind.exception())
                    .hasMessageContaining(Nqn.DISCOVERY);
        } else {
            assertThat(failure.get()).isNull();
        }
        outcome(failure.get()).ifPresent(known -> assertThat(known).isEqualTo(CommandOutcome.NOT_CONNECTED));
        controller.assertNothingOpen();
    }

    @Test
    void garbageIsNotConnected() {
        ScriptedController controller = controller();
        controller.identify().set(IdentifyController.Field.CNTLID, 9);
        AtomicReference<Throwable> failure = new AtomicReference<>();

        controller.client().connect().subscribe(up -> {}, failure::set);

        assertThat(failure.get()).isInstanceOf(NvmeProtocolException.class);
        assertThat(outcome(failure.get())).contains(CommandOutcome.NOT_CONNECTED);
    }

    @Test
    void aFatalStatusIsNotConnected() {
        ScriptedController controller = controller();
        controller.status = 2;
        AtomicReference<Throwable> failure = new AtomicReference<>();

        controller.client().connect().subscribe(up -> {}, failure::set);

        assertThat(failure.get())
                .hasMessageContaining("enable the controller of")
                .hasMessageContaining("CSTS.CFS");
        assertThat(outcome(failure.get())).contains(CommandOutcome.NOT_CONNECTED);
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(
            strings = {"", "Get CSTS", "Set CC 460001h", "Set Features 07h 10001h"})
    void withoutMemoryItFailsAtOnce(String lastStepWithMemory) {
        ExhaustibleAllocator allocator = new ExhaustibleAllocator();
        ScriptedController controller = new ScriptedController(LoopTransportOptions.defaults()
                .withAllocator(allocator)
                .withExecutors(ImmediateEventExecutor.INSTANCE, ImmediateEventExecutor.INSTANCE));
        allocator.exhausted = lastStepWithMemory.isEmpty();
        controller.on(lastStepWithMemory, exchange -> {
            allocator.exhausted = true;
            int granted = lastStepWithMemory.startsWith("Set Features") ? 0x1_0001 : 1;
            exchange.answer(Status.SUCCESS, granted, 0);
        });
        AtomicReference<Throwable> failure = new AtomicReference<>();

        controller.client().connect().subscribe(up -> {}, failure::set);

        assertThat(failure.get()).as("after %s", controller.log).isInstanceOf(NvmeException.class);
        assertThat(outcome(failure.get())).contains(CommandOutcome.NOT_CONNECTED);
        controller.assertNothingOpen();
    }

    @Test
    void anEventLoopThatIsShutDownUnderItIsNotConnected() throws Exception {
        DefaultEventExecutor host = new DefaultEventExecutor();
        ScriptedController controller = new ScriptedController(
                LoopTransportOptions.defaults().withExecutors(host, ImmediateEventExecutor.INSTANCE));
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        CountDownLatch reached = new CountDownLatch(1);
        AtomicReference<ScriptedController.Exchange> held = new AtomicReference<>();
        controller.on("Get CAP", exchange -> {
            held.set(exchange);
            reached.countDown();
        });
        controller.client().connect().subscribe(up -> {}, failure::complete);
        assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();

        host.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        held.get().succeed();

        Throwable told = failure.get(30, TimeUnit.SECONDS);
        assertThat(told).isInstanceOf(NvmeException.class);
        assertThat(outcome(told)).contains(CommandOutcome.NOT_CONNECTED);
    }

    @Test
    void withoutAnEventLoopATimeOutIsNotToldOnTheTimer() throws Exception {
        DefaultEventExecutor host = new DefaultEventExecutor();
        ScriptedController controller = new ScriptedController(
                LoopTransportOptions.defaults().withExecutors(host, ImmediateEventExecutor.INSTANCE));
        CompletableFuture<Thread> told = new CompletableFuture<>();
        CountDownLatch reached = new CountDownLatch(1);
        controller.on("Get CAP", exchange -> reached.countDown());
        controller.client().connect().subscribe(up -> {}, failure -> told.complete(Thread.currentThread()));
        assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
        host.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();

        Thread timer = Thread.currentThread();
        controller.timer.advanceTimeBy(Duration.ofSeconds(60));

        assertThat(told.get(30, TimeUnit.SECONDS)).isNotSameAs(timer);
        controller.cut();
    }
}
