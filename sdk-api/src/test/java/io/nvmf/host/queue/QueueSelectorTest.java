package io.nvmf.host.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nvmf.testing.ManualEventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.scheduler.VirtualTimeScheduler;

class QueueSelectorTest {

    private static List<HostQueue> queues(int count) {
        ManualEventExecutor loop = new ManualEventExecutor();
        List<HostQueue> queues = IntStream.rangeClosed(1, count)
                .mapToObj(id -> HostQueue.start(
                        new FakeHostQueuePair(loop),
                        new QueueParameters(
                                id,
                                2,
                                0,
                                1,
                                Duration.ZERO,
                                VirtualTimeScheduler.create(),
                                (queueId, commandId, done) -> AbortSender.Ticket.NONE),
                        new Failures()))
                .toList();
        loop.pump();
        return queues;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void takesQueuesInTurn(int count) {
        List<HostQueue> queues = queues(count);
        QueueSelector selector = QueueSelector.roundRobin(queues);
        for (int i = 0; i < 4 * count; i++) {
            assertThat(selector.next()).isSameAs(queues.get(i % count));
        }
    }

    @Test
    void needsAQueue() {
        assertThatIllegalArgumentException().isThrownBy(() -> QueueSelector.roundRobin(List.of()));
    }

    /** No choice is lost and none is made twice, however many threads choose at the same moment. */
    @Test
    void threadsShareTheTurnsFairly() throws Exception {
        int threads = 4;
        int each = 3 * 10_000;
        QueueSelector selector = QueueSelector.roundRobin(queues(3));
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<List<HostQueue>>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(pool.submit(() -> {
                    start.await();
                    return Stream.generate(selector::next).limit(each).toList();
                }));
            }
            start.countDown();
            List<HostQueue> chosen = new ArrayList<>();
            for (Future<List<HostQueue>> future : futures) {
                chosen.addAll(future.get(30, TimeUnit.SECONDS));
            }
            Map<HostQueue, Long> counts =
                    chosen.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
            assertThat(counts.values()).containsExactly(40_000L, 40_000L, 40_000L);
        } finally {
            pool.shutdownNow();
        }
    }
}
