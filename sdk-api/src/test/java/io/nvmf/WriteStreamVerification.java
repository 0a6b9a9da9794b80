package io.nvmf;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.testing.PatientPublisherVerification;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Publisher;
import org.testng.annotations.AfterClass;
import org.testng.annotations.Factory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * The Reactive Streams rules for the progress of a write stream, over real event loops: on one queue, and on several,
 * of which some share an event loop. Progress is conflated, so the source emits a block only when the element for the
 * block before was delivered; that makes the number of elements known.
 */
public class WriteStreamVerification extends PatientPublisherVerification<TransferProgress> {

    private static final int BLOCKS = 256;
    private static final WriteStreamOptions OPTIONS = WriteStreamOptions.defaults()
            .chunkSize(NamespaceFixture.BLOCK)
            .queues(3)
            .durability(WriteStreamOptions.Durability.NONE);

    private final DefaultEventExecutor executor = new DefaultEventExecutor();
    private final DefaultEventExecutor other = new DefaultEventExecutor();
    private final NamespaceFixture fixture;

    private WriteStreamVerification(int queues) {
        fixture = NamespaceFixture.blocks(BLOCKS)
                .queues(queues)
                .executors(executor, other)
                .build();
    }

    /** One set of tests for each number of queues. */
    @Factory
    public static Object[] queues() {
        return new Object[] {new WriteStreamVerification(1), new WriteStreamVerification(3)};
    }

    @AfterClass
    public void stop() {
        executor.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        other.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Override
    public Publisher<TransferProgress> createPublisher(long elements) {
        return Flux.defer(() -> {
            Sinks.Many<Long> blocks = Sinks.many().unicast().onBackpressureBuffer();
            next(blocks, 1, elements);
            return fixture.namespace
                    .writeStream(0, blocks.asFlux().map(block -> fixture.data(NamespaceFixture.BLOCK)), OPTIONS)
                    .doOnNext(progress -> next(blocks, progress.bytesWritten() / NamespaceFixture.BLOCK + 1, elements));
        });
    }

    private static void next(Sinks.Many<Long> blocks, long block, long elements) {
        if (block < elements) {
            blocks.tryEmitNext(block);
        } else {
            blocks.tryEmitComplete();
        }
    }

    @Override
    public Publisher<TransferProgress> createFailedPublisher() {
        return fixture.namespace.writeStream(1, Flux.empty());
    }

    @Override
    public long maxElementsFromPublisher() {
        return BLOCKS;
    }
}
