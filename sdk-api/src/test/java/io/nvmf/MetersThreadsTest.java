package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.nvmf.metrics.micrometer.MicrometerRecorder;
import io.nvmf.metrics.micrometer.NvmeMeters;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** Meters while many threads send commands over several queues: nothing is counted twice, and nothing is lost. */
class MetersThreadsTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:measured";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 4096;
    private static final int THREADS = 4;
    private static final int COMMANDS = 500;
    private static final long ALL = (long) THREADS * COMMANDS;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final TransportRegistry registry = TransportRegistry.empty().register(new LoopTransport());
    private BoundTarget target;
    private NvmeController controller;
    private NvmeNamespace namespace;

    @BeforeEach
    void connect() {
        target = NvmeTarget.memory(NQN, 1 << 20, BLOCK)
                .transport(TransportType.LOOP)
                .registry(registry)
                .bind()
                .block(PATIENCE);
        controller = NvmeClient.from(target.uri(NQN))
                .registry(registry)
                .ioQueues(2)
                .queueSize(8)
                .metrics(MicrometerRecorder.of(meters))
                .connect()
                .block(PATIENCE);
        namespace = controller.namespace(1).block(PATIENCE);
    }

    @AfterEach
    void close() {
        controller.close().block(PATIENCE);
        target.close().block(PATIENCE);
        await().untilAsserted(() -> assertThat(meters.getMeters()).isEmpty());
    }

    private long commands(String command, String status) {
        return meters.find(NvmeMeters.COMMANDS.getName()).tags("command", command, "status", status).timers().stream()
                .mapToLong(Timer::count)
                .sum();
    }

    private double sum(NvmeMeters gauge) {
        return meters.get(gauge.getName()).gauges().stream()
                .mapToDouble(Gauge::value)
                .sum();
    }

    /** Bytes read by I/O queues. */
    private double read() {
        return meters.get(NvmeMeters.BYTES.getName()).tag("direction", "read").functionCounters().stream()
                .filter(counter -> !"0".equals(counter.getId().getTag("queue")))
                .mapToDouble(FunctionCounter::count)
                .sum();
    }

    private void nothingIsUnderWay() {
        await().untilAsserted(() -> {
            assertThat(sum(NvmeMeters.IN_FLIGHT)).isZero();
            assertThat(sum(NvmeMeters.SLOT_WAITING)).isZero();
            assertThat(sum(NvmeMeters.ORPHANS)).isZero();
            assertThat(sum(NvmeMeters.MEMORY)).isZero();
        });
    }

    @Test
    void everyCommandOfEveryThreadIsCountedOnce() {
        Flux.range(0, THREADS)
                .flatMap(thread -> Flux.range(0, COMMANDS)
                        .flatMap(number -> namespace.read(number % 8, 1).doOnNext(ByteBuf::release), 32)
                        .subscribeOn(Schedulers.parallel()))
                .blockLast(PATIENCE);
        nothingIsUnderWay();
        assertThat(commands("read", "success")).isEqualTo(ALL);
        assertThat(read()).isEqualTo((double) ALL * BLOCK);
        assertThat(meters.get(NvmeMeters.SLOT_WAITS.getName()).timers().stream()
                        .mapToLong(Timer::count)
                        .sum())
                .isPositive();
    }

    @Test
    void cancelsOnAnyThreadLeaveNothingUnderWay() {
        Flux.range(0, THREADS * COMMANDS)
                .flatMap(
                        number -> namespace
                                .read(number % 8, 1)
                                .doOnNext(ByteBuf::release)
                                .timeout(Duration.ofNanos(number % 7 * 20_000L + 1))
                                .onErrorComplete()
                                .subscribeOn(Schedulers.parallel()),
                        16)
                .doOnDiscard(ByteBuf.class, ByteBuf::release)
                .blockLast(PATIENCE);
        nothingIsUnderWay();
        assertThat(commands("read", "success") + commands("read", "cancelled")).isLessThanOrEqualTo(ALL);
    }
}
