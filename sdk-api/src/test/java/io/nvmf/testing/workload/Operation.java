package io.nvmf.testing.workload;

import io.netty.util.ReferenceCountUtil;
import io.nvmf.NvmeNamespace;
import java.time.Duration;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * One subscription of the workload. Signals come on any thread and are looked at on the workload's own; there may be one end, and
 * it has to come in time.
 *
 * @param <T> what it gets
 */
abstract class Operation<T> implements CoreSubscriber<T> {

    final Workload workload;
    private final String what;
    private final long number;
    private final Duration limit;

    /** Asked for at a time. */
    private final long demand;

    private final Runnable then;
    private Subscription subscription;
    private long deadline;
    private int ends;
    private boolean over;

    /**
     * An operation.
     *
     * @param demand elements that are asked for at a time
     * @param then what the worker does when this is over
     */
    Operation(Workload workload, String what, Duration limit, long demand, Runnable then) {
        this.workload = workload;
        this.number = workload.nextNumber();
        this.what = what;
        this.limit = limit;
        this.demand = demand;
        this.then = then;
    }

    /** What is subscribed to. */
    abstract Publisher<T> publisher(NvmeNamespace namespace);

    /** Another element; the workload's thread, only while this is not over. */
    abstract void next(T element);

    /** The end, or null for a complete one. */
    abstract void ended(Throwable failure);

    /** This has been cancelled and hears nothing any more. */
    abstract void cancelled();

    final void start(NvmeNamespace namespace) {
        deadline = workload.millis() + limit.toMillis();
        workload.begins(this);
        publisher(namespace).subscribe(this);
    }

    final void cancel() {
        if (!over && subscription != null) {
            workload.note(this + " cancelled");
            subscription.cancel();
            over = true;
            cancelled();
            workload.ends(this);
            then.run();
        }
    }

    final void checkTime(long millis) {
        if (millis > deadline) {
            throw new AssertionError(this + " hangs: it should have ended " + (millis - deadline) + " ms ago");
        }
    }

    @Override
    public final void onSubscribe(Subscription given) {
        subscription = given;
        given.request(demand);
    }

    @Override
    public final void onNext(T element) {
        workload.run(() -> {
            if (over) {
                if (ends > 0) {
                    workload.fail(new AssertionError(this + " got " + element + " after its end"));
                }
                ReferenceCountUtil.release(element);
                return;
            }
            next(element);
            if (demand == 1) {
                subscription.request(1);
            }
        });
    }

    @Override
    public final void onError(Throwable failure) {
        end(failure);
    }

    @Override
    public final void onComplete() {
        end(null);
    }

    private void end(Throwable failure) {
        workload.run(() -> {
            if (++ends > 1) {
                throw new AssertionError(this + " has ended twice");
            }
            if (over) {
                return; // while it was being cancelled
            }
            over = true;
            workload.note(this + (failure == null ? " done" : " failed: " + failure));
            ended(failure);
            workload.ends(this);
            then.run();
        });
    }

    @Override
    public final String toString() {
        return "operation " + number + ", " + what;
    }
}
