package io.nvmf.docs;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.nvmf.metrics.micrometer.NvmeMeters;
import io.nvmf.observation.micrometer.NvmeObservations;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What Prometheus calls the meters and the timers of observations, and their labels, as its registry says. */
final class PrometheusNames {

    private static final Pattern SAMPLE = Pattern.compile("(?m)^(\\w+)\\{([^}]*)}");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");

    private PrometheusNames() {}

    /** {@return the labels of each name} */
    static Map<String, Set<String>> labels() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        for (NvmeMeters meter : NvmeMeters.values()) {
            register(registry, meter);
        }
        for (NvmeObservations observation : NvmeObservations.values()) {
            // as DefaultMeterObservationHandler does
            Tags tags = tags(observation.getLowCardinalityKeyNames()).and("error", "none");
            Timer.builder(observation.getName())
                    .tags(tags)
                    .publishPercentileHistogram()
                    .register(registry);
            LongTaskTimer.builder(observation.getName() + ".active")
                    .tags(tags(observation.getLowCardinalityKeyNames()))
                    .register(registry);
            for (NvmeObservations.Event event : observation.getEvents()) {
                Counter.builder(observation.getName() + '.' + event.getName())
                        .tags(tags)
                        .register(registry)
                        .increment();
            }
        }
        Map<String, Set<String>> labels = new TreeMap<>();
        Matcher sample = SAMPLE.matcher(registry.scrape());
        while (sample.find()) {
            Set<String> names = labels.computeIfAbsent(sample.group(1), name -> new TreeSet<>());
            LABEL.matcher(sample.group(2)).results().forEach(label -> names.add(label.group(1)));
        }
        return labels;
    }

    private static void register(PrometheusMeterRegistry registry, NvmeMeters meter) {
        Tags tags = tags(meter.getKeyNames());
        Meter.Type type = meter.getType();
        switch (type) {
            case TIMER ->
                Timer.builder(meter.getName())
                        .tags(tags)
                        .publishPercentileHistogram(meter == NvmeMeters.COMMANDS)
                        .register(registry);
            case COUNTER ->
                Counter.builder(meter.getName())
                        .baseUnit(meter.getBaseUnit())
                        .tags(tags)
                        .register(registry);
            case GAUGE ->
                Gauge.builder(meter.getName(), () -> 1)
                        .baseUnit(meter.getBaseUnit())
                        .tags(tags)
                        .register(registry);
            case LONG_TASK_TIMER ->
                LongTaskTimer.builder(meter.getName()).tags(tags).register(registry);
            default -> throw new IllegalArgumentException(meter + " is a " + type);
        }
    }

    private static Tags tags(KeyName[] keys) {
        return Tags.of(Stream.of(keys)
                .map(key -> io.micrometer.core.instrument.Tag.of(key.asString(), "x"))
                .toList());
    }
}
