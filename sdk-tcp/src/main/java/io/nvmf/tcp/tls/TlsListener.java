package io.nvmf.tcp.tls;

/** Hears of the end of a handshake: exactly one of these, once, on the event loop. */
public interface TlsListener {

    /**
     * Both sides have the same key. Data that came with the handshake is passed on after this, so a handler that is
     * added here gets it.
     *
     * @param identity of the key that was chosen
     */
    void secured(String identity);

    /**
     * There is no handshake any more, and the connection is closed.
     *
     * @param failure why
     */
    void failed(Throwable failure);
}
