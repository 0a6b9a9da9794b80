package io.nvmf.samples.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.namespace.ReadStreamOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** The limit, in virtual time. */
class ReadingTest {

    private static final int CHUNK = 128 * 1024;

    private VirtualTimeScheduler timer;
    private final List<Long> begun = new ArrayList<>();
    private long delivered;

    @BeforeEach
    void stopTheClock() {
        timer = VirtualTimeScheduler.create();
    }

    @AfterEach
    void dispose() {
        timer.dispose();
    }

    private Flux<ByteBuf> read(long limit, long length) {
        TokenBucket bucket = new TokenBucket(limit, CHUNK, timer);
        return new Reading(ReadStreamOptions.defaults(), Optional.of(bucket), timer)
                .paced(this::atOnce, 0, length)
                .doOnNext(buffer -> {
                    delivered += buffer.readableBytes();
                    buffer.release();
                });
    }

    private Flux<ByteBuf> atOnce(long offset, long length) {
        return Flux.defer(() -> {
            begun.add(offset);
            return Flux.range(0, (int) ((length + CHUNK - 1) / CHUNK))
                    .map(chunk ->
                            Unpooled.directBuffer().writeZero((int) Math.min(CHUNK, length - (long) chunk * CHUNK)));
        });
    }

    @Test
    void bytesPassAtTheLimitAndNoFaster() {
        long limit = 100L << 20;
        long slice = new TokenBucket(limit, CHUNK, timer).slice();

        read(limit, 3 * limit).subscribe();

        for (int millis = 0; millis < 2900; millis += 10) {
            long due = limit * millis / 1000;
            assertThat(delivered).as("after %d ms", millis).isBetween(due, due + slice);
            timer.advanceTimeBy(Duration.ofMillis(10));
        }
        assertThat(delivered).isEqualTo(3 * limit);
    }

    @Test
    void noReadBeginsBeforeItsBytesMayPass() {
        read(10 * CHUNK, 4 * CHUNK + 1).subscribe();

        assertThat(begun).containsExactly(0L);
        timer.advanceTimeBy(Duration.ofMillis(99));
        assertThat(begun).hasSize(1);
        timer.advanceTimeBy(Duration.ofMillis(301));
        assertThat(begun).containsExactly(0L, (long) CHUNK, 2L * CHUNK, 3L * CHUNK, 4L * CHUNK);
        assertThat(delivered).isEqualTo(4 * CHUNK + 1);
    }

    @Test
    void aLimitBelowAChunkASecondIsKept() {
        read(CHUNK / 4, 2 * CHUNK).subscribe();

        timer.advanceTimeBy(Duration.ofMillis(3999));
        assertThat(delivered).isEqualTo(CHUNK);
        timer.advanceTimeBy(Duration.ofMillis(1));
        assertThat(delivered).isEqualTo(2 * CHUNK);
    }

    @Test
    void nothingIsReadForASubscriberThatDoesNotAsk() {
        StepVerifier.create(read(100 * CHUNK, 40 * CHUNK), 0)
                .then(() -> timer.advanceTimeBy(Duration.ofMinutes(1)))
                .then(() -> assertThat(delivered).isZero())
                .thenRequest(1)
                .expectNextCount(1)
                .thenCancel()
                .verify();
        assertThat(begun).hasSize(1);
    }

    @Test
    void aPauseIsNotMadeUpFor() {
        TokenBucket bucket = new TokenBucket(1000, 100, timer);
        assertThat(bucket.reserve(100)).isZero();
        timer.advanceTimeBy(Duration.ofHours(1));

        assertThat(bucket.reserve(100)).isZero();
        assertThat(bucket.reserve(100)).isEqualTo(Duration.ofMillis(100));
        assertThat(bucket.reserve(1)).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void hugeLimitsDoNotOverflow() {
        TokenBucket bucket = new TokenBucket(Long.MAX_VALUE, CHUNK, timer);

        assertThat(bucket.slice()).isGreaterThan(1L << 59);
        assertThat(bucket.reserve(1L << 60)).isZero();
        assertThat(bucket.reserve(1)).isBetween(Duration.ofMillis(124), Duration.ofMillis(126));
    }
}
