package io.nvmf.host.recovery;

import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.recovery.Recovery;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/** Makes a first connect that fails be made again, with the times of later ones. */
final class PatientConnect extends Retry {

    private final Recovery policy;
    private final Scheduler timer;
    private final Backoff backoff;

    PatientConnect(Recovery policy, String hostNqn, Scheduler timer) {
        this.policy = policy;
        this.timer = timer;
        this.backoff = new Backoff(policy, Backoff.chance(hostNqn, timer));
    }

    @Override
    public Publisher<Long> generateCompanion(Flux<RetrySignal> failures) {
        return Flux.defer(() -> {
            long start = timer.now(TimeUnit.NANOSECONDS);
            return failures.concatMap(failed -> again(failed, start));
        });
    }

    /** What is no failure of this SDK is a mistake in the configuration, and stays one; so are most keys. */
    private Mono<Long> again(RetrySignal failed, long start) {
        Duration delay = backoff.before((int) Math.min(failed.totalRetries() + 2, Integer.MAX_VALUE));
        long end = timer.now(TimeUnit.NANOSECONDS) - start + delay.toNanos();
        if (!(failed.failure() instanceof NvmeException)
                || isPermanent(failed.failure())
                || end > policy.lossTimeout().toNanos()) {
            return Mono.error(failed.failure());
        }
        return Mono.delay(delay, timer);
    }

    /** Keys that are missing or do not match stay so. A vault that was out of reach, or a controller, may get ready. */
    private static boolean isPermanent(Throwable failure) {
        if (!(failure instanceof NvmeAuthenticationException)) {
            return false;
        }
        Throwable cause = failure.getCause();
        return cause == null
                || cause instanceof IllegalArgumentException
                || cause instanceof NvmeStatusException answer
                        && answer.status().doNotRetry();
    }
}
