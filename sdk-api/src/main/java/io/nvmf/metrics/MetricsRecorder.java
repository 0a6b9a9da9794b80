package io.nvmf.metrics;

import io.nvmf.transport.TransportAddress;

/**
 * Measures the controllers of a client. Whoever implements it gets an object for each controller, from that one for each
 * association, and from that one for each queue, so that nothing has to be looked up while commands run.
 *
 * <p>Nothing here may block. Implementations should not throw: what a call throws is logged, and the object that threw
 * is not called any more.
 */
@FunctionalInterface
public interface MetricsRecorder {

    /**
     * A controller has been connected to for the first time. It is the same one for as long as it lives, whatever
     * becomes of its associations.
     *
     * @param subsystem NQN of its subsystem
     * @param address where the subsystem is, as it was configured
     * @return what measures the controller
     */
    ControllerMetrics controller(String subsystem, TransportAddress address);
}
