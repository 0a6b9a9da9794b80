package io.nvmf.subsystem.engine;

import io.nvmf.spec.CompletionQueueEntry;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.ResponseCapsule;
import reactor.core.publisher.Mono;

/**
 * Sends the completion queue entries of a queue and counts its submission queue head (SQHD), which says how far the
 * controller has taken entries. Event loop of the queue pair only.
 */
final class CompletionSender {

    private final ControllerQueuePair queuePair;
    private int entries;
    private int head;
    private boolean flowControl;

    CompletionSender(ControllerQueuePair queuePair) {
        this.queuePair = queuePair;
    }

    /** Answers Connect with success, which says whether there is SQ flow control. */
    void connected(ConnectCommand connect, int commandId, int dw0) {
        entries = connect.entries();
        flowControl = !connect.sqFlowControlDisabled();
        int first = flowControl ? nextHead() : CompletionQueueEntry.SQHD_FLOW_CONTROL_DISABLED;
        queuePair.submit(ResponseCapsule.of(commandId, 0, dw0, 0, first));
    }

    /** Sends an entry. */
    void send(int commandId, int status, int dw0, int dw1) {
        queuePair.submit(entry(commandId, status, dw0, dw1));
    }

    /** Sends an entry and completes when it is on its way. */
    Mono<Void> transmit(int commandId, int status, int dw0, int dw1) {
        return queuePair.transmit(entry(commandId, status, dw0, dw1));
    }

    /** A command has ended without an entry, and so has its place in the submission queue. */
    void skip() {
        if (flowControl) {
            nextHead();
        }
    }

    private ResponseCapsule entry(int commandId, int status, int dw0, int dw1) {
        return ResponseCapsule.of(commandId, status, dw0, dw1, flowControl ? nextHead() : 0);
    }

    private int nextHead() {
        head = head + 1 == entries ? 0 : head + 1;
        return head;
    }
}
