package io.nvmf.metrics.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.nvmf.metrics.AssociationMetrics;
import io.nvmf.metrics.QueueMetrics;
import io.nvmf.metrics.micrometer.NvmeMeters.Tag;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** The meters of an association, which associations with the same tags share, one after the other as a rule. */
final class AssociationMeters implements AssociationMetrics {

    private final String subsystem;
    private final int controllerId;
    private final MeterSet meters;
    private final ConcurrentMap<Integer, QueueMeters> queues = new ConcurrentHashMap<>();
    private final Timer keepAlive;

    private final Map<AbortResult, LongAdder> aborts = new EnumMap<>(AbortResult.class);

    /** Associations that have not ended. Changed while the recorder has this for itself. */
    private int users;

    AssociationMeters(MeterRegistry registry, String subsystem, int controllerId) {
        this.subsystem = subsystem;
        this.controllerId = controllerId;
        meters = new MeterSet(
                registry,
                Tags.of(
                        Tag.SUBSYSTEM.asString(),
                        subsystem,
                        Tag.CONTROLLER.asString(),
                        Integer.toString(controllerId)));
        keepAlive = meters.timer(NvmeMeters.KEEP_ALIVE);
        for (AbortResult result : AbortResult.values()) {
            aborts.put(result, meters.count(NvmeMeters.ABORTS, Tag.RESULT, CommandStatuses.lowerCase(result)));
        }
    }

    String subsystem() {
        return subsystem;
    }

    int controllerId() {
        return controllerId;
    }

    /** One association more. */
    void used() {
        users++;
    }

    /**
     * One association less.
     *
     * @return whether it was the last
     */
    boolean unused() {
        return --users == 0;
    }

    void remove() {
        meters.remove();
        queues.values().forEach(QueueMeters::remove);
    }

    @Override
    public QueueMetrics queue(int queueId, int slots) {
        QueueMeters queue = queues.computeIfAbsent(
                queueId, id -> new QueueMeters(meters.with(Tag.QUEUE, Integer.toString(id)), id == 0));
        queue.depth(slots);
        return queue;
    }

    @Override
    public void keepAlive(long nanos) {
        keepAlive.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void abort(AbortResult result) {
        Objects.requireNonNull(aborts.get(result)).increment();
    }
}
