package io.nvmf.samples.perf;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.cumulative.CumulativeTimer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.nvmf.NvmeClient;
import io.nvmf.metrics.micrometer.MicrometerRecorder;
import io.nvmf.observation.micrometer.MicrometerObserver;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** What the client tells of itself, so that it can be measured what that costs. */
enum Metering {

    /** Nothing. */
    OFF {
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
    },

    /** No meters, but an observation of each operation and each command, which nobody does anything with. */
    OBSERVATIONS {
        @Override
        NvmeClient of(NvmeClient client) {
            ObservationRegistry registry = ObservationRegistry.create();
            registry.observationConfig().observationHandler(COUNTER);
            return client.observation(MicrometerObserver.of(registry).commands(true));
        }
    };

    /** Has seen all observations of this JVM: a registry without a handler makes none. */
    static final Counter COUNTER = new Counter();

    abstract NvmeClient of(NvmeClient client);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The least that a handler can do. */
    static final class Counter implements ObservationHandler<Observation.Context> {

        private final LongAdder ended = new LongAdder();

        /** {@return observations that have ended} */
        long ended() {
            return ended.sum();
        }

        @Override
        public void onStop(Observation.Context context) {
            ended.increment();
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }
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
