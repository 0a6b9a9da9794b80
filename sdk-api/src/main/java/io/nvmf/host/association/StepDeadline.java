package io.nvmf.host.association;

import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.Failures;
import reactor.core.publisher.Mono;

/** Bounds each step of connecting: a step that takes longer fails, with its name in the message. */
final class StepDeadline {

    private final AssociationParameters parameters;
    private final Failures failures;

    StepDeadline(AssociationParameters parameters, Failures failures) {
        this.parameters = parameters;
        this.failures = failures;
    }

    /**
     * Bounds one step by {@link AssociationParameters#stepTimeout}.
     *
     * @param step its name, as in the specification
     * @param work the step
     * @param <T> what the step returns
     * @return the same, or an error when it takes too long
     */
    <T> Mono<T> bound(String step, Mono<T> work) {
        return work.timeout(
                parameters.stepTimeout(),
                Mono.error(() -> failures.timeout(
                        step + " (connect to " + parameters.target() + ")",
                        parameters.stepTimeout(),
                        CommandOutcome.NOT_CONNECTED)),
                parameters.timer());
    }
}
