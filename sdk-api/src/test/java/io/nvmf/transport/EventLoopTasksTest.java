package io.nvmf.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import io.nvmf.testing.ManualEventExecutor;
import io.nvmf.testing.SlowlyEndingExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class EventLoopTasksTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void tasksThatAnEventLoopRefusesWaitForItsEnd() throws Exception {
        SlowlyEndingExecutor loop = new SlowlyEndingExecutor();
        List<Integer> ran = new ArrayList<>();
        CountDownLatch over = new CountDownLatch(1);
        loop.terminationFuture().addListener(end -> ran.add(0));
        loop.execute(() -> loop.shutdownGracefully(0, 0, TimeUnit.SECONDS));
        Awaitility.await().atMost(PATIENCE).until(loop::isShutdown);

        EventLoopTasks.run(loop, () -> {
            ran.add(1);
            EventLoopTasks.run(loop, () -> {
                ran.add(3);
                over.countDown();
            });
        });
        EventLoopTasks.later(loop, () -> ran.add(2));

        assertThat(ran).isEmpty();
        loop.mayEnd();
        assertThat(over.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(ran).containsExactly(0, 1, 2, 3);
    }

    @Test
    void tasksOfManyThreadsNeverOverlapAfterTheEnd() throws Exception {
        DefaultEventExecutor loop = new DefaultEventExecutor();
        loop.execute(() -> loop.shutdownGracefully(0, 0, TimeUnit.SECONDS));
        int threads = 4;
        int tasksEach = 5000;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        CountDownLatch over = new CountDownLatch(threads * tasksEach);
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread caller = new Thread(() -> {
                for (int k = 0; k < tasksEach; k++) {
                    EventLoopTasks.run(loop, () -> {
                        if (inside.getAndIncrement() != 0) {
                            overlaps.incrementAndGet();
                        }
                        inside.decrementAndGet();
                        over.countDown();
                    });
                }
            });
            callers.add(caller);
            caller.start();
        }

        assertThat(over.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(overlaps).hasValue(0);
        for (Thread caller : callers) {
            caller.join();
        }
    }

    /** Counts how it was woken. */
    private static final class Woken implements EventLoopTasks.WakeUp {

        private final AtomicInteger inTurns = new AtomicInteger();
        private final AtomicInteger afterTheEnd = new AtomicInteger();

        @Override
        public void run() {
            inTurns.incrementAndGet();
        }

        @Override
        public void afterTheEnd() {
            afterTheEnd.incrementAndGet();
        }
    }

    @Test
    void aWakeUpThatARunningEventLoopRefusesComesWhenItTakesTasksAgain() {
        ManualEventExecutor loop = new ManualEventExecutor();
        Woken woken = new Woken();
        loop.full(true);
        EventLoopTasks.wake(loop, woken);
        Awaitility.await().until(() -> loop.rejected() >= 3);
        assertThat(woken.inTurns).hasValue(0);
        loop.full(false);
        Awaitility.await().until(() -> loop.pendingTasks() == 1);
        loop.pump();
        assertThat(woken.inTurns).hasValue(1);
        assertThat(woken.afterTheEnd).hasValue(0);
    }

    @Test
    void aWakeUpThatIsRefusedUntilTheEndComesAfterIt() throws Exception {
        SlowlyEndingExecutor loop = new SlowlyEndingExecutor();
        Woken woken = new Woken();
        loop.execute(() -> loop.shutdownGracefully(0, 0, TimeUnit.SECONDS));
        Awaitility.await().until(loop::isShutdown);
        EventLoopTasks.wake(loop, woken);
        assertThat(woken.afterTheEnd).hasValue(0);
        loop.mayEnd();
        Awaitility.await().until(() -> woken.afterTheEnd.get() == 1);

        ManualEventExecutor ending = new ManualEventExecutor();
        ending.full(true);
        EventLoopTasks.wake(ending, woken);
        ending.shutDown();
        Awaitility.await().until(() -> woken.afterTheEnd.get() == 2);
        assertThat(woken.inTurns).hasValue(0);
    }

    @Test
    void aTaskThatARunningEventLoopRefusesIsNotRunBesideIt() {
        int most = 16;
        DefaultEventExecutor loop = new DefaultEventExecutor(
                null, new DefaultThreadFactory("full"), most, RejectedExecutionHandlers.reject());
        AtomicBoolean busy = new AtomicBoolean(true);
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger turns = new AtomicInteger();
        loop.execute(() -> {
            while (busy.get()) {
                turns.incrementAndGet();
            }
        });

        assertThatThrownBy(() -> {
                    for (int i = 0; i <= most + 1; i++) {
                        EventLoopTasks.later(loop, ran::incrementAndGet);
                    }
                })
                .isInstanceOf(RejectedExecutionException.class);
        assertThat(ran).hasValue(0);

        busy.set(false);
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
