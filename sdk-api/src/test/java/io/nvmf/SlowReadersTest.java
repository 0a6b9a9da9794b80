package io.nvmf;

import io.nvmf.spec.TransportType;
import io.nvmf.testing.SlowReaders;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;

/** Slow readers over the in-JVM transport. */
class SlowReadersTest extends SlowReaders {

    private final TransportRegistry transports = TransportRegistry.empty().register(new LoopTransport());

    @Override
    protected NvmeTarget on(NvmeTarget target) {
        return target.transport(TransportType.LOOP).registry(transports);
    }

    @Override
    protected NvmeClient on(NvmeClient client) {
        return client.transport(TransportType.LOOP).registry(transports);
    }
}
