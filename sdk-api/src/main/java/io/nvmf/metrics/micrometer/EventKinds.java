package io.nvmf.metrics.micrometer;

import io.nvmf.event.NvmeEvent;

/** The kinds of events as values of a tag. */
final class EventKinds {

    private EventKinds() {}

    static String name(NvmeEvent event) {
        if (event instanceof NvmeEvent.NamespacesChanged) {
            return "namespaces_changed";
        }
        if (event instanceof NvmeEvent.HealthWarning) {
            return "health_warning";
        }
        if (event instanceof NvmeEvent.ErrorReported) {
            return "error_reported";
        }
        if (event instanceof NvmeEvent.AnaChanged) {
            return "ana_changed";
        }
        if (event instanceof NvmeEvent.FirmwareActivationStarting) {
            return "firmware_activation_starting";
        }
        if (event instanceof NvmeEvent.FirmwareActivationFinished) {
            return "firmware_activation_finished";
        }
        if (event instanceof NvmeEvent.DiscoveryLogChanged) {
            return "discovery_log_changed";
        }
        if (event instanceof NvmeEvent.ReservationChanged) {
            return "reservation_changed";
        }
        if (event instanceof NvmeEvent.SanitizeFinished) {
            return "sanitize_finished";
        }
        return event instanceof NvmeEvent.Missed ? "missed" : "other";
    }
}
