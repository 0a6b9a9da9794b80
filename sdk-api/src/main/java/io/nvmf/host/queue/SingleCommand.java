package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A single command as a publisher. Each subscription costs one object, which is subscription and request at once. */
final class SingleCommand extends Mono<Completion> {

    private final QueueSelector queues;
    private final Failures failures;
    private final Command command;
    private final boolean essential;
    private final Repetition repetition;

    private SingleCommand(
            QueueSelector queues, Failures failures, Command command, boolean essential, Repetition repetition) {
        this.queues = queues;
        this.failures = failures;
        this.command = command;
        this.essential = essential;
        this.repetition = repetition;
    }

    static Mono<Completion> of(
            QueueSelector queues, Failures failures, Command command, boolean essential, Repetition repetition) {
        return from(onAssembly(new SingleCommand(queues, failures, command, essential, repetition)));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Completion> actual) {
        try {
            CommandMemory.hold(command);
        } catch (IllegalReferenceCountException released) {
            Operators.error(actual, released);
            return;
        }
        actual.onSubscribe(new Execution(this, actual));
    }

    /** One subscription. */
    private static final class Execution extends CommandSubscription<Completion> {

        private final SingleCommand source;

        /** A queue has the command, and with it the duty to release its memory. */
        private boolean taken;

        Execution(SingleCommand source, CoreSubscriber<? super Completion> actual) {
            super(actual);
            this.source = source;
        }

        @Override
        protected boolean essential() {
            return source.essential;
        }

        @Override
        protected HostQueue chooseQueue() {
            return source.queues.next();
        }

        @Override
        protected void submit(HostQueue queue) {
            if (!queue.offer(this)) {
                release();
                if (end()) {
                    actual.onError(queue.pendingLimitPassed());
                }
            }
        }

        @Override
        protected Command command() {
            taken = true;
            return source.command;
        }

        @Override
        public Repetition repetition() {
            return source.repetition;
        }

        @Override
        protected @Nullable RuntimeException takeOver(RuntimeException failure, CommandOutcome outcome) {
            return canGoAgain() ? source.queues.takeOver(this, failure, outcome) : failure;
        }

        @Override
        protected boolean takeOver(NvmeStatusException answer) {
            return source.repetition == Repetition.ALWAYS && canGoAgain() && source.queues.takeOver(this, answer);
        }

        /** Memory of the user is given away with the first command that is made. */
        private boolean canGoAgain() {
            return !taken || source.command.buffer() == null;
        }

        @Override
        protected @Nullable RuntimeException failure(Command command, ResponseCapsule response, int bytes) {
            return response.isSuccess()
                    ? null
                    : source.failures.status(command, response.status(), response.fromController());
        }

        @Override
        protected void succeeded(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
            actual.onNext(new Completion(command, response, data, bytes));
        }

        @Override
        protected void release() {
            if (!taken) {
                taken = true;
                CommandMemory.letGo(source.command);
            }
        }
    }
}
