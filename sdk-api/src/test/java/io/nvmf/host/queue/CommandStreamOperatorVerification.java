package io.nvmf.host.queue;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.testing.Recorder;
import io.nvmf.testing.TckEnvironment;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Subscriber;
import org.reactivestreams.tck.SubscriberBlackboxVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/** A command stream keeps the rules of Reactive Streams towards the source of its commands. */
@Test
public class CommandStreamOperatorVerification extends SubscriberBlackboxVerification<Command> {

    private DefaultEventExecutor loop;
    private HostQueue queue;

    public CommandStreamOperatorVerification() {
        super(new TckEnvironment());
    }

    @BeforeClass
    public void start() {
        loop = new DefaultEventExecutor();
        queue = HostQueueVerification.answeringQueue(loop);
    }

    @AfterClass
    public void stop() {
        queue.close().block(Duration.ofSeconds(30));
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Override
    public Subscriber<Command> createSubscriber() {
        CommandStreamSubscription operator =
                new CommandStreamSubscription(queue, new Recorder<Completion>(Long.MAX_VALUE));
        operator.start(new KitsOwn());
        return operator.upstream();
    }

    @Override
    public Command createElement(int element) {
        return QueueFixture.named(element);
    }

    /** The kit is the source: it subscribes the operator by itself. */
    private static final class KitsOwn extends Flux<Command> {
        @Override
        public void subscribe(CoreSubscriber<? super Command> actual) {}
    }
}
