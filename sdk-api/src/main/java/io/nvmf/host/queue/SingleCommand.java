package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.transport.ResponseCapsule;
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
        actual.onSubscribe(new Execution(this, actual));
    }

    /** One subscription. */
    private static final class Execution extends CommandSubscription<Completion> {

        private final SingleCommand source;

        /** The queue has the command, and with it the duty to release its memory. */
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
            return source.queue;
        }

        @Override
        protected void submit(HostQueue queue) {
            if (!queue.offer(this)) {
                releaseUnsent();
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
        protected @Nullable RuntimeException failure(Command command, ResponseCapsule response, int bytes) {
            return response.isSuccess()
                    ? null
                    : source.queue.failures().status(command, response.status(), response.fromController());
        }

        @Override
        protected void succeeded(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
            actual.onNext(new Completion(command, response, data, bytes));
        }

        @Override
        protected void releaseUnsent() {
            if (!taken) {
                taken = true;
                CommandMemory.letGo(source.command);
            }
        }
    }
}
