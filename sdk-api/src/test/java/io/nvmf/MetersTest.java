package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.ScriptedController.Exchange;
import io.nvmf.command.Command;
import io.nvmf.metrics.micrometer.MicrometerRecorder;
import io.nvmf.metrics.micrometer.NvmeMeters;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.IdentifyController.Field;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** Each meter of a client moves when it should, and no other one does. */
class MetersTest {

    private static final int BLOCK = 512;
    private static final Duration KATO = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(8);
    /** More than what an association has to last for the next one to be made at once when it is lost. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(11);

    /** Of one controller; {@code MicrometerRecorderTest} has a thousand. */
    private static final int RECONNECTS = 20;

    private static final String READ = "q1 I/O " + NvmOpcode.READ;
    private static final String WRITE = "q1 I/O " + NvmOpcode.WRITE;
    private static final String FLUSH = "q1 I/O " + NvmOpcode.FLUSH;

    private final MockClock clock = new MockClock();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
    private final ScriptedController controller = new ScriptedController();
    private final List<Exchange> kept = new ArrayList<>();
    private @Nullable NvmeController connected;

    @AfterEach
    void close() {
        kept.forEach(exchange -> exchange.command.release());
        if (connected != null) {
            connected.close().subscribe();
        }
        controller.cut();
    }

    private NvmeClient client() {
        return controller
                .client()
                .ioQueues(1)
                .keepAlive(KATO)
                .commandTimeout(TIMEOUT)
                .adminTimeout(TIMEOUT)
                .metrics(MicrometerRecorder.of(registry));
    }

    private NvmeNamespace connect(NvmeClient client) {
        NvmeController opened = controller.connect(client);
        connected = opened;
        return opened.namespace(1).block();
    }

    private NvmeController controller() {
        assertThat(connected).isNotNull();
        return connected;
    }

    private void keep(String line) {
        controller.on(line, exchange -> {
            exchange.kept = true;
            kept.add(exchange);
        });
    }

    private void advance(Duration time) {
        clock.add(time);
        controller.timer.advanceTimeBy(time);
    }

    /** The only meter with that name and those tags, of any queue unless said otherwise. */
    private Meter meter(NvmeMeters meter, String... tags) {
        return registry.get(meter.getName()).tags(tags).meter();
    }

    private double value(NvmeMeters meter, String... tags) {
        Meter found = meter(meter, tags);
        return found.measure().iterator().next().getValue();
    }

    private long commands(String queue, String command, String status) {
        Timer timer = registry.find(NvmeMeters.COMMANDS.getName())
                .tags("queue", queue, "command", command, "status", status)
                .timer();
        return timer == null ? 0 : timer.count();
    }

    private double bytes(String direction) {
        return ((FunctionCounter) meter(NvmeMeters.BYTES, "queue", "1", "direction", direction)).count();
    }

    private double state(String state) {
        return value(NvmeMeters.STATE, "state", state);
    }

    private static ByteBuf blocks(int count) {
        return Unpooled.buffer(count * BLOCK).writeZero(count * BLOCK);
    }

    /** Answers a read with zeros. */
    private static void sendZeros(Exchange exchange) {
        exchange.send(blocks((int) exchange.command.dataLength() / BLOCK));
    }

    /** Fetches the data of a write, and answers. */
    private static void receive(Exchange exchange) {
        int length = (int) exchange.command.dataLength();
        exchange.kept = true;
        exchange.command.receive(0, length).subscribe(data -> {
            data.release();
            exchange.succeed();
            exchange.command.release();
        });
    }

    @Test
    void commandsAreCountedByCommandAndStatus() {
        NvmeNamespace namespace = connect(client());
        controller.on(READ, MetersTest::sendZeros);
        namespace.flush().block();
        namespace.write(0, blocks(3)).block();
        namespace.read(0, 2).doOnNext(ByteBuf::release).block();
        controller.on(READ, exchange -> exchange.fail(StatusCode.UNRECOVERED_READ_ERROR));
        namespace.read(0, 2).onErrorComplete().block();
        controller.on(READ, exchange -> exchange.answer(Status.of(7, 0x42, true), 0, 0));
        namespace.read(0, 2).onErrorComplete().block();

        assertThat(commands("1", "flush", "success")).isEqualTo(1);
        assertThat(commands("1", "write", "success")).isEqualTo(1);
        assertThat(commands("1", "read", "success")).isEqualTo(1);
        assertThat(commands("1", "read", "unrecovered_read_error")).isEqualTo(1);
        assertThat(commands("1", "read", "other")).isEqualTo(1);
        assertThat(bytes("read")).isEqualTo(2 * BLOCK);
        assertThat(bytes("write")).isEqualTo(3 * BLOCK);
        assertThat(commands("0", "identify", "success")).isPositive();
    }

    @Test
    void commandsUnderWayAndTheirMemoryAreShown() {
        NvmeNamespace namespace = connect(client());
        keep(READ);
        Disposable reading = namespace.read(0, 2).onErrorComplete().subscribe();
        assertThat(value(NvmeMeters.IN_FLIGHT, "queue", "1")).isEqualTo(1);
        assertThat(value(NvmeMeters.MEMORY, "queue", "1")).isEqualTo(2 * BLOCK);
        assertThat(value(NvmeMeters.QUEUE_DEPTH, "queue", "1")).isEqualTo(127);
        kept.get(0).fail(StatusCode.NAMESPACE_NOT_READY);
        assertThat(reading.isDisposed()).isTrue();
        assertThat(value(NvmeMeters.IN_FLIGHT, "queue", "1")).isZero();
        assertThat(value(NvmeMeters.MEMORY, "queue", "1")).isZero();
    }

    @Test
    void waitingForASlotIsShownAndTimed() {
        NvmeNamespace namespace = connect(client().queueSize(2));
        keep(FLUSH);
        namespace.flush().subscribe();
        namespace.flush().subscribe();
        assertThat(value(NvmeMeters.SLOT_WAITING, "queue", "1")).isEqualTo(1);
        kept.get(0).succeed();
        assertThat(value(NvmeMeters.SLOT_WAITING, "queue", "1")).isZero();
        assertThat(((Timer) meter(NvmeMeters.SLOT_WAITS, "queue", "1")).count()).isEqualTo(1);
        kept.get(1).succeed();
        assertThat(((Timer) meter(NvmeMeters.SLOT_WAITS, "queue", "1")).count())
                .as("those that do not wait are not in")
                .isEqualTo(1);
        assertThat(commands("1", "flush", "success")).isEqualTo(2);
    }

    @Test
    void aCancelledCommandIsAnOrphanAndItsAbortIsCounted() {
        NvmeNamespace namespace = connect(client());
        keep(READ);
        namespace.read(0, 1).subscribe().dispose();
        assertThat(commands("1", "read", "cancelled")).isEqualTo(1);
        assertThat(value(NvmeMeters.ORPHANS, "queue", "1")).isEqualTo(1);
        assertThat(value(NvmeMeters.IN_FLIGHT, "queue", "1")).isZero();
        assertThat(value(NvmeMeters.ABORTS, "result", "aborted")).isEqualTo(1);
        assertThat(commands("0", "abort", "success")).isEqualTo(1);
        kept.get(0).fail(StatusCode.ABORT_REQUESTED);
        assertThat(value(NvmeMeters.ORPHANS, "queue", "1")).isZero();
        assertThat(commands("1", "read", "abort_requested"))
                .as("nobody waited for it any more")
                .isZero();
    }

    @Test
    void anAbortThatComesTooLateIsCountedAsSuch() {
        NvmeNamespace namespace = connect(client());
        keep(READ);
        controller.on("Abort", exchange -> exchange.answer(Status.SUCCESS, 1, 0));
        namespace.read(0, 1).subscribe().dispose();
        assertThat(value(NvmeMeters.ABORTS, "result", "not_aborted")).isEqualTo(1);
        kept.get(0).fail(StatusCode.INTERNAL_ERROR);
    }

    @Test
    void anAbortWithoutAnAnswerIsCountedAsSuch() {
        NvmeNamespace namespace = connect(client());
        keep(READ);
        controller.on("Abort", exchange -> {});
        namespace.read(0, 1).subscribe().dispose();
        controller.cut();
        assertThat(value(NvmeMeters.STATE, "state", "lost")).isEqualTo(1);
        assertThat(registry.find(NvmeMeters.ABORTS.getName()).meters())
                .as("the association is over")
                .isEmpty();
        assertThat(namespace).isNotNull();
    }

    @Test
    void aCommandThatTakesTooLongIsCountedAsSuch() {
        NvmeNamespace namespace = connect(client().keepAlive(Duration.ZERO));
        keep(FLUSH);
        namespace.flush().onErrorComplete().subscribe();
        advance(TIMEOUT.multipliedBy(9).dividedBy(8));
        assertThat(commands("1", "flush", "timeout")).isEqualTo(1);
        assertThat(commands("1", "flush", "cancelled")).isZero();
    }

    @Test
    void keepAliveIsTimed() {
        connect(client());
        Timer timer = (Timer) meter(NvmeMeters.KEEP_ALIVE);
        keep("Keep Alive");
        controller.timer.advanceTimeBy(KATO.dividedBy(2));
        assertThat(timer.count()).isZero();
        controller.timer.advanceTimeBy(Duration.ofMillis(3));
        kept.get(0).succeed();
        assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(3);
        assertThat(timer.count()).isEqualTo(1);
        assertThat(commands("0", "keep_alive", "success")).isEqualTo(1);
    }

    @Test
    void anOutageIsShownWhileItLastsAndTimedWhenItIsOver() {
        NvmeNamespace namespace = connect(client().recovery(Recovery.defaults()));
        assertThat(state("live")).isEqualTo(1);
        controller.on("q0 Connect", Exchange::close);
        controller.cut();
        assertThat(state("live")).isZero();
        assertThat(state("reconnecting") + state("connecting")).isEqualTo(1);
        LongTaskTimer underWay = (LongTaskTimer) meter(NvmeMeters.OUTAGES_ACTIVE);
        assertThat(underWay.activeTasks()).isEqualTo(1);
        assertThat(value(NvmeMeters.RECONNECTS, "result", "failure")).isPositive();
        assertThat(((Timer) meter(NvmeMeters.OUTAGES)).count()).isZero();

        controller.overrides.remove("q0 Connect");
        advance(Duration.ofSeconds(20));
        assertThat(state("live")).isEqualTo(1);
        assertThat(underWay.activeTasks()).isZero();
        Timer outages = (Timer) meter(NvmeMeters.OUTAGES);
        assertThat(outages.count()).isEqualTo(1);
        assertThat(outages.totalTime(TimeUnit.SECONDS)).isEqualTo(20);
        assertThat(value(NvmeMeters.RECONNECTS, "result", "success")).isEqualTo(1);
        namespace.flush().block();
        assertThat(commands("1", "flush", "success")).isEqualTo(1);
    }

    @Test
    void commandsThatAreLostAreCountedAsSuch() {
        NvmeNamespace namespace = connect(client().recovery(Recovery.defaults()));
        keep(FLUSH);
        namespace.flush().subscribe();
        controller.overrides.remove(FLUSH);
        controller.cut();
        advance(Duration.ofSeconds(20));
        assertThat(commands("1", "flush", "lost")).isEqualTo(1);
        assertThat(commands("1", "flush", "success"))
                .as("it was sent again, and the identifier of the controller is the same")
                .isEqualTo(1);
        assertThat(value(NvmeMeters.IN_FLIGHT, "queue", "1")).isZero();
    }

    @Test
    void eventsAreCountedByKind() {
        ArrayDeque<Exchange> parked = new ArrayDeque<>();
        controller.identify().set(Field.OAES, 0xFFFF_FF00L).set(Field.AERL, 7);
        controller.on("Event Request", parked::add);
        connect(client());
        AsyncEvent event = new AsyncEvent(1, 1, 2, 0);
        parked.remove().answer(Status.SUCCESS, event.encode(), event.specific());
        assertThat(value(NvmeMeters.EVENTS, "kind", "health_warning")).isEqualTo(1);
        assertThat(value(NvmeMeters.IN_FLIGHT, "queue", "0"))
                .as("event requests wait in the controller")
                .isZero();
    }

    @Test
    void streamsOfBytesAndStreamsOfCommandsAreMeasuredLikeSingleCommands() {
        NvmeNamespace namespace = connect(client());
        controller.on(READ, MetersTest::sendZeros);
        namespace.readStream(0, 64 * BLOCK).doOnNext(ByteBuf::release).blockLast();
        assertThat(bytes("read")).isEqualTo(64 * BLOCK);
        long reads = commands("1", "read", "success");
        assertThat(reads).isPositive();
        controller.on(WRITE, MetersTest::receive);
        namespace.writeStream(0, Flux.range(0, 8).map(part -> blocks(4))).blockLast();
        assertThat(bytes("write")).isEqualTo(32 * BLOCK);
        long flushes = commands("1", "flush", "success");
        controller()
                .ioQueues()
                .get(0)
                .execute(Flux.range(0, 5)
                        .map(number -> Command.opcode(NvmOpcode.FLUSH).nsid(1).build()))
                .blockLast();
        assertThat(commands("1", "flush", "success")).isEqualTo(flushes + 5);
        assertThat(commands("1", "read", "success")).isEqualTo(reads);
    }

    @Test
    void everyMeterIsAsItIsDocumented() {
        ArrayDeque<Exchange> parked = new ArrayDeque<>();
        controller.identify().set(Field.OAES, 0xFFFF_FF00L).set(Field.AERL, 7);
        controller.on("Event Request", parked::add);
        NvmeNamespace namespace = connect(client());
        namespace.flush().block();
        parked.remove().answer(Status.SUCCESS, new AsyncEvent(1, 1, 2, 0).encode(), 0);
        for (NvmeMeters documented : NvmeMeters.values()) {
            assertThat(registry.get(documented.getName()).meters())
                    .as(documented.name())
                    .isNotEmpty()
                    .allSatisfy(meter -> {
                        Meter.Id id = meter.getId();
                        assertThat(id.getType()).isEqualTo(documented.getType());
                        assertThat(id.getDescription()).isEqualTo(documented.description());
                        assertThat(id.getBaseUnit()).isEqualTo(documented.getBaseUnit());
                        assertThat(id.getTags().stream().map(Tag::getKey))
                                .containsExactlyInAnyOrderElementsOf(Arrays.stream(documented.getKeyNames())
                                        .map(KeyName::asString)
                                        .toList());
                    });
        }
        Set<String> documented =
                Arrays.stream(NvmeMeters.values()).map(NvmeMeters::getName).collect(Collectors.toSet());
        assertThat(documented).hasSameSizeAs(NvmeMeters.values()).allMatch(name -> name.startsWith("nvmf.client."));
        assertThat(registry.getMeters().stream().map(meter -> meter.getId().getName()))
                .allMatch(documented::contains);
    }

    @Test
    void reconnectsLeaveNoMoreMetersThanTheFirstConnect() {
        NvmeNamespace namespace = connect(client().recovery(Recovery.defaults())
                .keepAlive(Duration.ZERO)
                .commandTimeout(Duration.ZERO)
                .adminTimeout(Duration.ZERO));
        namespace.flush().block();
        int before = registry.getMeters().size();
        for (int i = 1; i <= RECONNECTS; i++) {
            controller.connectDw0 = 100 + i;
            controller.identify().set(Field.CNTLID, 100 + i);
            controller.cut();
            advance(LONG_ENOUGH);
            assertThat(controller().isConnected()).as("after loss %s", i).isTrue();
        }
        namespace.flush().block();
        assertThat(registry.getMeters()).hasSizeLessThanOrEqualTo(before + 1); // events that were missed
        assertThat(value(NvmeMeters.RECONNECTS, "result", "success")).isEqualTo(RECONNECTS);
        assertThat(value(NvmeMeters.EVENTS, "kind", "missed")).isEqualTo(RECONNECTS);
        assertThat(meter(NvmeMeters.KEEP_ALIVE).getId().getTag("controller"))
                .isEqualTo(Integer.toString(100 + RECONNECTS));
    }

    @Test
    void nothingIsLeftWhenTheControllerIsClosed() {
        connect(client());
        assertThat(registry.getMeters()).isNotEmpty();
        controller().close().subscribe();
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void aControllerThatWasGivenUpStaysVisibleUntilThereIsAnother() {
        connect(client());
        controller.cut();
        assertThat(state("lost")).isEqualTo(1);
        assertThat(state("live")).isZero();
        assertThat(registry.find(NvmeMeters.COMMANDS.getName()).meters()).isEmpty();
        connect(client());
        assertThat(state("lost")).isZero();
        assertThat(state("live")).isEqualTo(1);
        controller().close().subscribe();
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void metersKeepNoController() {
        connect(client());
        controller.cut();
        WeakReference<NvmeController> reference = new WeakReference<>(controller());
        connected = null;
        controller.queues.clear();
        assertThat(registry.getMeters()).isNotEmpty();
        await().untilAsserted(() -> {
            System.gc();
            assertThat(reference.get()).isNull();
        });
    }

    @Test
    void withoutARecorderNothingIsMeasured() {
        connect(client().metrics(false)).flush().block();
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void aControllerThatIsAbandonedWhileItIsHandedOverLeavesNothing() {
        controller
                .client()
                .metrics(MicrometerRecorder.of(registry))
                .connect()
                .doOnNext(made -> {
                    throw new IllegalStateException("not wanted");
                })
                .onErrorComplete()
                .block();
        controller.cut();
        assertThat(registry.find(NvmeMeters.COMMANDS.getName()).meters()).isEmpty();
    }
}
