package io.nvmf.rdma.spi;

/** Memory that the peer can reach. Event loop only. */
public interface RdmaWindow {

    /**
     * The address of the first byte, as the peer says it; not where the memory lies.
     *
     * @return the address, 64 bits
     */
    long address();

    /**
     * The key that the peer says with the address.
     *
     * @return 32 bits, not {@link RdmaConnection#NO_KEY}
     */
    int key();

    /**
     * Whether the peer can still reach the memory.
     *
     * @return false when the window was closed and that takes effect at once, the peer has invalidated it, or the
     *     connection has ended
     */
    boolean isOpen();

    /**
     * Takes the memory out of the peer's reach, where {@link RdmaCapabilities#revokesAtOnce} says so. Idempotent.
     *
     * <p>A key that has been closed is as good as one that never was: a message of the peer that invalidates it
     * afterwards breaks the protocol, even if it was sent before. So whoever expects a message that may invalidate the
     * window closes it when that has come. Where closing takes no effect the window stays open, and the peer can still
     * invalidate it.
     *
     * @return true if neither the peer nor the provider touches the memory any more: the provider has released its
     *     reference. False if that will only be so when the connection has ended
     */
    boolean close();
}
