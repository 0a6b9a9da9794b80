package io.nvmf.tcp;

import io.nvmf.transport.Termination;

/**
 * What a side of a connection sends, and what it makes of what it receives: the part of the protocol that differs
 * between host and controller. Event loop only.
 */
interface Protocol extends PduReader.Receiver, SendingTurn.Source {

    /** The first step of the handshake: the host's ICReq. */
    void startInitialization(PduWriter writer);

    /** Whether input is wanted: by the subscriber, or by a transfer whatever the demand for capsules. */
    boolean wantsInput();

    /** The end: drops the capsules that have not been converted. */
    void dropUnsent(Termination how);

    /**
     * Ends all transfers, whatever their call-backs throw; called once, when the connection reads no memory of theirs
     * any more.
     */
    void abortTransfers();

    /** Ends the transfers whose memory the connection does not read, while it still reads that of others. */
    default void abortIdleTransfers() {}

    /** Whether memory of a transfer has been given to the connection and has not left yet. */
    default boolean isDataLeaving() {
        return false;
    }

    /** The connection takes bytes again, or has ended. Does not throw. */
    default void writabilityChanged() {}

    /** The end: no more capsules are received. */
    void complete();

    /** The channel is closed, and everything that was on its way is gone. */
    default void closed() {}
}
