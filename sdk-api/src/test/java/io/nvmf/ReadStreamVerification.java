package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.testing.PatientPublisherVerification;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Publisher;
import org.testng.annotations.AfterClass;
import org.testng.annotations.Factory;

/**
 * The Reactive Streams rules for the read stream, over real event loops: on one queue, and on several, of which some
 * share an event loop.
 */
public class ReadStreamVerification extends PatientPublisherVerification<ByteBuf> {

    private static final int BLOCKS = 256;
    private static final int BLOCK = NamespaceFixture.BLOCK;
    private static final ReadStreamOptions OPTIONS =
            ReadStreamOptions.defaults().chunkSize(BLOCK).window(3).queues(3);

    private final DefaultEventExecutor executor = new DefaultEventExecutor();
    private final DefaultEventExecutor other = new DefaultEventExecutor();
    private final NamespaceFixture fixture;

    private ReadStreamVerification(int queues) {
        fixture = NamespaceFixture.blocks(BLOCKS)
                .queues(queues)
                .executors(executor, other)
                .build();
    }

    /** One set of tests for each number of queues. */
    @Factory
    public static Object[] queues() {
        return new Object[] {new ReadStreamVerification(1), new ReadStreamVerification(3)};
    }

    @AfterClass
    public void stop() {
        executor.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        other.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Override
    public Publisher<ByteBuf> createPublisher(long elements) {
        // The kit keeps elements without releasing them; the map is not an operator that could hide a broken rule.
        return new ReleasingPublisher(fixture.namespace.readStream(0, elements * BLOCK, OPTIONS));
    }

    @Override
    public Publisher<ByteBuf> createFailedPublisher() {
        return fixture.namespace.readStream(1, 1);
    }

    @Override
    public long maxElementsFromPublisher() {
        return BLOCKS;
    }
}
