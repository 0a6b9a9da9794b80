package io.nvmf.metrics.micrometer;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.LongTaskTimer;
import io.nvmf.event.NvmeEvent;
import io.nvmf.metrics.AssociationMetrics;
import io.nvmf.metrics.ControllerMetrics;
import io.nvmf.recovery.ControllerState;
import io.nvmf.transport.TransportAddress;
import org.jspecify.annotations.Nullable;

/** One controller, which may share its meters with others. Its calls come one after the other. */
final class MeasuredController implements ControllerMetrics {

    private static final String CONNECTING = "connecting";

    private final MicrometerRecorder recorder;
    private final String subsystem;
    private final TransportAddress address;
    private final AddressMeters meters;
    private final Clock clock;

    /** Null before the first and after the last one. */
    private @Nullable String state;

    private @Nullable AssociationMeters association;

    /** Null while there is an association. */
    private LongTaskTimer.@Nullable Sample outage;

    private long outageSince;

    MeasuredController(MicrometerRecorder recorder, String subsystem, TransportAddress address, AddressMeters meters) {
        this.recorder = recorder;
        this.subsystem = subsystem;
        this.address = address;
        this.meters = meters;
        this.clock = recorder.registry().config().clock();
    }

    /** The new one before the old one: where they have the same identifier, the meters stay. */
    @Override
    public AssociationMetrics association(int controllerId) {
        AssociationMeters before = association;
        AssociationMeters next = recorder.association(subsystem, controllerId);
        association = next;
        if (before != null) {
            recorder.release(before);
        }
        return next;
    }

    @Override
    public void state(ControllerState next) {
        String before = state;
        if (before != null) {
            meters.left(before);
        }
        if (next instanceof ControllerState.Reconnecting) {
            outageBegins();
        } else if (next.isLive() || next.isFinal()) {
            outageEnds();
        }
        if (CONNECTING.equals(before)) {
            meters.reconnected(next.isLive());
        }
        String name = name(next);
        state = name;
        if (name != null) {
            meters.entered(name);
        }
        if (next.isFinal()) {
            ended();
        }
    }

    /** The name of a state as a tag; null for the end, after which there is nothing to show. */
    private static @Nullable String name(ControllerState state) {
        if (state instanceof ControllerState.Live) {
            return "live";
        }
        if (state instanceof ControllerState.Resetting) {
            return "resetting";
        }
        if (state instanceof ControllerState.Reconnecting) {
            return "reconnecting";
        }
        if (state instanceof ControllerState.Connecting) {
            return CONNECTING;
        }
        return state instanceof ControllerState.Lost ? AddressMeters.LOST : null;
    }

    private void outageBegins() {
        if (outage == null) {
            outageSince = clock.monotonicTime();
            outage = meters.outageBegins();
        }
    }

    private void outageEnds() {
        LongTaskTimer.Sample underWay = outage;
        if (underWay != null) {
            outage = null;
            meters.outageEnds(underWay, clock.monotonicTime() - outageSince);
        }
    }

    private void ended() {
        AssociationMeters last = association;
        association = null;
        if (last != null) {
            recorder.release(last);
        }
        recorder.release(meters, subsystem, address);
    }

    @Override
    public void event(NvmeEvent event) {
        meters.event(EventKinds.name(event));
    }
}
