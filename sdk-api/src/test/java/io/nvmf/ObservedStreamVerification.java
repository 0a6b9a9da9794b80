package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.observation.NvmeObserver;
import io.nvmf.observation.OperationObserver;
import io.nvmf.observation.TransferOperation;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.PatientPublisherVerification;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import org.reactivestreams.Publisher;
import org.testng.annotations.AfterClass;
import reactor.util.context.ContextView;

/** The Reactive Streams rules for a stream that an observer hears of. */
public class ObservedStreamVerification extends PatientPublisherVerification<ByteBuf> {

    private static final String NQN = "nqn.2024-01.io.nvmf:test";
    private static final int BLOCKS = 256;
    private static final int BLOCK = 512;
    private static final ReadStreamOptions OPTIONS =
            ReadStreamOptions.defaults().chunkSize(BLOCK).window(3);

    private final BoundTarget target;
    private final NvmeController controller;
    private final NvmeNamespace namespace;

    public ObservedStreamVerification() {
        TransportRegistry registry = TransportRegistry.empty().register(new LoopTransport());
        target = NvmeTarget.memory(NQN, (long) BLOCKS * BLOCK, BLOCK)
                .transport(TransportType.LOOP)
                .registry(registry)
                .bind()
                .block();
        controller = NvmeClient.create()
                .transport(TransportType.LOOP)
                .registry(registry)
                .remoteAddress(target.address())
                .subsystem(NQN)
                .observation(new NvmeObserver() {
                    @Override
                    public OperationObserver transfer(TransferOperation operation, ContextView context) {
                        return (outcome, failure) -> {};
                    }
                })
                .connect()
                .block();
        namespace = controller.namespace(1).block();
    }

    @AfterClass
    public void stop() {
        controller.close().block();
        target.close().block();
    }

    @Override
    public Publisher<ByteBuf> createPublisher(long elements) {
        return new ReleasingPublisher(namespace.readStream(0, elements * BLOCK, OPTIONS));
    }

    @Override
    public Publisher<ByteBuf> createFailedPublisher() {
        return namespace.readStream(1, 1);
    }

    @Override
    public long maxElementsFromPublisher() {
        return BLOCKS;
    }
}
