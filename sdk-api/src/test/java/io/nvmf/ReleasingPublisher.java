package io.nvmf;

import io.netty.buffer.ByteBuf;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;

/** Releases each element behind the subscriber's back, since the TCK keeps them, and passes every signal on as it is. */
record ReleasingPublisher(Flux<ByteBuf> stream) implements Publisher<ByteBuf> {

    @Override
    public void subscribe(Subscriber<? super ByteBuf> subscriber) {
        if (subscriber == null) {
            throw new NullPointerException("subscriber");
        }
        stream.subscribe(new Subscriber<>() {
            @Override
            public void onSubscribe(Subscription subscription) {
                subscriber.onSubscribe(subscription);
            }

            @Override
            public void onNext(ByteBuf data) {
                data.release();
                subscriber.onNext(data);
            }

            @Override
            public void onError(Throwable error) {
                subscriber.onError(error);
            }

            @Override
            public void onComplete() {
                subscriber.onComplete();
            }
        });
    }
}
