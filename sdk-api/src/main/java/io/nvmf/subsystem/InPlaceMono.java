package io.nvmf.subsystem;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** A Mono that the target calls in place instead of subscribing, see {@link BlockStore}. Subscribers get the same. */
abstract class InPlaceMono<T> extends Mono<T> implements Callable<T> {

    @Override
    public abstract @Nullable T call();

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        Mono.fromCallable(this).subscribe(actual);
    }
}
