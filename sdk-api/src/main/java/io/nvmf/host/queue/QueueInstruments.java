package io.nvmf.host.queue;

import io.nvmf.command.Command;
import io.nvmf.metrics.QueueMetrics;
import io.nvmf.metrics.QueueMetrics.Unanswered;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;

/**
 * Those who want to know what happens in a queue: the metrics of the queue, and the traces of single commands. There is
 * none of this, and no clock is read, unless somebody wants to know. Event loop only.
 */
final class QueueInstruments {

    /** A stamp counts units of 2.048 µs in 31 bits of an int; it begins anew after 73 minutes. */
    private static final int STAMP_SHIFT = 11;

    private static final long STAMP_MASK = 0x7FFF_FFFFL;

    /** Set in every stamp, so that none is taken for the {@linkplain Request#depth depth} of an inbox, nor for 0. */
    private static final int STAMP_FLAG = 0x8000_0000;

    /** The status field without its flags: SCT above SC, above the phase bit. */
    private static final int TYPE_SHIFT = 9;

    private final int queueId;
    private @Nullable GuardedMetrics metrics;
    private @Nullable CommandTracing tracing;

    QueueInstruments(int queueId) {
        this.queueId = queueId;
    }

    void measure(QueueMetrics listener) {
        metrics = new GuardedMetrics(listener);
    }

    void trace(CommandTracing listener) {
        tracing = listener;
    }

    // ---- before the slot

    /**
     * Somebody waits for a slot.
     *
     * @return the moment, for {@link #waitEnds}, which is negative; 0 if nobody measures it
     */
    int waitBegins() {
        GuardedMetrics listener = metrics;
        if (listener == null) {
            return 0;
        }
        listener.waitBegins();
        return (int) (System.nanoTime() >>> STAMP_SHIFT) | STAMP_FLAG;
    }

    void waitEnds(int since) {
        GuardedMetrics listener = metrics;
        if (listener != null && since != 0) {
            int now = (int) (System.nanoTime() >>> STAMP_SHIFT);
            listener.waitEnds(((now - since) & STAMP_MASK) << STAMP_SHIFT);
        }
    }

    /** The trace of a command that the queue has accepted; null if nobody wants one. */
    @Nullable
    GuardedTrace accepted(SlotOwner owner) {
        CommandTracing listener = tracing;
        if (listener == null || owner.essential() || owner.longRunning()) {
            return null;
        }
        try {
            CommandTrace trace = listener.accepted(queueId, owner.currentContext());
            return trace == null ? null : new GuardedTrace(trace);
        } catch (Throwable thrown) {
            UserCallBacks.failed(thrown);
            return null;
        }
    }

    // ---- with a slot

    /**
     * A command has a slot.
     *
     * @param waited its trace if it has one already
     */
    void begin(Slot slot, SlotOwner owner, Command command, @Nullable GuardedTrace waited) {
        GuardedMetrics listener = metrics;
        if (listener != null && (owner.essential() || !owner.longRunning())) {
            slot.measuredSince(System.nanoTime());
            listener.commandBegins(command.opcode());
        }
        GuardedTrace trace = waited == null ? accepted(owner) : waited;
        if (trace != null) {
            slot.trace(trace);
            trace.slotTaken(command);
        }
    }

    /** The command could not be sent. */
    void refused(Slot slot, Command command, RuntimeException failure) {
        unanswered(slot, command, Unanswered.NOT_SENT, failure);
    }

    /** The command is done; what the slot knows of it is still there. */
    void answered(Slot slot, Command command, ResponseCapsule response, int bytes) {
        GuardedMetrics listener = metrics;
        if (listener != null && slot.endMeasured()) {
            int status = response.statusField();
            listener.answered(
                    command.opcode(),
                    status >>> TYPE_SHIFT & 0x7,
                    status >>> 1 & 0xFF,
                    System.nanoTime() - slot.measuredSince(),
                    slot.transfer() == CommandCapsule.Transfer.RECEIVE ? bytes : 0,
                    slot.transfer() == CommandCapsule.Transfer.SEND ? bytes : 0);
        }
        GuardedTrace trace = slot.trace();
        if (trace != null) {
            trace.completed(response, bytes);
        }
    }

    /** Whoever waited for the command does so no more; only the first end counts. */
    void unanswered(Slot slot, Unanswered why, @Nullable RuntimeException failure) {
        Command command = slot.command();
        if (command != null) {
            unanswered(slot, command, why, failure);
        }
    }

    private void unanswered(Slot slot, Command command, Unanswered why, @Nullable RuntimeException failure) {
        GuardedMetrics listener = metrics;
        if (listener != null && slot.endMeasured()) {
            listener.unanswered(command.opcode(), why, System.nanoTime() - slot.measuredSince());
        }
        GuardedTrace trace = slot.trace();
        if (trace != null) {
            trace.failed(why, failure);
        }
    }

    /** The command stays behind without an owner. */
    void orphaned(Slot slot) {
        GuardedMetrics listener = metrics;
        if (listener != null && slot.isMeasured()) {
            slot.measuredAsOrphan(true);
            listener.orphanBegins();
        }
    }

    /** The slot is about to be free. */
    void released(Slot slot) {
        GuardedMetrics listener = metrics;
        if (listener != null && slot.isMeasuredAsOrphan()) {
            slot.measuredAsOrphan(false);
            listener.orphanEnds();
        }
    }

    // ---- its data

    void memoryTaken(int bytes) {
        GuardedMetrics listener = metrics;
        if (listener != null) {
            listener.memoryBegins(bytes);
        }
    }

    void memoryReturned(int bytes) {
        GuardedMetrics listener = metrics;
        if (listener != null) {
            listener.memoryEnds(bytes);
        }
    }

    void digestWrong() {
        GuardedMetrics listener = metrics;
        if (listener != null) {
            listener.digestWrong();
        }
    }
}
