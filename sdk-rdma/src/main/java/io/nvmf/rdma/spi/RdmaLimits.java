package io.nvmf.rdma.spi;

/**
 * How much may be under way on a connection.
 *
 * @param sends messages, writes and reads of this side that are posted and not completed, at least 1; one more is
 *     refused with {@link RdmaException.Kind#EXHAUSTED}
 * @param receives messages of the peer for which there is a place, at least 1. A message takes its place when it arrives
 *     and gives it back when its buffer is released; a peer that sends one without a place breaks the protocol
 * @param receiveSize bytes of the largest message of the peer, at least 1
 * @param readsIn RDMA reads of the peer to be served at once (IRD), 0 for none
 * @param readsOut RDMA reads to be issued at once (ORD), 0 for none; more wait in order
 */
public record RdmaLimits(int sends, int receives, int receiveSize, int readsIn, int readsOut) {}
