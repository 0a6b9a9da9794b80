package io.nvmf.samples.webflux.event;

import io.nvmf.event.NvmeEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a controller tells, as a sentence for people. */
final class EventText {

    private EventText() {}

    static String of(NvmeEvent event) {
        if (event instanceof NvmeEvent.NamespacesChanged changed) {
            return namespaces(changed);
        } else if (event instanceof NvmeEvent.HealthWarning warning) {
            return "The health of the subsystem has become worse: " + words(warning.kind()) + '.';
        } else if (event instanceof NvmeEvent.ErrorReported error) {
            return "The controller reports an error: " + words(error.kind()) + '.';
        } else if (event instanceof NvmeEvent.FirmwareActivationStarting) {
            return "New firmware is being activated; until then commands wait.";
        } else if (event instanceof NvmeEvent.FirmwareActivationFinished finished) {
            return finished.inTime()
                    ? "New firmware is active."
                    : "The controller is not ready in the time that it takes to activate firmware.";
        } else if (event instanceof NvmeEvent.AnaChanged) {
            return "The state of a path to namespaces has changed.";
        } else if (event instanceof NvmeEvent.ReservationChanged reservation) {
            return "A reservation on namespace " + Integer.toUnsignedString(reservation.nsid()) + " has changed: "
                    + words(reservation.kind()) + '.';
        } else if (event instanceof NvmeEvent.SanitizeFinished) {
            return "A sanitize operation has ended.";
        } else if (event instanceof NvmeEvent.DiscoveryLogChanged) {
            return "The discovery log page has changed.";
        } else if (event instanceof NvmeEvent.Missed missed) {
            return missed.reason() == NvmeEvent.MissedReason.RECONNECTED
                    ? "What the controller did while there was no association it does not tell."
                    : "The gateway has missed " + missed.count() + " events.";
        }
        return event.toString(); // those of vendors, which only they can put into words
    }

    private static String namespaces(NvmeEvent.NamespacesChanged event) {
        List<String> parts = new ArrayList<>();
        add(parts, event.added(), "is new");
        add(parts, event.removed(), "is gone");
        event.resized()
                .forEach(resized -> parts.add("namespace " + Integer.toUnsignedString(resized.nsid()) + " has "
                        + resized.newSize() + " bytes instead of " + resized.oldSize()));
        add(parts, event.changed(), "has changed");
        String text = parts.isEmpty() ? "namespaces have changed" : String.join("; ", parts);
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + '.';
    }

    private static void add(List<String> parts, List<Integer> nsids, String what) {
        nsids.forEach(nsid -> parts.add("namespace " + Integer.toUnsignedString(nsid) + ' ' + what));
    }

    private static String words(Enum<?> kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
