package io.nvmf.transport;

/**
 * Whom a controller's queue pair tells about the memory that data takes there, so that a controller can bound it.
 * Everything happens on the queue pair's event loop; nothing here throws.
 */
public interface DataAccount {

    /**
     * Data that comes within a capsule needs memory. While there is none the queue pair reads nothing more from its
     * peer.
     *
     * @param bytes how much
     * @param taken runs once the bytes are taken, if they cannot be at once; never after the queue pair has ended
     * @return true if the bytes are taken
     */
    boolean takeInCapsule(int bytes, Runnable taken);

    /**
     * Memory of in-capsule data is free again; for every byte taken exactly once.
     *
     * @param bytes how much
     */
    void giveInCapsule(int bytes);

    /**
     * Data given to {@link ReceivedCommand#send}, and not rejected, has left with the connection or was dropped, so its
     * memory is not needed any more. For every byte exactly once, also after the end of the queue pair.
     *
     * @param bytes how much
     */
    void sent(int bytes);
}
