package io.nvmf.transport.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.nvmf.testing.TrackingAllocator;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportProvider;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every transport proves: extend this with a provider and an address, and say what the transport can be made to
 * do.
 *
 * <p>Each test opens connections of its own; after it everything is closed and the kit's allocator must be empty.
 */
public abstract class TransportTestKit
        implements ConnectionBehaviour, CapsuleBehaviour, ReceiveBehaviour, SendBehaviour, EndBehaviour {

    private TrackingAllocator allocator;
    private TransportProvider provider;
    private final List<ConnectedPair> pairs = new CopyOnWriteArrayList<>();

    /**
     * The transport under test.
     *
     * @param buffers allocates what the transport needs, where it can be told to
     */
    protected abstract TransportProvider newProvider(ByteBufAllocator buffers);

    /** Where to listen, with a free port. */
    protected abstract TransportAddress listenAddress();

    /** Options of each connection at the host. */
    protected TransportOptions hostOptions() {
        return TransportOptions.none();
    }

    /** Options of each listener. */
    protected TransportOptions listenerOptions() {
        return TransportOptions.none();
    }

    /** The host's option that limits receives under way per command (MAXR2T in NVMe/TCP); empty if there is none. */
    protected Optional<TransportOption<Integer>> receiveLimit() {
        return Optional.empty();
    }

    /**
     * Rewrites the next command on its way, entry and in-capsule data; where that cannot be done the test is skipped.
     */
    protected void alterNextCommand(HostQueuePair host, Consumer<ByteBuf> alteration) {
        Assumptions.abort("this transport has no way to alter a command");
    }

    /** Whether data outside the capsule can be fetched in any order and repeatedly. */
    protected boolean fetchesInAnyOrder() {
        return true;
    }

    /**
     * Whether the host's side knows how many bytes of a transfer have moved. One that does not, because the controller
     * reaches its memory without it, reports the whole length with a success and 0 otherwise.
     */
    protected boolean knowsBytesMoved() {
        return true;
    }

    /** Whether capsules of an admin queue carry data. One that carries data on I/O queues only says no. */
    protected boolean carriesDataInAdminCapsules() {
        return true;
    }

    /** Whether a success travels with the last data where there is no SQ flow control. */
    protected boolean sendsSuccessWithData() {
        return true;
    }

    @BeforeEach
    final void prepare() {
        allocator = new TrackingAllocator();
        provider = newProvider(allocator);
    }

    @AfterEach
    final void everythingIsGivenBack() {
        pairs.forEach(ConnectedPair::close);
        allocator.assertNoLiveBuffers();
    }

    @Override
    public final TransportProvider provider() {
        return provider;
    }

    @Override
    public final ByteBufAllocator allocator() {
        return allocator;
    }

    @Override
    public final TransportAddress address() {
        return listenAddress();
    }

    @Override
    public final ConnectedPair.Settings settings() {
        return ConnectedPair.Settings.defaults().withOptions(hostOptions(), listenerOptions());
    }

    @Override
    public final ConnectedPair open(ConnectedPair.Settings settings) {
        ConnectedPair pair = ConnectedPair.open(provider, listenAddress(), settings);
        pairs.add(pair);
        return pair;
    }

    @Override
    public final ConnectedPair.Settings limitReceives(ConnectedPair.Settings settings, int limit) {
        Optional<TransportOption<Integer>> option = receiveLimit();
        Assumptions.assumeTrue(option.isPresent(), "this transport has no limit of receives");
        return settings.withOptions(settings.hostOptions().with(option.get(), limit), settings.listenerOptions());
    }

    @Override
    public final void alter(HostQueuePair host, Consumer<ByteBuf> alteration) {
        alterNextCommand(host, alteration);
    }

    @Override
    public final boolean anyOrder() {
        return fetchesInAnyOrder();
    }

    @Override
    public final boolean countsBytes() {
        return knowsBytesMoved();
    }

    @Override
    public final boolean adminCapsulesCarryData() {
        return carriesDataInAdminCapsules();
    }

    @Override
    public final boolean successWithData() {
        return sendsSuccessWithData();
    }
}
