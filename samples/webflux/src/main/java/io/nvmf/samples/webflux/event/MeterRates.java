package io.nvmf.samples.webflux.event;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import io.nvmf.metrics.micrometer.NvmeMeters;
import io.nvmf.samples.webflux.transfer.Transfers;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Rates from the meters of the connection, whoever uses it. Percentiles are those of the queue that is slowest in this
 * respect, because percentiles of several queues cannot be added up. Without meters there are the bytes of the transfers.
 */
final class MeterRates implements Rates {

    private static final String READ = "read";
    private static final String WRITE = "write";

    private final MeterRegistry registry;
    private final Transfers transfers;
    private long at = System.nanoTime();
    private double read;
    private double written;

    MeterRates(MeterRegistry registry, Transfers transfers) {
        this.registry = registry;
        this.transfers = transfers;
    }

    @Override
    public View next() {
        long now = System.nanoTime();
        double seconds = Math.max(1, now - at) / 1e9;
        double readNow = bytes(READ, transfers.downloaded());
        double writtenNow = bytes(WRITE, transfers.uploaded());
        Collection<Timer> reads = commands(READ);
        Collection<Timer> writes = commands(WRITE);
        View view = new View(
                Math.max(0, readNow - read) / seconds,
                Math.max(0, writtenNow - written) / seconds,
                percentile(reads, CommandPercentiles.MEDIAN),
                percentile(reads, CommandPercentiles.HIGH),
                percentile(writes, CommandPercentiles.MEDIAN),
                percentile(writes, CommandPercentiles.HIGH),
                inFlight());
        at = now;
        read = readNow;
        written = writtenNow;
        return view;
    }

    private double bytes(String direction, long transferred) {
        Collection<Counter> counters = registry.find(NvmeMeters.BYTES.getName())
                .tag(NvmeMeters.Tag.DIRECTION.asString(), direction)
                .counters();
        return counters.isEmpty()
                ? transferred
                : counters.stream().mapToDouble(Counter::count).sum();
    }

    private Collection<Timer> commands(String command) {
        return registry.find(NvmeMeters.COMMANDS.getName())
                .tag(NvmeMeters.Tag.COMMAND.asString(), command)
                .timers();
    }

    private long inFlight() {
        return (long) registry.find(NvmeMeters.IN_FLIGHT.getName()).gauges().stream()
                .mapToDouble(Gauge::value)
                .sum();
    }

    /** In milliseconds; null if there was no command lately. */
    private static @Nullable Double percentile(Collection<Timer> timers, double percentile) {
        double most = 0;
        for (Timer timer : timers) {
            HistogramSnapshot snapshot = timer.takeSnapshot();
            for (ValueAtPercentile value : snapshot.percentileValues()) {
                if (value.percentile() == percentile) {
                    most = Math.max(most, value.value(TimeUnit.MILLISECONDS));
                }
            }
        }
        return most == 0 ? null : most;
    }
}
