package io.nvmf.host.queue;

import static io.nvmf.host.queue.QueueFixture.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.spec.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntConsumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import reactor.blockhound.BlockingOperationError;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** Submission from many threads at once; BlockHound watches the event loop. */
class HostQueueThreadsTest {

    private static final int THREADS = 4;
    private static final int COMMANDS = 10_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final DefaultEventExecutor loop = new DefaultEventExecutor();
    private final FakeHostQueuePair pair = new FakeHostQueuePair(loop);
    private final HostQueue queue = HostQueue.start(
            pair,
            new QueueParameters(
                    1, 33, 0, THREADS * COMMANDS, Duration.ofMinutes(5), Schedulers.parallel(), (queueId, id, done) -> {
                        done.run();
                        return AbortSender.Ticket.NONE;
                    }),
            new Failures());

    @AfterEach
    void stop() {
        queue.close().block(PATIENCE);
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static void inThreads(IntConsumer body) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        Collection<Throwable> failures = new ConcurrentLinkedQueue<>();
        for (int t = 0; t < THREADS; t++) {
            int number = t;
            Thread thread = new Thread(() -> body.accept(number));
            thread.setUncaughtExceptionHandler((ignored, failure) -> failures.add(failure));
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void everyCommandOfEveryThreadCompletesExactlyOnce() throws InterruptedException {
        pair.autoAnswer = true;
        AtomicIntegerArray seen = new AtomicIntegerArray(THREADS * COMMANDS);
        CountDownLatch done = new CountDownLatch(THREADS * COMMANDS);
        Collection<Throwable> errors = new ConcurrentLinkedQueue<>();
        inThreads(thread -> {
            for (int i = 0; i < COMMANDS; i++) {
                int name = thread * COMMANDS + i;
                queue.execute(named(name))
                        .doAfterTerminate(done::countDown)
                        .subscribe(
                                completion -> seen.incrementAndGet(
                                        completion.command().nsid()),
                                errors::add);
            }
        });
        assertThat(done.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(errors).isEmpty();
        for (int i = 0; i < seen.length(); i++) {
            assertThat(seen.get(i)).isEqualTo(1);
        }
        assertThat(pair.peak).isLessThanOrEqualTo(32);
    }

    @Test
    void streamsFedFromOtherThreadsLoseNothing() throws InterruptedException {
        pair.autoAnswer = true;
        inThreads(thread -> {
            Flux<Integer> names = Flux.range(thread * COMMANDS, COMMANDS).publishOn(Schedulers.parallel(), 7);
            List<Integer> completed = queue.execute(names.map(QueueFixture::named))
                    .map(completion -> completion.command().nsid())
                    .publishOn(Schedulers.parallel(), 11)
                    .collectSortedList()
                    .block(PATIENCE);
            assertThat(completed).hasSize(COMMANDS).doesNotHaveDuplicates();
        });
        assertThat(pair.left).hasSize(THREADS * COMMANDS);
    }

    @Test
    void buffersComeBackWhateverIsCancelledWhen() throws InterruptedException {
        Collection<ByteBuf> buffers = new ConcurrentLinkedQueue<>();
        answerNowAndThen(new Random(42));
        inThreads(thread -> {
            Random random = new Random(thread);
            for (int i = 0; i < 500; i++) {
                Flux<Completion> work;
                if (random.nextBoolean()) {
                    work = queue.execute(write(buffers)).flux();
                } else {
                    work = queue.execute(Flux.range(0, random.nextInt(40))
                            .map(n -> random.nextInt(4) == 0 ? QueueFixture.read(64) : write(buffers))
                            // Not publishOn: cancelled before its first turn it forgets what it holds.
                            .subscribeOn(Schedulers.parallel()));
                }
                Disposable running = work.subscribeWith(new Releasing());
                if (random.nextInt(3) > 0) {
                    Schedulers.parallel().schedule(running::dispose, random.nextInt(2_000), TimeUnit.MICROSECONDS);
                }
            }
        });
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(buffers.stream().filter(buffer -> buffer.refCnt() > 0).count())
                    .isZero();
            assertThat(pair.usedMemory()).isZero();
        });
    }

    private static Command write(Collection<ByteBuf> buffers) {
        ByteBuf data = QueueFixture.data(8);
        buffers.add(data);
        return QueueFixture.write(data);
    }

    /** Plays a controller that answers in any order. */
    private void answerNowAndThen(Random random) {
        loop.execute(new Runnable() {
            @Override
            public void run() {
                for (int id : pair.outstanding()) {
                    if (random.nextBoolean()) {
                        pair.answer(id);
                    }
                }
                if (!pair.ended()) {
                    loop.schedule(this, 50, TimeUnit.MICROSECONDS);
                }
            }
        });
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_23)
    void blockHoundWatchesTheEventLoop() {
        pair.autoAnswer = true;
        assertThatThrownBy(() -> queue.execute(named(1))
                        .doOnNext(completion -> {
                            try {
                                Thread.sleep(1);
                            } catch (InterruptedException interrupted) {
                                throw Exceptions.propagate(interrupted);
                            }
                        })
                        .block(PATIENCE))
                .satisfies(error -> assertThat(Exceptions.unwrap(error)).isInstanceOf(BlockingOperationError.class));
        assertThat(queue.execute(named(2)).map(Completion::status).block(PATIENCE))
                .isEqualTo(Status.SUCCESS);
    }

    private static final class Releasing extends BaseSubscriber<Completion> {
        @Override
        protected void hookOnNext(Completion completion) {
            completion.release();
        }

        @Override
        protected void hookOnError(Throwable failure) {
            // some are still waiting when the queue is closed, which is not what this is about
        }
    }

    @Test
    void cancellingAfterTheEventLoopIsGoneDoesNotThrow() {
        DefaultEventExecutor gone = new DefaultEventExecutor();
        HostQueue orphaned = HostQueue.start(
                new FakeHostQueuePair(gone),
                new QueueParameters(1, 33, 0, 1, Duration.ofMinutes(5), Schedulers.parallel(), (queueId, id, done) -> {
                    done.run();
                    return AbortSender.Ticket.NONE;
                }),
                new Failures());
        Probe probe = new Probe(1);
        orphaned.execute(named(1)).subscribe(probe);
        gone.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();

        probe.cancel();

        assertThat(probe.silent()).isTrue();
    }
}
