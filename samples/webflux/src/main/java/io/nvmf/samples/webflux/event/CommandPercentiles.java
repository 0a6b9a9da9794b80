package io.nvmf.samples.webflux.event;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.nvmf.metrics.micrometer.NvmeMeters;
import java.time.Duration;
import java.util.Set;

/** Lets the timers of reads and writes keep the percentiles of the last seconds. */
final class CommandPercentiles implements MeterFilter {

    static final double MEDIAN = 0.5;
    static final double HIGH = 0.99;

    private static final Set<String> COMMANDS = Set.of("read", "write");
    private static final Duration WINDOW = Duration.ofSeconds(5);

    @Override
    public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
        String command = id.getTag(NvmeMeters.Tag.COMMAND.asString());
        if (!id.getName().equals(NvmeMeters.COMMANDS.getName()) || command == null || !COMMANDS.contains(command)) {
            return config;
        }
        return DistributionStatisticConfig.builder()
                .percentiles(MEDIAN, HIGH)
                .expiry(WINDOW)
                .build()
                .merge(config);
    }
}
