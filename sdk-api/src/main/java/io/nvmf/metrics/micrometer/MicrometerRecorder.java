package io.nvmf.metrics.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.nvmf.metrics.ControllerMetrics;
import io.nvmf.metrics.MetricsRecorder;
import io.nvmf.transport.TransportAddress;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Measures controllers with the meters of {@link NvmeMeters}. Any number of clients may share one; several controllers
 * with the same tags share meters, which then have their sum.
 *
 * <p>The meters of an association are registered when it has come up, with those of its most common commands; those of
 * other commands and of errors when they come for the first time. They are removed when the controller has ended, or has
 * an association with another controller identifier. Only {@link NvmeMeters#STATE} and what else goes by address stays
 * when a controller was given up, so that this can be seen, until another one is connected to that address and closed.
 * No meter holds a controller.
 *
 * <p>Recording a command allocates nothing, as far as the registry does not: a {@link
 * io.micrometer.core.instrument.composite.CompositeMeterRegistry} may.
 */
@SuppressWarnings("exports") // see NvmeMeters
public final class MicrometerRecorder implements MetricsRecorder {

    /** One for each registry, because meters of the same name and tags are the same meters. */
    private static final Map<MeterRegistry, WeakReference<MicrometerRecorder>> RECORDERS = new WeakHashMap<>();

    private final MeterRegistry registry;
    private final ConcurrentMap<AddressKey, AddressMeters> addresses = new ConcurrentHashMap<>();
    private final ConcurrentMap<AssociationKey, AssociationMeters> associations = new ConcurrentHashMap<>();

    private record AddressKey(String subsystem, TransportAddress address) {}

    private record AssociationKey(String subsystem, int controllerId) {}

    private MicrometerRecorder(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * What measures in a registry.
     *
     * @param registry where the meters are
     * @return the same one each time, while it is used
     */
    public static MicrometerRecorder of(MeterRegistry registry) {
        synchronized (RECORDERS) {
            WeakReference<MicrometerRecorder> known = RECORDERS.get(registry);
            MicrometerRecorder recorder = known == null ? null : known.get();
            if (recorder == null) {
                recorder = new MicrometerRecorder(registry);
                RECORDERS.put(registry, new WeakReference<>(recorder));
            }
            return recorder;
        }
    }

    /**
     * What measures in Micrometer's global registry, {@link Metrics#globalRegistry}.
     *
     * @return the same one each time, while it is used
     */
    public static MicrometerRecorder global() {
        return of(Metrics.globalRegistry);
    }

    @Override
    public ControllerMetrics controller(String subsystem, TransportAddress address) {
        AddressKey key = new AddressKey(subsystem, address);
        AddressMeters meters = addresses.compute(key, (same, there) -> {
            AddressMeters used = there == null ? new AddressMeters(this, subsystem, address) : there;
            used.used();
            return used;
        });
        return new MeasuredController(this, subsystem, address, meters);
    }

    /** A controller has ended that has used these meters. */
    void release(AddressMeters meters, String subsystem, TransportAddress address) {
        addresses.computeIfPresent(new AddressKey(subsystem, address), (same, there) -> {
            if (there != meters || !there.unused()) {
                return there;
            }
            there.remove();
            return null;
        });
    }

    /** The meters of an association that has come up. */
    AssociationMeters association(String subsystem, int controllerId) {
        return associations.compute(new AssociationKey(subsystem, controllerId), (key, there) -> {
            AssociationMeters used = there == null ? new AssociationMeters(registry, subsystem, controllerId) : there;
            used.used();
            return used;
        });
    }

    /** An association is over. */
    void release(AssociationMeters meters) {
        AssociationKey key = new AssociationKey(meters.subsystem(), meters.controllerId());
        associations.computeIfPresent(key, (same, there) -> {
            if (there != meters || !there.unused()) {
                return there;
            }
            there.remove();
            return null;
        });
    }

    MeterRegistry registry() {
        return registry;
    }

    @Override
    public String toString() {
        return "MicrometerRecorder[" + associations.size() + " associations]";
    }
}
