package io.nvmf.docs;

import io.netty.buffer.ByteBufAllocator;
import io.nvmf.testing.DelegatingTransport;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportProvider;
import io.nvmf.transport.loop.LoopTransport;
import io.nvmf.transport.loop.LoopTransportOptions;
import reactor.core.publisher.Mono;

/** Stands for the transport of a reader, which moves capsules by itself instead of handing them to another transport. */
final class MyTransport implements DelegatingTransport {

    static final TransportOption<Integer> MAX_RECEIVES = LoopTransportOptions.MAX_RECEIVES;

    private final TransportProvider inner;

    MyTransport(ByteBufAllocator buffers) {
        inner = new LoopTransport(LoopTransportOptions.defaults().withAllocator(buffers));
    }

    @Override
    public TransportProvider inner() {
        return inner;
    }

    @Override
    public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
        return inner.connect(parameters);
    }
}
