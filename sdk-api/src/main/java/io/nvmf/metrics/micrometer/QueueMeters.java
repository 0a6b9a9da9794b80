package io.nvmf.metrics.micrometer;

import io.micrometer.core.instrument.Timer;
import io.nvmf.metrics.QueueMetrics;
import io.nvmf.metrics.micrometer.NvmeMeters.Tag;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** The meters of a queue. Adders, because queues of associations with the same tags may share them. */
final class QueueMeters implements QueueMetrics {

    private final MeterSet meters;
    private final CommandTimers commands;
    private final LongAdder read;
    private final LongAdder written;
    private final LongAdder inFlight;
    private final Timer waits;
    private final LongAdder waiting;
    private final LongAdder depth;
    private final LongAdder orphans;
    private final LongAdder memory;
    private final LongAdder digestErrors;

    QueueMeters(MeterSet meters, boolean admin) {
        this.meters = meters;
        commands = new CommandTimers(meters, admin);
        read = meters.count(NvmeMeters.BYTES, Tag.DIRECTION, "read");
        written = meters.count(NvmeMeters.BYTES, Tag.DIRECTION, "write");
        inFlight = meters.level(NvmeMeters.IN_FLIGHT);
        waits = meters.timer(NvmeMeters.SLOT_WAITS);
        waiting = meters.level(NvmeMeters.SLOT_WAITING);
        depth = meters.level(NvmeMeters.QUEUE_DEPTH);
        orphans = meters.level(NvmeMeters.ORPHANS);
        memory = meters.level(NvmeMeters.MEMORY);
        digestErrors = meters.count(NvmeMeters.DIGEST_ERRORS);
    }

    void depth(int slots) {
        depth.reset();
        depth.add(slots);
    }

    void remove() {
        meters.remove();
    }

    @Override
    public void waitBegins() {
        waiting.increment();
    }

    @Override
    public void waitEnds(long nanos) {
        waiting.decrement();
        waits.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void commandBegins(int opcode) {
        inFlight.increment();
    }

    @Override
    public void answered(int opcode, int statusCodeType, int statusCode, long nanos, int bytesRead, int bytesWritten) {
        inFlight.decrement();
        commands.answered(opcode, statusCodeType, statusCode).record(nanos, TimeUnit.NANOSECONDS);
        if (bytesRead != 0) {
            read.add(bytesRead);
        }
        if (bytesWritten != 0) {
            written.add(bytesWritten);
        }
    }

    @Override
    public void unanswered(int opcode, Unanswered why, long nanos) {
        inFlight.decrement();
        commands.unanswered(opcode, why).record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void orphanBegins() {
        orphans.increment();
    }

    @Override
    public void orphanEnds() {
        orphans.decrement();
    }

    @Override
    public void memoryBegins(int bytes) {
        memory.add(bytes);
    }

    @Override
    public void memoryEnds(int bytes) {
        memory.add(-bytes);
    }

    @Override
    public void digestWrong() {
        digestErrors.increment();
    }
}
