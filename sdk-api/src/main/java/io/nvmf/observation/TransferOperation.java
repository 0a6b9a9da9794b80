package io.nvmf.observation;

import java.util.OptionalLong;

/** A stream of bytes from a namespace or to one, from its subscription to its end. */
public interface TransferOperation extends Operation {

    /** Which way the bytes go. */
    enum Direction {
        /** From the namespace. */
        READ,
        /** To the namespace. */
        WRITE
    }

    /**
     * Which way the bytes go.
     *
     * @return read or write
     */
    Direction direction();

    /**
     * The controller that the stream begins with.
     *
     * @return CNTLID, 0..65,519
     */
    int controllerId();

    /**
     * The namespace.
     *
     * @return NSID, unsigned
     */
    int namespaceId();

    /**
     * Where the stream begins.
     *
     * @return bytes from the beginning of the namespace
     */
    long offset();

    /**
     * How long it will be.
     *
     * @return bytes; empty for a write stream that was not told
     */
    OptionalLong length();

    /**
     * How far it is: what a read stream has given to its subscriber, and what a write stream has said to be known written
     * without a gap.
     *
     * @return bytes
     */
    long bytes();
}
