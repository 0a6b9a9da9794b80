package io.nvmf.samples.perf;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.cumulative.CumulativeTimer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nvmf.NvmeClient;
import io.nvmf.metrics.micrometer.MicrometerRecorder;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What the client measures of itself, so that it can be measured what that costs. */
enum Metering {

    /** Nothing. */
    NONE {
        @Override
        NvmeClient of(NvmeClient client) {
            return client;
        }
    },

    /** All meters, with histograms. */
    METERS {
        @Override
        NvmeClient of(NvmeClient client) {
            return client.metrics(MicrometerRecorder.of(new Histograms()));
        }
    };

    abstract NvmeClient of(NvmeClient client);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Keeps histograms as a registry does whose meters are scraped. */
    private static final class Histograms extends SimpleMeterRegistry {

        Histograms() {
            super(SimpleConfig.DEFAULT, Clock.SYSTEM);
        }

        @Override
        protected Timer newTimer(Meter.Id id, DistributionStatisticConfig distribution, PauseDetector pauseDetector) {
            return new CumulativeTimer(
                    id,
                    clock,
                    distribution.merge(DistributionStatisticConfig.DEFAULT),
                    pauseDetector,
                    TimeUnit.SECONDS,
                    true);
        }
    }
}
