package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.Termination;
import java.util.function.Consumer;

/**
 * One connection of a {@link LoopTransport}, both sides of it, and the ways to disturb it. For tests of the layers
 * above; what a method arranges holds for everything its caller causes afterwards. All methods may be called from any
 * thread.
 */
public final class LoopConnection {

    /** A direction of travel. */
    public enum Direction {
        /** Commands, and data that a controller asked for. */
        TO_CONTROLLER,
        /** Responses, data, and requests for data. */
        TO_HOST
    }

    private final LoopHostQueuePair host;
    private final LoopControllerQueuePair controller;

    LoopConnection(LoopControllerQueuePair controller) {
        this.host = controller.host();
        this.controller = controller;
    }

    /**
     * The host's end of the connection.
     *
     * @return the queue pair that connecting gave
     */
    public HostQueuePair host() {
        return host;
    }

    /**
     * The controller's end of the connection.
     *
     * @return the queue pair that the acceptor got
     */
    public ControllerQueuePair controller() {
        return controller;
    }

    /** Resets the connection: both sides see {@link Termination.PeerReset}. What is under way is lost. */
    public void cut() {
        Termination reset = new Termination.PeerReset("the connection was cut");
        cut(reset, reset);
    }

    /**
     * Ends the connection in a way of the caller's choice. What is under way is lost.
     *
     * @param hostSees how the host's side ends
     * @param controllerSees how the controller's side ends
     */
    public void cut(Termination hostSees, Termination controllerSees) {
        host.run(() -> host.end(hostSees, null));
        controller.run(() -> controller.end(controllerSees, null));
    }

    /**
     * Stops traffic in one direction. It piles up in order, the other side's close included.
     *
     * @param direction which
     */
    public void hold(Direction direction) {
        side(direction).stall();
    }

    /**
     * Lets held traffic go on.
     *
     * @param direction which
     */
    public void release(Direction direction) {
        side(direction).resume();
    }

    /** Loses the next response capsule that reaches the host. */
    public void dropNextResponse() {
        host.faults.dropNextResponse();
    }

    /**
     * Damages the next data that travels outside a capsule: the transfer ends with an integrity error, the connection
     * goes on.
     *
     * @param direction which way the data travels
     */
    public void damageNextData(Direction direction) {
        if (direction == Direction.TO_HOST) {
            host.faults.damageNextData();
        } else {
            controller.faults.damageNextData();
        }
    }

    /**
     * Rewrites the next command capsule on its way: 64 bytes of submission queue entry and any in-capsule data behind
     * it.
     *
     * @param alteration changes bytes in place; may move the writer index to change the length of in-capsule data
     */
    public void alterNextCommand(Consumer<ByteBuf> alteration) {
        host.faults.alterNextCommand(alteration);
    }

    /**
     * Holds back the end of data transfers to the controller, so that responses overtake it, as they do when a socket
     * is slow.
     */
    public void deferSendTransfers() {
        host.faults.deferSendTransfers(true);
    }

    /** Ends the transfers that {@link #deferSendTransfers} held back, and holds back no more. */
    public void completeSendTransfers() {
        host.faults.deferSendTransfers(false);
        host.run(host.transfers()::endDeferred);
    }

    private LoopQueuePair side(Direction direction) {
        return direction == Direction.TO_HOST ? host : controller;
    }
}
