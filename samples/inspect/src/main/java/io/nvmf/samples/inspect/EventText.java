package io.nvmf.samples.inspect;

import io.nvmf.event.NvmeEvent;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spec.SmartHealthLog;
import io.nvmf.transport.Termination;
import java.util.ArrayList;
import java.util.List;

/** Events of a controller, and what becomes of the association with it, as named values. */
final class EventText {

    private EventText() {}

    /** The first value is the kind of event. */
    static List<Field> of(NvmeEvent event) {
        List<Field> fields = new ArrayList<>();
        fields.add(Field.of("event", Field.key(words(event.getClass().getSimpleName()))));
        if (event instanceof NvmeEvent.NamespacesChanged changed) {
            addNsids(fields, "added", changed.added());
            addNsids(fields, "removed", changed.removed());
            addNsids(fields, "changed", changed.changed());
            if (!changed.resized().isEmpty()) {
                fields.add(Field.of(
                        "resized",
                        changed.resized().stream()
                                .map(resized -> Integer.toUnsignedString(resized.nsid()) + " from " + resized.oldSize()
                                        + " to " + resized.newSize() + " bytes")
                                .toList()));
            }
        } else if (event instanceof NvmeEvent.HealthWarning warning) {
            fields.add(Field.of("kind", warning.kind().name()));
            warning.log()
                    .ifPresent(log -> fields.add(
                            Field.bits("critical warning", log.get(SmartHealthLog.Field.CRITICAL_WARNING), 1)));
        } else if (event instanceof NvmeEvent.ErrorReported error) {
            fields.add(Field.of("kind", error.kind().name()));
            error.newest()
                    .ifPresent(entry ->
                            fields.add(Field.of("status", entry.status().describe(entry.opcode()))));
        } else if (event instanceof NvmeEvent.FirmwareActivationFinished finished) {
            fields.add(Field.of("in time", finished.inTime()));
        } else if (event instanceof NvmeEvent.DiscoveryLogChanged changed) {
            changed.generation().ifPresent(value -> fields.add(Field.of("generation", Long.toUnsignedString(value))));
        } else if (event instanceof NvmeEvent.AnaChanged ana) {
            ana.groups()
                    .ifPresent(log -> fields.add(Field.of(
                            "groups",
                            log.groups().stream()
                                    .map(group -> Integer.toUnsignedString(group.id())
                                            + ' '
                                            + group.anaState().map(Enum::name).orElse(Field.hex(group.state(), 1)))
                                    .toList())));
        } else if (event instanceof NvmeEvent.ReservationChanged reservation) {
            fields.add(Field.of("kind", reservation.kind().name()));
            fields.add(Field.of("nsid", Integer.toUnsignedLong(reservation.nsid())));
        } else if (event instanceof NvmeEvent.SanitizeFinished sanitize) {
            fields.add(Field.of("unexpected deallocation", sanitize.unexpectedDeallocation()));
            sanitize.status().ifPresent(status -> fields.add(Field.bits("sstat", status, Short.BYTES)));
        } else if (event instanceof NvmeEvent.Other other) {
            fields.add(Field.bits("type", other.event().type(), 1));
            fields.add(Field.bits("information", other.event().information(), 1));
            fields.add(Field.bits("log page", other.event().logPage(), 1));
        } else if (event instanceof NvmeEvent.Missed missed) {
            fields.add(Field.of("reason", missed.reason().name()));
            fields.add(Field.of("count", missed.count()));
        }
        return fields;
    }

    /** States are told like events. */
    static List<Field> of(ControllerState state) {
        List<Field> fields = new ArrayList<>();
        fields.add(Field.of(
                "event", "controller_" + Field.key(words(state.getClass().getSimpleName()))));
        if (state instanceof ControllerState.Reconnecting lost) {
            fields.add(Field.of("attempt", lost.attempt()));
            lost.reason().ifPresent(why -> fields.add(Field.of("reason", String.valueOf(why.getMessage()))));
        } else if (state instanceof ControllerState.Lost lost) {
            fields.add(Field.of("reason", reason(lost.termination())));
        }
        return fields;
    }

    /** {@return how a connection has ended, in words} */
    static String reason(Termination termination) {
        if (termination instanceof Termination.Closed closed) {
            return (closed.side() == Termination.Side.LOCAL ? "this host" : "the controller")
                    + " closed the connection"
                    + (closed.detail() == null ? "" : ": " + closed.detail());
        }
        if (termination instanceof Termination.PeerReset reset) {
            return "the connection was reset: " + reset.detail();
        }
        if (termination instanceof Termination.ProtocolError error) {
            return (error.detectedBy() == Termination.Side.LOCAL
                            ? "the controller broke the protocol: "
                            : "the controller says that this host broke the protocol: ")
                    + error.detail();
        }
        return "the connection failed: " + ((Termination.IoFailure) termination).cause();
    }

    private static void addNsids(List<Field> fields, String name, List<Integer> nsids) {
        if (!nsids.isEmpty()) {
            fields.add(
                    Field.of(name, nsids.stream().map(Integer::toUnsignedLong).toList()));
        }
    }

    private static String words(String camelCase) {
        return camelCase.replaceAll("(?<=[a-z])(?=[A-Z])", " ");
    }
}
