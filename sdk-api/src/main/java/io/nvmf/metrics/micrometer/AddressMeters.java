package io.nvmf.metrics.micrometer;

import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.nvmf.metrics.micrometer.NvmeMeters.Tag;
import io.nvmf.transport.TransportAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What is counted of all controllers of a subsystem at one address, whatever becomes of their associations. Any thread,
 * but for what the recorder has this for itself.
 */
final class AddressMeters {

    /** The state of a controller that was given up, in which it stays. */
    static final String LOST = "lost";

    private static final List<String> STATES = List.of("live", "resetting", "reconnecting", "connecting", LOST);

    /** Referred to by the gauges, so that it is not forgotten while there are meters of it. */
    @SuppressWarnings({"unused", "FieldCanBeLocal"})
    private final MicrometerRecorder recorder;

    private final MeterSet meters;
    private final Map<String, LongAdder> states =
            STATES.stream().collect(Collectors.toUnmodifiableMap(Function.identity(), name -> new LongAdder()));
    private final ConcurrentMap<String, LongAdder> events = new ConcurrentHashMap<>();
    private final LongAdder reconnected;
    private final LongAdder notReconnected;
    private final Timer outages;
    private final LongTaskTimer outagesUnderWay;

    /** Controllers that have not ended. Changed while the recorder has this for itself. */
    private int users;

    AddressMeters(MicrometerRecorder recorder, String subsystem, TransportAddress address) {
        this.recorder = recorder;
        meters = new MeterSet(
                recorder.registry(),
                Tags.of(Tag.SUBSYSTEM.asString(), subsystem, Tag.ADDRESS.asString(), address.toString()));
        for (String state : STATES) {
            meters.gauge(
                    NvmeMeters.STATE,
                    Tag.STATE,
                    state,
                    this,
                    source -> source.level(state).doubleValue());
        }
        reconnected = meters.count(NvmeMeters.RECONNECTS, Tag.RESULT, "success");
        notReconnected = meters.count(NvmeMeters.RECONNECTS, Tag.RESULT, "failure");
        outages = meters.timer(NvmeMeters.OUTAGES);
        outagesUnderWay = meters.underWay(NvmeMeters.OUTAGES_ACTIVE);
    }

    /** One controller more; those that were given up before are not looked at any more. */
    void used() {
        users++;
        level(LOST).reset();
    }

    /**
     * One controller less.
     *
     * @return whether there is nothing more to show
     */
    boolean unused() {
        return --users == 0 && level(LOST).sum() == 0;
    }

    void remove() {
        meters.remove();
    }

    void entered(String state) {
        level(state).increment();
    }

    void left(String state) {
        level(state).decrement();
    }

    private LongAdder level(String state) {
        LongAdder level = states.get(state);
        if (level == null) {
            throw new IllegalArgumentException("there is no state " + state);
        }
        return level;
    }

    void reconnected(boolean success) {
        (success ? reconnected : notReconnected).increment();
    }

    LongTaskTimer.Sample outageBegins() {
        return outagesUnderWay.start();
    }

    void outageEnds(LongTaskTimer.Sample underWay, long nanos) {
        underWay.stop();
        outages.record(nanos, TimeUnit.NANOSECONDS);
    }

    void event(String kind) {
        events.computeIfAbsent(kind, first -> meters.count(NvmeMeters.EVENTS, Tag.KIND, first))
                .increment();
    }
}
