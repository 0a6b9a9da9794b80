package io.nvmf.file;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.testing.TckEnvironment;
import org.reactivestreams.Subscriber;
import org.reactivestreams.tck.SubscriberBlackboxVerification;
import org.testng.annotations.Test;
import reactor.util.context.Context;

/** The input of a file that is written keeps the rules of Reactive Streams towards its source. */
@Test
public class FileWriteInputVerification extends SubscriberBlackboxVerification<ByteBuf> {

    public FileWriteInputVerification() {
        super(new TckEnvironment());
    }

    @Override
    public Subscriber<ByteBuf> createSubscriber() {
        return new Consumer().input;
    }

    @Override
    public ByteBuf createElement(int element) {
        return Unpooled.buffer(4).writeInt(element);
    }

    /** Takes buffers as they come. */
    private static final class Consumer {

        private final FileWriteInput input = new FileWriteInput(4, Context.empty(), this::take);

        private void take() {
            ByteBuf buffer = input.poll();
            if (buffer != null) {
                buffer.release();
            }
            input.ask();
        }
    }
}
