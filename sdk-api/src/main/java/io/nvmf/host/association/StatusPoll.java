package io.nvmf.host.association;

import io.nvmf.spec.ControllerStatus;
import io.nvmf.spec.Property;
import java.time.Duration;
import java.util.function.Predicate;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Reads CSTS until it says what is waited for. */
public final class StatusPoll {

    /** Time between an answer and the next question. */
    static final Duration INTERVAL = Duration.ofMillis(50);

    private StatusPoll() {}

    /**
     * Asks at once, then in intervals, without an end of its own.
     *
     * @param admin asks
     * @param done whether to stop
     * @param timer runs the intervals
     * @return the first status that is waited for
     */
    public static Mono<ControllerStatus> until(AdminCommands admin, Predicate<ControllerStatus> done, Scheduler timer) {
        return until(admin, done, INTERVAL, timer);
    }

    /** The same with another time between an answer and the next question. */
    static Mono<ControllerStatus> until(
            AdminCommands admin, Predicate<ControllerStatus> done, Duration interval, Scheduler timer) {
        return Mono.defer(() -> admin.propertyGet(Property.CSTS))
                .map(value -> ControllerStatus.decode(value.intValue()))
                .filter(done)
                .repeatWhenEmpty(Integer.MAX_VALUE, answers -> answers.delayElements(interval, timer));
    }
}
