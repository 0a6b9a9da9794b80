package io.nvmf.host.auth;

import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.Failures;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The steps of an authentication: each is bounded, and fails with its name. What is computed is computed on threads
 * made for it, as a Diffie-Hellman exchange takes up to half a second.
 */
final class AuthenticationSteps {

    private static final int MOST_WAITING = 100_000;
    private static final int SECONDS_TO_LIVE = 60;

    /** One for all associations: there is no use in more threads than processors. */
    private static final class Computing {
        static final Scheduler SCHEDULER = Schedulers.newBoundedElastic(
                Runtime.getRuntime().availableProcessors(), MOST_WAITING, "nvmf-auth", SECONDS_TO_LIVE, true);
    }

    private final Duration timeout;
    private final Scheduler timer;
    private final Failures failures;

    AuthenticationSteps(Duration timeout, Scheduler timer, Failures failures) {
        this.timeout = timeout;
        this.timer = timer;
        this.failures = failures;
    }

    /** {@return the same steps with other failures} */
    AuthenticationSteps with(Failures other) {
        return new AuthenticationSteps(timeout, timer, other);
    }

    /**
     * Bounds a step.
     *
     * @param outcome what is known when it takes too long
     */
    <T> Mono<T> bound(String step, CommandOutcome outcome, Mono<T> what) {
        return what.timeout(timeout, Mono.error(() -> failures.timeout(step, timeout, outcome)), timer);
    }

    /** Works with secrets, and fails as an authentication does. */
    <T> Mono<T> compute(String what, SecretWork secrets, SecretWork.Work<T> work) {
        return bound(
                        "computing " + what,
                        CommandOutcome.UNKNOWN,
                        Mono.fromCallable(() -> secrets.run(work)).subscribeOn(Computing.SCHEDULER))
                .onErrorMap(
                        failure ->
                                failure instanceof IllegalStateException || failure instanceof IllegalArgumentException,
                        failure -> failures.authentication(
                                "computing " + what + " failed: " + failure.getMessage(),
                                CommandOutcome.UNKNOWN,
                                false,
                                failure));
    }
}
