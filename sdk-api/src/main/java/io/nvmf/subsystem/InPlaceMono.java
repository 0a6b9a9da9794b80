package io.nvmf.subsystem;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** Done where it is called, see {@link BlockStore}; whoever subscribes gets the same. */
abstract class InPlaceMono<T> extends Mono<T> implements Callable<T> {

    @Override
    public abstract @Nullable T call();

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        Mono.fromCallable(this).subscribe(actual);
    }
}
