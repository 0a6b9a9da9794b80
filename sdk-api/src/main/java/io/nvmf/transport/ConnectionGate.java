package io.nvmf.transport;

import java.net.InetAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An acceptor that wants to hear of connections before they are queue pairs in working order, so that it can bound
 * their number. A transport looks whether the acceptor given to {@link TransportProvider#listen} is one. Called on the
 * event loops of the connections, so from several threads.
 */
public interface ConnectionGate extends Consumer<ControllerQueuePair> {

    /**
     * A host has connected, and nothing has been read from it. Its queue pair may be closed from now on, and comes to
     * {@link #accept} when the transport's handshake is done, if that ever is.
     *
     * @param queuePair what the connection will be; the same object each time
     * @param remote address of the host, null where the transport has none
     * @return false if the connection is to be closed at once; nothing more is heard of it then
     */
    boolean connected(ControllerQueuePair queuePair, @Nullable InetAddress remote);

    /**
     * The connection is closed and holds nothing any more; once for each that was let in.
     *
     * @param queuePair what it was
     */
    void disconnected(ControllerQueuePair queuePair);
}
