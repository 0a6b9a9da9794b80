package io.nvmf.host;

import io.nvmf.transport.Command;
import io.nvmf.transport.Completion;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/** A single command as a publisher. Each subscription costs one object, which is subscription and request at once. */
final class ExecuteMono extends Mono<Completion> {

    private final HostQueue queue;
    private final Command command;

    private ExecuteMono(HostQueue queue, Command command) {
        this.queue = queue;
        this.command = command;
    }

    static Mono<Completion> of(HostQueue queue, Command command) {
        return onAssembly(new ExecuteMono(queue, command));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Completion> actual) {
        actual.onSubscribe(new Execution(queue, command, actual));
    }

    /** One subscription. */
    private static final class Execution extends Request implements Subscription {

        private static final AtomicIntegerFieldUpdater<Execution> STATE =
                AtomicIntegerFieldUpdater.newUpdater(Execution.class, "state");
        private static final int SUBSCRIBED = 0;
        private static final int REQUESTED = 1;
        private static final int TERMINATED = 2;

        private final HostQueue target;
        private final Command command;
        private final CoreSubscriber<? super Completion> actual;
        private volatile int state;

        /** The queue has the command, and with it the duty to release its data; event loop only. */
        private boolean taken;

        Execution(HostQueue target, Command command, CoreSubscriber<? super Completion> actual) {
            this.target = target;
            this.command = command;
            this.actual = actual;
        }

        @Override
        public void request(long n) {
            if (n <= 0) {
                refuse(Exceptions.nullOrNegativeRequestException(n));
            } else if (STATE.compareAndSet(this, SUBSCRIBED, REQUESTED) && !target.offer(this)) {
                HostQueue.discard(command);
                if (STATE.compareAndSet(this, REQUESTED, TERMINATED)) {
                    actual.onError(target.pendingLimitPassed());
                }
            }
        }

        private void refuse(IllegalArgumentException badRequest) {
            if (leave()) {
                actual.onError(badRequest);
            }
        }

        @Override
        public void cancel() {
            leave();
        }

        /** Ends the subscription from the subscriber's side; false if it has ended already. */
        private boolean leave() {
            if (state == TERMINATED) {
                return false;
            }
            int before = STATE.getAndSet(this, TERMINATED);
            if (before == SUBSCRIBED) {
                HostQueue.discard(command);
            } else if (before == REQUESTED) {
                target.cancel(this);
            }
            return before != TERMINATED;
        }

        @Override
        protected Command command() {
            taken = true;
            return command;
        }

        @Override
        protected void completed(Completion completion) {
            if (!STATE.compareAndSet(this, REQUESTED, TERMINATED)) {
                completion.release();
            } else if (completion.isSuccess()) {
                actual.onNext(completion);
                actual.onComplete();
            } else {
                completion.release();
                actual.onError(target.failures()
                        .status(
                                command,
                                completion.status(),
                                completion.response().fromController()));
            }
        }

        @Override
        protected void failed(RuntimeException failure, Failures.Outcome outcome) {
            dropped();
            if (STATE.compareAndSet(this, REQUESTED, TERMINATED)) {
                actual.onError(failure);
            }
        }

        @Override
        protected void dropped() {
            if (!taken) {
                taken = true;
                HostQueue.discard(command);
            }
        }
    }
}
