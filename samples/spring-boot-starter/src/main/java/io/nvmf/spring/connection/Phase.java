package io.nvmf.spring.connection;

import java.time.Instant;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Sinks;

/** Where a {@link SharedConnection} is; one follows another, and their numbers count up. */
sealed interface Phase {

    long number();

    /**
     * Nothing is there and nothing is done.
     *
     * @param number of the phase
     */
    record Idle(long number) implements Phase {}

    /**
     * A controller is being connected to.
     *
     * @param number of the phase
     * @param attempt how many there have been since there was a controller, with this one
     * @param result for all who wait for it
     * @param work what to dispose of to give up
     */
    record Attempting(long number, int attempt, Sinks.One<OpenController> result, Disposable.Swap work)
            implements Phase {
        Attempting(long number, int attempt) {
            this(number, attempt, Sinks.one(), Disposables.swap());
        }
    }

    /**
     * A controller is there.
     *
     * @param number of the phase
     * @param open the controller
     */
    record Up(long number, OpenController open) implements Phase {}

    /**
     * The next attempt has a time.
     *
     * @param number of the phase
     * @param attempt number of that attempt
     * @param next its time
     * @param reason why it is needed
     */
    record Waiting(long number, int attempt, Instant next, Throwable reason) implements Phase {}

    /**
     * The application has stopped it.
     *
     * @param number of the phase
     * @param forGood whether it cannot be started again
     */
    record Stopped(long number, boolean forGood) implements Phase {}
}
