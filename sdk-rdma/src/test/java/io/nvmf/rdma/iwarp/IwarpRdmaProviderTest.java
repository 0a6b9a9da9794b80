package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBufAllocator;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.rdma.testing.RdmaProviderTestKit;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import reactor.netty.resources.LoopResources;

/** iWARP does what the contract of providers says, over sockets of the loopback interface. */
class IwarpRdmaProviderTest extends RdmaProviderTestKit {

    private final LoopResources connectors = LoopResources.create("kit-connector", 1, 3, true, false);
    private final LoopResources acceptors = LoopResources.create("kit-acceptor", 1, 3, true, false);
    private @Nullable CuttableProvider provider;

    @Override
    protected RdmaProvider newProvider(ByteBufAllocator buffers) {
        CuttableProvider made = new CuttableProvider();
        provider = made;
        return made;
    }

    @BeforeEach
    void wireWhatIsCut(TestInfo test) throws IOException {
        if (test.getDisplayName().startsWith("aCut")) {
            Objects.requireNonNull(provider).wired();
        }
    }

    @Override
    protected TransportAddress listenAddress() {
        return TransportAddress.of("127.0.0.1", 0);
    }

    @Override
    protected TransportOptions connectOptions() {
        return TransportOptions.none().with(IwarpOptions.LOOP_RESOURCES, connectors);
    }

    @Override
    protected TransportOptions listenOptions() {
        return TransportOptions.none().with(IwarpOptions.LOOP_RESOURCES, acceptors);
    }

    @Override
    protected boolean ownsEventLoops() {
        return true;
    }

    @Override
    protected void cut(RdmaConnection connection) {
        Objects.requireNonNull(provider).cut(connection);
    }

    @AfterEach
    void endLoops() {
        Objects.requireNonNull(provider).close();
        // Some loops are gone already, and then there is an error to be told.
        connectors.disposeLater().onErrorComplete().subscribe();
        acceptors.disposeLater().onErrorComplete().subscribe();
    }
}
