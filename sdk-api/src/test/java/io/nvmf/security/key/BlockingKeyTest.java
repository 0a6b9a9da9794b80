package io.nvmf.security.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class BlockingKeyTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final char[] text = {'a'};
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();

    private BlockingKey key() {
        return new BlockingKey(
                () -> {
                    assertThat(Schedulers.isInNonBlockingThread()).isFalse();
                    reads.incrementAndGet();
                    return text;
                },
                ends::incrementAndGet);
    }

    @Test
    void isReadOnceForEachSubscription() {
        for (int i = 1; i <= 2; i++) {
            assertThat(key().block(LIMIT)).isSameAs(text);
            assertThat(reads).hasValue(i);
            assertThat(ends).hasValue(i);
        }
    }

    @Test
    void whoAsksForNothingGetsNothing() {
        StepVerifier.create(key(), 0).thenCancel().verify(LIMIT);
        assertThat(reads).hasValue(0);
        assertThat(ends).hasValue(1);
    }

    @Test
    void noTextIsEmpty() {
        StepVerifier.create(new BlockingKey(() -> null, ends::incrementAndGet)).verifyComplete();
        assertThat(ends).hasValue(1);
    }

    @Test
    void anErrorComesAfterTheEnd() {
        StepVerifier.create(new BlockingKey(
                                () -> {
                                    throw new IOException("gone");
                                },
                                ends::incrementAndGet)
                        .doOnError(failure -> assertThat(ends).hasValue(1)))
                .verifyErrorMessage("gone");
    }

    @Test
    void whatIsReadAfterACancelIsWipedAndNotSignalled() {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        Disposable subscription = new BlockingKey(
                        () -> {
                            reading.countDown();
                            cancelled.await();
                            return text;
                        },
                        ends::incrementAndGet)
                .subscribe(got -> reads.incrementAndGet());
        await().until(() -> reading.getCount() == 0);
        subscription.dispose();
        cancelled.countDown();
        await().until(() -> ends.get() == 1);
        await().until(() -> text[0] == '\0');
        assertThat(reads).hasValue(0);
    }

    @Test
    void anErrorAfterACancelIsNotSignalled() {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        Disposable subscription = new BlockingKey(
                        () -> {
                            reading.countDown();
                            cancelled.await();
                            throw new IOException("gone");
                        },
                        ends::incrementAndGet)
                .subscribe(got -> reads.incrementAndGet(), failure -> reads.incrementAndGet());
        await().until(() -> reading.getCount() == 0);
        subscription.dispose();
        cancelled.countDown();
        await().until(() -> ends.get() == 1);
        assertThat(reads).hasValue(0);
    }
}
