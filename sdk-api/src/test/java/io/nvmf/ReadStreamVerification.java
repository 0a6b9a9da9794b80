package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterClass;
import reactor.core.publisher.Flux;

/** The Reactive Streams rules for the read stream, over a real event loop. */
public class ReadStreamVerification extends PublisherVerification<ByteBuf> {

    private static final int BLOCKS = 256;
    private static final int BLOCK = NamespaceFixture.BLOCK;
    private static final ReadStreamOptions OPTIONS =
            ReadStreamOptions.defaults().chunkSize(BLOCK).window(3);

    private final DefaultEventExecutor executor = new DefaultEventExecutor();
    private final NamespaceFixture fixture =
            NamespaceFixture.blocks(BLOCKS).executor(executor).build();

    public ReadStreamVerification() {
        super(new TestEnvironment(5000, 100));
    }

    @AfterClass
    public void stop() {
        executor.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Override
    public Publisher<ByteBuf> createPublisher(long elements) {
        // The kit keeps elements without releasing them; the map is not an operator that could hide a broken rule.
        return new Released(fixture.namespace.readStream(0, elements * BLOCK, OPTIONS));
    }

    @Override
    public Publisher<ByteBuf> createFailedPublisher() {
        return fixture.namespace.readStream(1, 1);
    }

    @Override
    public long maxElementsFromPublisher() {
        return BLOCKS;
    }

    /** Releases each element behind the subscriber's back and passes every signal on as it is. */
    private record Released(Flux<ByteBuf> stream) implements Publisher<ByteBuf> {

        @Override
        public void subscribe(org.reactivestreams.Subscriber<? super ByteBuf> subscriber) {
            if (subscriber == null) {
                throw new NullPointerException("subscriber");
            }
            stream.subscribe(new org.reactivestreams.Subscriber<>() {
                @Override
                public void onSubscribe(org.reactivestreams.Subscription subscription) {
                    subscriber.onSubscribe(subscription);
                }

                @Override
                public void onNext(ByteBuf data) {
                    data.release();
                    subscriber.onNext(data);
                }

                @Override
                public void onError(Throwable error) {
                    subscriber.onError(error);
                }

                @Override
                public void onComplete() {
                    subscriber.onComplete();
                }
            });
        }
    }
}
