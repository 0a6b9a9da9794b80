package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.nvmf.command.NvmeException;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.DelegatingTransport;
import io.nvmf.testing.ManualEventExecutor;
import io.nvmf.testing.ManualTimer;
import io.nvmf.testing.ShallowStack;
import io.nvmf.transport.Handover;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.TransportProvider;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopConnection;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;

/**
 * Connecting and discovering under every kind of interleaving: turns of both sides' event loops, time, a step that fails in some
 * way, loss, late demand, and a cancel somewhere. Whatever happens, nothing stays and the subscriber hears of one end, or of none
 * after its cancel. A failure names its seed; {@code -Dconnect.seed=n} repeats it.
 */
class ConnectInterleavingTest {

    private static final int SCHEDULES = Integer.getInteger("nvmf.schedules", 100_000);

    /** Every step of the bring-up and of reading the discovery log, as the script writes them. */
    private static final List<String> STEPS = List.of(
            "q0 Connect",
            "Get CAP",
            "Get VS",
            "Set CC 460001h",
            "Get CSTS",
            "Identify 01h 0",
            "Set Features 0Fh 2710h",
            "Set Features 07h 10001h",
            "q1 Connect",
            "q2 Connect",
            "Log 70h 0+1024 RAE",
            "Log 70h 1024+2048 RAE",
            "Log 70h 0+1024");

    /** What goes wrong at a step. */
    private static final List<Consumer<ScriptedController.Exchange>> FAULTS = List.of(
            exchange -> {}, // silence
            ScriptedController.Exchange::close,
            exchange -> exchange.fail(StatusCode.INTERNAL_ERROR),
            exchange -> exchange.answer(Status.SUCCESS, -1, -1), // garbage
            exchange -> {
                exchange.succeed();
                exchange.succeed(); // the second answers nothing
            });

    private final List<String> dropped = new ArrayList<>();

    @AfterEach
    void resetHooks() {
        Hooks.resetOnErrorDropped();
        Hooks.resetOnNextDropped();
    }

    @Test
    void nothingStaysAndOneEndIsTold() {
        Hooks.onErrorDropped(error -> dropped.add("error " + error));
        Hooks.onNextDropped(value -> dropped.add("value " + value));
        String only = System.getProperty("connect.seed");
        long first = only == null ? System.nanoTime() : Long.parseLong(only);
        ShallowStack.run(() -> run(first, only == null ? SCHEDULES : 1));
    }

    private void run(long first, int count) {
        for (long seed = first; seed < first + count; seed++) {
            Schedule schedule = new Schedule(seed);
            try {
                schedule.run();
            } catch (Throwable failed) {
                fail("seed " + seed + ", " + schedule.script + ", controller saw " + schedule.controller.log, failed);
            }
        }
    }

    /** A subscriber that counts, and insists on the thread. */
    private static final class Recorder implements CoreSubscriber<Object> {

        final Schedule schedule;
        Subscription subscription;
        int ends;
        int afterCancel;
        boolean cancelled;
        boolean requesting;
        NvmeController connected;

        Recorder(Schedule schedule) {
            this.schedule = schedule;
        }

        /** What is there already comes on the thread that asks for it. */
        void request() {
            requesting = true;
            subscription.request(Long.MAX_VALUE);
            requesting = false;
        }

        private void signalled() {
            if (schedule.timer.isFiring()) {
                throw new AssertionError("signalled on the timer");
            }
            if (!requesting && schedule.hasQueue() && !schedule.host.inEventLoop()) {
                throw new AssertionError("signalled elsewhere than on the event loop of the association");
            }
            if (cancelled) {
                afterCancel++;
            }
        }

        @Override
        public void onSubscribe(Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(Object value) {
            signalled();
            if (value instanceof NvmeController controller) {
                connected = controller;
            }
        }

        @Override
        public void onError(Throwable error) {
            signalled();
            ends++;
            schedule.script.add(error.toString());
            if (!(error instanceof NvmeException)) {
                throw new AssertionError("not one of the documented exceptions", error);
            }
        }

        @Override
        public void onComplete() {
            signalled();
            ends++;
        }
    }

    /** A transport whose queue pairs are made by something that knows no cancel, and handed over. */
    private record Handing(TransportProvider inner) implements DelegatingTransport {

        @Override
        public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
            return Handover.of(
                    inner.connect(parameters), unwanted -> unwanted.close().subscribe());
        }
    }

    /** A transport that finishes what it began whatever its subscriber does, as an operator within it may do. */
    private record Stubborn(TransportProvider inner) implements DelegatingTransport {

        @Override
        public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
            return Mono.from((Publisher<HostQueuePair>) subscriber -> inner.connect(parameters)
                    .subscribe(new CoreSubscriber<>() {
                        @Override
                        public void onSubscribe(Subscription subscription) {
                            subscription.request(1);
                            subscriber.onSubscribe(new Subscription() {
                                @Override
                                public void request(long n) {}

                                @Override
                                public void cancel() {}
                            });
                        }

                        @Override
                        public void onNext(HostQueuePair queuePair) {
                            subscriber.onNext(queuePair);
                        }

                        @Override
                        public void onError(Throwable error) {
                            subscriber.onError(error);
                        }

                        @Override
                        public void onComplete() {
                            subscriber.onComplete();
                        }
                    }));
        }
    }

    private final class Schedule {

        final List<String> script = new ArrayList<>();
        final ManualTimer timer = new ManualTimer();
        final ScriptedController controller;

        private final Random random;
        private final ManualEventExecutor host = new ManualEventExecutor();
        private final ManualEventExecutor target = new ManualEventExecutor();
        private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
        private final Recorder recorder = new Recorder(this);
        private final TransportProvider provider;
        private final TransportRegistry registry;
        private final boolean discover;

        Schedule(long seed) {
            random = new Random(seed);
            discover = random.nextInt(4) == 0;
            controller = new ScriptedController(
                    LoopTransportOptions.defaults().withExecutors(host, target).withAllocator(allocator));
            provider = switch (random.nextInt(4)) {
                case 0 -> new Stubborn(controller.transport);
                case 1 -> new Handing(controller.transport);
                default -> controller.transport;
            };
            registry = TransportRegistry.empty().register(provider);
        }

        void run() {
            prepare();
            NvmeClient client = controller.client().registry(registry).timer(timer);
            (discover ? client.discover() : client.connect()).subscribe(recorder);
            boolean late = random.nextInt(4) == 0;
            if (!late) {
                recorder.request();
            }
            boolean cancel = random.nextInt(4) != 0;
            for (int steps = random.nextInt(40); steps > 0; steps--) {
                step();
            }
            if (late) {
                script.add("request");
                recorder.request();
            }
            for (int steps = random.nextInt(20); steps > 0; steps--) {
                step();
            }
            boolean endedBefore = recorder.ends > 0;
            if (cancel) {
                script.add("cancel");
                if (random.nextBoolean()) {
                    host.call(recorder.subscription::cancel);
                } else {
                    recorder.subscription.cancel();
                }
                recorder.cancelled = true;
            }
            for (int steps = random.nextInt(10); steps > 0; steps--) {
                step();
            }
            check(endedBefore);
        }

        /** Whether the host has a queue, since a command of it has come. */
        boolean hasQueue() {
            return controller.log.size() > 1;
        }

        private void prepare() {
            if (discover) {
                controller.beDiscovery();
                controller.discoveryLog.add(entry());
                controller.discoveryLog.add(entry());
            }
            if (random.nextInt(8) == 0) {
                controller.identify().set(IdentifyController.Field.KAS, 30);
            }
            if (random.nextInt(2) == 0) {
                String step = STEPS.get(random.nextInt(STEPS.size()));
                int fault = random.nextInt(FAULTS.size());
                script.add("fault " + fault + " at " + step);
                controller.on(step, FAULTS.get(fault));
            }
            if (random.nextInt(16) == 0) {
                script.add("never ready");
                controller.status = random.nextInt(3) == 0 ? 2 : 0;
            }
        }

        private DiscoveryLogEntry entry() {
            return new DiscoveryLogEntry(
                    3,
                    1,
                    2,
                    0,
                    1,
                    0xFFFF,
                    32,
                    0,
                    "4420",
                    ScriptedController.NQN,
                    "192.0.2.1",
                    new DiscoveryLogEntry.Tcp(0));
        }

        private void step() {
            int what = random.nextInt(64);
            if (what < 28) {
                host.turn();
            } else if (what < 56) {
                target.turn();
            } else if (what < 60) {
                timer.advance(random.nextInt(6000), TimeUnit.MILLISECONDS);
            } else {
                disturb(what);
            }
        }

        private void disturb(int how) {
            List<LoopConnection> connections = controller.transport.connections();
            if (connections.isEmpty()) {
                return;
            }
            LoopConnection one = connections.get(random.nextInt(connections.size()));
            if (how == 60) {
                script.add("cut");
                one.cut();
            } else if (how == 61) {
                script.add("hold");
                one.hold(
                        random.nextBoolean()
                                ? LoopConnection.Direction.TO_HOST
                                : LoopConnection.Direction.TO_CONTROLLER);
            }
        }

        private void settle() {
            settleLoops();
            for (int i = 0; i < 100 && timer.waiting() > 0; i++) {
                timer.advance(2, TimeUnit.SECONDS);
                settleLoops();
            }
        }

        private void check(boolean endedBefore) {
            boolean owned = recorder.connected != null;
            if (!recorder.cancelled) {
                settle();
                owned = recorder.connected != null;
                assertThat(recorder.ends).as("ends that were told").isOne();
            } else if (discover) {
                settle(); // an orderly shutdown takes turns of the timer
            } else {
                settleLoops();
            }
            assertThat(recorder.afterCancel).as("signals after the cancel").isZero();
            if (owned) {
                recorder.connected.close().subscribe();
                settle();
            }
            assertThat(recorder.ends).isLessThanOrEqualTo(1);
            if (endedBefore) {
                assertThat(recorder.ends).isOne();
            }
            controller.transport.connections().forEach(connection -> {
                connection.release(LoopConnection.Direction.TO_CONTROLLER);
                connection.release(LoopConnection.Direction.TO_HOST);
            });
            settleLoops();
            controller.assertNothingOpen();
            registry.unregister(provider); // refuses while a queue pair lives
            assertThat(timer.waiting()).as("timers").isZero();
            assertThat(allocator.metric().usedHeapMemory()).as("heap buffers").isZero();
            assertThat(allocator.metric().usedDirectMemory())
                    .as("direct buffers")
                    .isZero();
            assertThat(dropped).isEmpty();
        }

        private void settleLoops() {
            ManualEventExecutor.settle(host, target);
        }
    }
}
