package io.nvmf.security.key;

import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;

/**
 * Gets a key on a thread that may block. Unlike {@code Mono.fromCallable} it wipes a key that nobody wants any more, and
 * a cancel does not interrupt the thread, which would be an error that nobody hears.
 */
final class BlockingKey extends Mono<char[]> {

    /** Gets the key. */
    @FunctionalInterface
    interface Reading {

        /**
         * Blocks.
         *
         * @return the text, null if there is none
         * @throws Exception why it cannot be had
         */
        char @Nullable [] read() throws Exception;
    }

    private final Reading reading;
    private final Runnable atEnd;

    /**
     * One key.
     *
     * @param reading gets it, at most once for each subscription
     * @param atEnd what is to be done when a subscription needs nothing any more, once, whether it has read or not
     */
    BlockingKey(Reading reading, Runnable atEnd) {
        this.reading = reading;
        this.atEnd = atEnd;
    }

    @Override
    public void subscribe(CoreSubscriber<? super char[]> actual) {
        actual.onSubscribe(new Once(actual));
    }

    private enum State {
        NOT_ASKED,
        READING,
        CANCELLED_WHILE_READING,
        OVER
    }

    private final class Once implements Subscription, Runnable {

        private final CoreSubscriber<? super char[]> actual;
        private final AtomicReference<State> state = new AtomicReference<>(State.NOT_ASKED);

        Once(CoreSubscriber<? super char[]> actual) {
            this.actual = actual;
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n) && state.compareAndSet(State.NOT_ASKED, State.READING)) {
                try {
                    Schedulers.boundedElastic().schedule(this);
                } catch (RejectedExecutionException e) {
                    end(null, e);
                }
            }
        }

        @Override
        public void cancel() {
            if (state.compareAndSet(State.NOT_ASKED, State.OVER)) {
                atEnd.run();
            } else {
                // whoever reads ends it
                state.compareAndSet(State.READING, State.CANCELLED_WHILE_READING);
            }
        }

        @Override
        public void run() {
            if (state.get() == State.CANCELLED_WHILE_READING) {
                end(null, null);
                return;
            }
            char[] text = null;
            Throwable failure = null;
            try {
                text = reading.read();
            } catch (Throwable e) {
                failure = e;
            }
            end(text, failure);
        }

        private void end(char @Nullable [] text, @Nullable Throwable failure) {
            atEnd.run();
            if (state.getAndSet(State.OVER) == State.CANCELLED_WHILE_READING) {
                if (text != null) {
                    Arrays.fill(text, '\0');
                }
            } else if (failure != null) {
                actual.onError(failure);
            } else {
                if (text != null) {
                    actual.onNext(text);
                }
                actual.onComplete();
            }
        }
    }
}
