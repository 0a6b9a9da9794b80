package io.nvmf.rdma;

import io.netty.buffer.ByteBufAllocator;
import io.nvmf.rdma.testing.MemoryRdmaProvider;
import io.nvmf.rdma.testing.MemoryRdmaSettings;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportProvider;
import io.nvmf.transport.testkit.TransportTestKit;
import java.util.Optional;

/** What every transport proves, over RDMA within this JVM. */
class RdmaTransportTest extends TransportTestKit {

    /** What the kit's largest capsules need. */
    static final int IN_CAPSULE_DATA = 16_384;

    /** What the provider can do. */
    MemoryRdmaSettings rdma() {
        return MemoryRdmaSettings.defaults();
    }

    @Override
    protected TransportProvider newProvider(ByteBufAllocator buffers) {
        return new RdmaTransportProvider(new MemoryRdmaProvider(rdma().withAllocator(buffers)));
    }

    @Override
    protected TransportAddress listenAddress() {
        return TransportAddress.of("memory", 0);
    }

    @Override
    protected TransportOptions listenerOptions() {
        return TransportOptions.none().with(RdmaOptions.IN_CAPSULE_DATA, IN_CAPSULE_DATA);
    }

    @Override
    protected Optional<TransportOption<Integer>> receiveLimit() {
        return Optional.of(RdmaOptions.MAX_READS);
    }

    @Override
    protected boolean knowsBytesMoved() {
        return false;
    }

    @Override
    protected boolean carriesDataInAdminCapsules() {
        return false;
    }

    @Override
    protected boolean sendsSuccessWithData() {
        return false;
    }
}
