package io.nvmf.host.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.SubmissionInbox.Offer;
import io.nvmf.metrics.QueueMetrics;
import io.nvmf.transport.ResponseCapsule;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SubmissionInboxTest {

    private static final int ROUNDS = 200_000;

    private static Request request() {
        return new Request() {
            @Override
            protected Command command() {
                throw new AssertionError("nothing is sent here");
            }

            @Override
            protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {}

            @Override
            protected void failed(RuntimeException failure, CommandOutcome outcome) {}
        };
    }

    @Test
    void theLimitIsWhatIsInTheInbox() {
        SubmissionInbox inbox = new SubmissionInbox(2);
        assertThat(inbox.offer(request())).isEqualTo(Offer.FIRST);
        assertThat(inbox.offer(request())).isEqualTo(Offer.BEHIND);
        assertThat(inbox.offer(request())).isEqualTo(Offer.FULL);
        assertThat(inbox.takeAll()).isNotNull();
        assertThat(inbox.offer(request())).isEqualTo(Offer.FIRST);
    }

    /** What waits for a slot keeps the moment where the inbox had its depth, which submitters may still look at. */
    @Test
    void aRequestThatHasGoneOnToWaitDoesNotFillTheInbox() throws Exception {
        QueueInstruments instruments = new QueueInstruments(1);
        instruments.measure(new QueueMetrics() {});
        // One of the round before, and two.
        SubmissionInbox inbox = new SubmissionInbox(3);
        AtomicLong gone = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch end = new CountDownLatch(1);
        Thread eventLoop = new Thread(() -> {
            while (!over.get()) {
                for (SlotOwner taken = inbox.takeAll(); taken != null; taken = taken.next) {
                    taken.waitsSince(instruments.waitBegins());
                    gone.incrementAndGet();
                }
            }
            end.countDown();
        });
        eventLoop.start();
        int full = 0;
        for (int i = 0; i < ROUNDS; i++) {
            inbox.offer(request());
            // While this one comes, the other goes.
            while (inbox.offer(request()) == Offer.FULL) {
                full++;
            }
            while (gone.get() <= 2L * i) {
                Thread.onSpinWait();
            }
        }
        over.set(true);
        assertThat(end.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(full).isZero();
    }

    @Test
    void aMomentIsNeverADepth() {
        QueueInstruments instruments = new QueueInstruments(1);
        assertThat(instruments.waitBegins()).isZero();
        instruments.measure(new QueueMetrics() {});
        for (int i = 0; i < 1000; i++) {
            assertThat(instruments.waitBegins()).isNegative();
        }
    }
}
