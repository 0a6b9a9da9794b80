package io.nvmf.host.queue;

import io.netty.util.IllegalReferenceCountException;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A single command as a publisher. Each subscription costs one object, which is subscription and request at once. */
final class SingleCommand extends Mono<Completion> {

    private final HostQueue queue;
    private final Command command;
    private final boolean essential;

    private SingleCommand(HostQueue queue, Command command, boolean essential) {
        this.queue = queue;
        this.command = command;
        this.essential = essential;
    }

    static Mono<Completion> of(HostQueue queue, Command command, boolean essential) {
        return onAssembly(new SingleCommand(queue, command, essential));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Completion> actual) {
        try {
            CommandMemory.hold(command);
        } catch (IllegalReferenceCountException released) {
            Operators.error(actual, released);
            return;
        }
        actual.onSubscribe(new Execution(queue, command, essential, actual));
    }

    /** One subscription. */
    private static final class Execution extends CommandSubscription<Completion> {

        private final Command command;
        private final boolean essential;

        /** The queue has the command, and with it the duty to release its memory. */
        private boolean taken;

        Execution(HostQueue target, Command command, boolean essential, CoreSubscriber<? super Completion> actual) {
            super(actual, target);
            this.command = command;
            this.essential = essential;
        }

        @Override
        protected boolean essential() {
            return essential;
        }

        @Override
        protected void submit() {
            if (!target.offer(this)) {
                releaseUnsent();
                if (end()) {
                    actual.onError(target.pendingLimitPassed());
                }
            }
        }

        @Override
        protected Command command() {
            taken = true;
            return command;
        }

        @Override
        protected @Nullable RuntimeException failure(Completion completion) {
            return completion.isSuccess()
                    ? null
                    : target.failures()
                            .status(
                                    command,
                                    completion.status(),
                                    completion.response().fromController());
        }

        @Override
        protected void succeeded(Completion completion) {
            actual.onNext(completion);
        }

        @Override
        protected void releaseUnsent() {
            if (!taken) {
                taken = true;
                CommandMemory.letGo(command);
            }
        }
    }
}
