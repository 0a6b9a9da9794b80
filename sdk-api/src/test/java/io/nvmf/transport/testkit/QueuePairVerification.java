package io.nvmf.transport.testkit;

import io.nvmf.testing.PatientPublisherVerification;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportProvider;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/**
 * A publisher of a transport under the Reactive Streams TCK, over a connection that is open and one that has been
 * closed.
 *
 * @param <T> elements
 */
public abstract class QueuePairVerification<T> extends PatientPublisherVerification<T> {

    private final TransportProvider provider;
    private final TransportAddress address;

    private ConnectedPair open;
    private ConnectedPair closed;
    private int lastId;

    protected QueuePairVerification(TransportProvider provider, TransportAddress address) {
        this.provider = provider;
        this.address = address;
    }

    @BeforeClass
    public void connect() {
        open = ConnectedPair.open(provider, address, ConnectedPair.Settings.defaults());
        closed = ConnectedPair.open(provider, address, ConnectedPair.Settings.defaults());
        closed.close();
    }

    @AfterClass
    public void disconnect() {
        open.close();
    }

    protected final ConnectedPair open() {
        return open;
    }

    protected final ConnectedPair closed() {
        return closed;
    }

    /** An identifier that no command of this connection has had. */
    protected final int nextId() {
        return ++lastId;
    }
}
