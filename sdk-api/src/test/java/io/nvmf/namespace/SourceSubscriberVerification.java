package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.testing.TckEnvironment;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Subscriber;
import org.reactivestreams.tck.SubscriberBlackboxVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.Test;
import reactor.util.context.Context;

/** The input of a write stream keeps the rules of Reactive Streams towards its source. */
@Test
public class SourceSubscriberVerification extends SubscriberBlackboxVerification<ByteBuf> {

    private final DefaultEventExecutor executor = new DefaultEventExecutor();

    public SourceSubscriberVerification() {
        super(new TckEnvironment());
    }

    @AfterClass
    public void stop() {
        executor.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Override
    public Subscriber<ByteBuf> createSubscriber() {
        return new Consumer(executor).input;
    }

    @Override
    public ByteBuf createElement(int element) {
        return Unpooled.buffer(4).writeInt(element);
    }

    /** Takes buffers as a write stream does. */
    private static final class Consumer extends EventLoopDrain {

        private final SourceSubscriber input = new SourceSubscriber(this, Context.empty());

        Consumer(DefaultEventExecutor executor) {
            super(executor);
        }

        @Override
        void drain() {
            ByteBuf buffer = input.poll();
            if (buffer != null) {
                buffer.release();
            }
            input.demand();
        }

        @Override
        void broken(Throwable thrown) {
            input.cancel();
        }
    }
}
