package io.nvmf.rdma.testing;

/** Both ends of a connection under test. */
record RdmaPair(RdmaEndpoint connector, RdmaEndpoint acceptor) {

    /** The other end. */
    RdmaEndpoint peerOf(RdmaEndpoint end) {
        return end == connector ? acceptor : connector;
    }
}
