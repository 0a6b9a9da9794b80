package io.nvmf.metrics.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.noop.NoopTimer;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

/**
 * Meters that have some tags in common and that are removed together. What is registered afterwards is removed at once.
 * Any thread.
 */
final class MeterSet {

    /** About what a command takes at least over a fast network. */
    private static final Duration QUICKEST = Duration.ofNanos(10_000);

    /** What a command may take at most by default. */
    private static final Duration SLOWEST = Duration.ofSeconds(30);

    private final MeterRegistry registry;
    private final Tags common;
    private final Queue<Meter> meters = new ConcurrentLinkedQueue<>();
    private volatile boolean removed;

    MeterSet(MeterRegistry registry, Tags common) {
        this.registry = registry;
        this.common = common;
    }

    /** More meters, with more tags in common; they are removed apart. */
    MeterSet with(NvmeMeters.Tag tag, String value) {
        return new MeterSet(registry, common.and(tag.asString(), value));
    }

    Timer timer(NvmeMeters meter) {
        return kept(Timer.builder(meter.getName())
                .description(meter.description())
                .tags(common)
                .register(registry));
    }

    /** The time of commands, with buckets where the registry has them; one that records nothing when it is too late. */
    Timer commands(String command, String status) {
        if (removed) {
            return new NoopTimer(new Meter.Id(
                    NvmeMeters.COMMANDS.getName(), common, null, NvmeMeters.COMMANDS.description(), Meter.Type.TIMER));
        }
        return kept(Timer.builder(NvmeMeters.COMMANDS.getName())
                .description(NvmeMeters.COMMANDS.description())
                .tags(common)
                .tag(NvmeMeters.Tag.COMMAND.asString(), command)
                .tag(NvmeMeters.Tag.STATUS.asString(), status)
                .publishPercentileHistogram()
                .minimumExpectedValue(QUICKEST)
                .maximumExpectedValue(SLOWEST)
                .register(registry));
    }

    LongTaskTimer underWay(NvmeMeters meter) {
        return kept(LongTaskTimer.builder(meter.getName())
                .description(meter.description())
                .tags(common)
                .register(registry));
    }

    /** A count, which whoever counts has to keep. */
    LongAdder count(NvmeMeters meter) {
        return count(meter, Tags.empty());
    }

    LongAdder count(NvmeMeters meter, NvmeMeters.Tag tag, String value) {
        return count(meter, Tags.of(tag.asString(), value));
    }

    private LongAdder count(NvmeMeters meter, Tags more) {
        LongAdder count = new LongAdder();
        kept(FunctionCounter.builder(meter.getName(), count, LongAdder::doubleValue)
                .description(meter.description())
                .baseUnit(meter.getBaseUnit())
                .tags(common.and(more))
                .register(registry));
        return count;
    }

    /** A value that goes up and down. */
    LongAdder level(NvmeMeters meter) {
        LongAdder level = new LongAdder();
        gauge(meter, Tags.empty(), level, LongAdder::doubleValue);
        return level;
    }

    <T> void gauge(NvmeMeters meter, NvmeMeters.Tag tag, String tagValue, T source, ToDoubleFunction<T> value) {
        gauge(meter, Tags.of(tag.asString(), tagValue), source, value);
    }

    private <T> void gauge(NvmeMeters meter, Tags more, T source, ToDoubleFunction<T> value) {
        kept(Gauge.builder(meter.getName(), source, value)
                .description(meter.description())
                .baseUnit(meter.getBaseUnit())
                .tags(common.and(more))
                .strongReference(true)
                .register(registry));
    }

    private <M extends Meter> M kept(M meter) {
        meters.add(meter);
        if (removed) {
            registry.remove(meter);
        }
        return meter;
    }

    void remove() {
        removed = true;
        meters.forEach(registry::remove);
    }
}
