package io.nvmf.rdma.spi;

/** What the peer may do with a window. */
public enum RdmaAccess {
    /** RDMA Read. */
    REMOTE_READ,
    /** RDMA Write. */
    REMOTE_WRITE
}
