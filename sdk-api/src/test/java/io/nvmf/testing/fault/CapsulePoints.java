package io.nvmf.testing.fault;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.util.context.Context;

/**
 * Received capsules, with a plan asked before and after each is told.
 *
 * @param <T> kind of capsule
 */
final class CapsulePoints<T> implements CoreSubscriber<T> {

    private final CoreSubscriber<? super T> actual;
    private final FaultyConnection connection;
    private final FaultPlan plan;
    private final FaultPoint before;
    private final FaultPoint after;
    private final BooleanSupplier ended;
    private final Consumer<T> discard;

    CapsulePoints(
            CoreSubscriber<? super T> actual,
            FaultyConnection connection,
            FaultPlan plan,
            FaultPoint before,
            FaultPoint after,
            BooleanSupplier ended,
            Consumer<T> discard) {
        this.actual = actual;
        this.connection = connection;
        this.plan = plan;
        this.before = before;
        this.after = after;
        this.ended = ended;
        this.discard = discard;
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        actual.onSubscribe(subscription);
    }

    @Override
    public void onNext(T capsule) {
        plan.at(connection, before);
        if (ended.getAsBoolean()) {
            discard.accept(capsule);
            return;
        }
        actual.onNext(capsule);
        plan.at(connection, after);
    }

    @Override
    public void onError(Throwable failure) {
        actual.onError(failure);
    }

    @Override
    public void onComplete() {
        actual.onComplete();
    }
}
