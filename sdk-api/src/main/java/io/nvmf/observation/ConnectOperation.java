package io.nvmf.observation;

import java.util.OptionalInt;

/** A client connects to a subsystem. */
public interface ConnectOperation extends Operation {

    /**
     * The controller that it has got.
     *
     * @return CNTLID, 0..65,519; empty until it is connected
     */
    OptionalInt controllerId();

    /**
     * The I/O queues that it has got.
     *
     * @return their number, 0 until it is connected
     */
    int ioQueues();
}
