package io.nvmf.event;

import io.nvmf.spec.AnaLog;
import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.ErrorInformationEntry;
import io.nvmf.spec.FirmwareSlotLog;
import io.nvmf.spec.SmartHealthLog;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Something that a controller tells without being asked (NVMe Base Specification, "Asynchronous Event Request
 * command"). The tree is sealed, so a {@code switch} over its kinds is complete. Immutable.
 *
 * <p>The SDK has read the log page of an event when it tells of it, so the controller will tell of the next one. What
 * was read is in the event; it is missing where the controller did not answer or sent a page that makes no sense.
 */
public sealed interface NvmeEvent {

    /**
     * The controller has an error of its own; or a command failed in a way that it tells in this manner.
     *
     * @param kind which
     * @param newest the newest entry of the Error Information log page
     */
    record ErrorReported(ErrorKind kind, Optional<ErrorInformationEntry> newest) implements NvmeEvent {

        /** {@return whether only a reset of the controller helps} */
        public boolean needsReset() {
            return kind == ErrorKind.PERSISTENT_INTERNAL;
        }
    }

    /** Kinds of {@link ErrorReported}, in the order of their numbers. */
    enum ErrorKind {
        /** A doorbell register that does not exist was written; not over fabrics. */
        INVALID_DOORBELL_REGISTER,
        /** An impossible value was written to a doorbell; not over fabrics. */
        INVALID_DOORBELL_VALUE,
        /** A diagnostic found a failure. */
        DIAGNOSTIC_FAILURE,
        /** An internal error that stays: the controller needs a reset. */
        PERSISTENT_INTERNAL,
        /** An internal error that has passed. */
        TRANSIENT_INTERNAL,
        /** A firmware image could not be loaded. */
        FIRMWARE_IMAGE_LOAD,
        /** One that this SDK does not know. */
        OTHER
    }

    /**
     * The health of the subsystem has become worse.
     *
     * @param kind in which respect
     * @param log the SMART / Health Information log page
     */
    record HealthWarning(HealthKind kind, Optional<SmartHealthLog> log) implements NvmeEvent {}

    /** Kinds of {@link HealthWarning}, in the order of their numbers. */
    enum HealthKind {
        /** The subsystem has become unreliable, read only, or has lost the backup of its volatile memory. */
        RELIABILITY,
        /** A temperature has passed a threshold. */
        TEMPERATURE,
        /** The spare capacity has fallen below its threshold. */
        SPARE,
        /** One that this SDK does not know. */
        OTHER
    }

    /**
     * Namespaces have changed. Those that a user has opened show it already. NSIDs are unsigned and ascending.
     *
     * @param added active now and not before
     * @param removed not active any more
     * @param resized of those that a user has opened: have another size
     * @param changed have changed in another way, or in one that nobody has looked at: of those that a user has opened,
     *     ones that cannot be used any more
     */
    record NamespacesChanged(List<Integer> added, List<Integer> removed, List<Resized> resized, List<Integer> changed)
            implements NvmeEvent {

        /**
         * Copies the lists.
         *
         * @param added new ones
         * @param removed former ones
         * @param resized with their sizes
         * @param changed others
         */
        public NamespacesChanged {
            added = List.copyOf(added);
            removed = List.copyOf(removed);
            resized = List.copyOf(resized);
            changed = List.copyOf(changed);
        }
    }

    /**
     * A namespace that has another size.
     *
     * @param nsid namespace identifier, unsigned
     * @param oldSize bytes before
     * @param newSize bytes now
     */
    record Resized(int nsid, long oldSize, long newSize) {}

    /**
     * New firmware is being activated: the controller carries out no commands until {@link FirmwareActivationFinished}.
     */
    record FirmwareActivationStarting() implements NvmeEvent {}

    /**
     * The controller carries out commands again (CSTS.PP is 0).
     *
     * @param inTime false if the controller is not ready after the time that it states (MTFA), or after 30 s if it
     *     states none; commands are sent to it all the same
     * @param slots the Firmware Slot Information log page
     */
    record FirmwareActivationFinished(boolean inTime, Optional<FirmwareSlotLog> slots) implements NvmeEvent {}

    /**
     * The discovery log page has changed; comes from discovery controllers.
     *
     * @param generation the new generation counter, unsigned
     */
    record DiscoveryLogChanged(OptionalLong generation) implements NvmeEvent {}

    /**
     * The state of a path to namespaces has changed.
     *
     * @param groups the Asymmetric Namespace Access log page, without the namespaces of the groups
     */
    record AnaChanged(Optional<AnaLog> groups) implements NvmeEvent {}

    /**
     * A reservation on a namespace has changed without this host. One for each notification that the controller has.
     *
     * @param kind what has become of it
     * @param nsid the namespace, unsigned
     */
    record ReservationChanged(ReservationKind kind, int nsid) implements NvmeEvent {}

    /** Kinds of {@link ReservationChanged}, in the order of their numbers. */
    enum ReservationKind {
        /** The controller has no notification: it has told all that it had before. */
        NONE,
        /** The registration of this host was taken away. */
        REGISTRATION_PREEMPTED,
        /** The reservation was released. */
        RESERVATION_RELEASED,
        /** The reservation was taken away. */
        RESERVATION_PREEMPTED,
        /** One that this SDK does not know. */
        OTHER
    }

    /**
     * A sanitize operation has ended.
     *
     * @param unexpectedDeallocation whether blocks were deallocated although that was not asked for
     * @param status SSTAT of the Sanitize Status log page, 0..65,535
     */
    record SanitizeFinished(boolean unexpectedDeallocation, OptionalLong status) implements NvmeEvent {}

    /**
     * An event that the SDK has no type for: those of vendors, and whatever later revisions of the specification define.
     * Its log page is not read: whoever understands the event reads it, and until then the controller may not tell of
     * it again.
     *
     * @param event as the controller has sent it
     */
    record Other(AsyncEvent event) implements NvmeEvent {}

    /**
     * This subscriber has missed events.
     *
     * @param reason why
     * @param count how many; 0 if that is not known
     */
    record Missed(MissedReason reason, long count) implements NvmeEvent {}

    /** Why events were missed. */
    enum MissedReason {
        /** More than {@value #MOST_WAITING} events waited for this subscriber's demand: the oldest were dropped. */
        SLOW_SUBSCRIBER,
        /** There was no association with the controller for a while. What it has changed meanwhile it does not tell. */
        RECONNECTED
    }

    /** How many events wait for a subscriber at most. */
    int MOST_WAITING = 64;
}
