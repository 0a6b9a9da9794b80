package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/** Time runs out while commands are dispatched, answered and cancelled: each has one end, and nothing is left. */
class CallDeadlineThreadsTest {

    private static final int COMMANDS = 3_000;
    private static final Duration TIME = Duration.ofMillis(1);

    private final DefaultEventExecutor loop = new DefaultEventExecutor();
    private final NamespaceFixture fixture =
            NamespaceFixture.blocks(64).slots(4).executor(loop).build();

    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicInteger timeouts = new AtomicInteger();
    private final Semaphore places = new Semaphore(8);
    private final CountDownLatch over = new CountDownLatch(COMMANDS);

    @Test
    void everyCommandEndsOnce() throws Exception {
        NvmeNamespace urgent = fixture.namespace.timeout(TIME);
        ByteBuf destination = Unpooled.buffer(512, 512);
        AtomicBoolean done = new AtomicBoolean();
        Thread clock = new Thread(() -> {
            while (!done.get()) {
                fixture.timer.advanceTimeBy(TIME.dividedBy(3));
                LockSupport.parkNanos(50_000);
            }
        });
        clock.start();
        try {
            for (int i = 0; i < COMMANDS; i++) {
                assertThat(places.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
                switch (i % 4) {
                    case 0 -> run(urgent.read(0, 1), i);
                    case 1 -> run(urgent.readInto(0, destination.duplicate()), i);
                    case 2 -> run(urgent.write(0, Unpooled.directBuffer(512).writeZero(512)), i);
                    default -> run(urgent.flush(), i);
                }
            }
            assertThat(over.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            done.set(true);
            clock.join();
        }
        Awaitility.await().until(() -> destination.refCnt() == 1);
        Awaitility.await().until(() -> fixture.usedMemory() == 0);
        assertThat(ends).as("one each").hasValue(COMMANDS);
        assertThat(ends).as("one each").hasValue(COMMANDS);
        assertThat(timeouts).as("some are late").hasPositiveValue();
        destination.release();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private <T> void run(Mono<T> command, int number) {
        command.subscribe(new BaseSubscriber<T>() {

            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                if (number == 0) {
                    return; // nobody asks for it, so it is late however the threads take turns
                }
                if (number % 7 == 0) {
                    loop.execute(() -> request(1));
                } else {
                    request(1);
                }
                if (number % 11 == 0) {
                    loop.execute(this::cancel);
                }
            }

            @Override
            protected void hookOnNext(T element) {
                if (element instanceof ByteBuf data) {
                    data.release();
                }
            }

            @Override
            protected void hookOnError(Throwable failure) {
                assertThat(failure)
                        .isInstanceOfSatisfying(
                                NvmeTimeoutException.class,
                                timeout -> assertThat(timeout.outcome())
                                        .isIn(CommandOutcome.NOT_SENT, CommandOutcome.UNKNOWN));
                timeouts.incrementAndGet();
            }

            @Override
            protected void hookFinally(SignalType type) {
                ends.incrementAndGet();
                places.release();
                over.countDown();
            }
        });
    }
}
