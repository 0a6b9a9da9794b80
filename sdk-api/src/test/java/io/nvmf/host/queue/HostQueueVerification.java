package io.nvmf.host.queue;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.testing.PatientPublisherVerification;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** A queue whose controller answers at once, for the Reactive Streams TCK. */
abstract class HostQueueVerification extends PatientPublisherVerification<Completion> {

    private DefaultEventExecutor loop;
    HostQueue queue;

    @BeforeClass
    public void start() {
        loop = new DefaultEventExecutor();
        queue = answeringQueue(loop);
    }

    /** A queue of 8 slots whose controller answers at once. */
    static HostQueue answeringQueue(DefaultEventExecutor loop) {
        FakeHostQueuePair pair = new FakeHostQueuePair(loop);
        pair.autoAnswer = true;
        return HostQueue.start(
                pair,
                new QueueParameters(
                        1, 9, 0, 1024, Duration.ofMinutes(1), Schedulers.parallel(), (queueId, commandId, done) -> {
                            done.run();
                            return AbortSender.Ticket.NONE;
                        }),
                new Failures());
    }

    @AfterClass
    public void stop() {
        queue.close().block(Duration.ofSeconds(30));
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    static Flux<Command> commands(long count) {
        return Flux.<Command>generate(sink -> sink.next(QueueFixture.named(1))).take(count);
    }
}
