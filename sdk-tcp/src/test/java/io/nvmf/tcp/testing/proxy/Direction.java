package io.nvmf.tcp.testing.proxy;

/** Which way a PDU travels. */
public enum Direction {
    /** From the host. */
    TO_CONTROLLER,
    /** From the controller. */
    TO_HOST
}
