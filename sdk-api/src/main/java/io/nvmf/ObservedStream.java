package io.nvmf;

import io.nvmf.command.NvmeTransferException;
import io.nvmf.observation.OperationEvent;
import io.nvmf.observation.OperationOutcome;
import io.nvmf.observation.TransferOperation;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportAddress;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.util.context.Context;

/**
 * A read or write stream that an observer hears of. One object for each subscription, and nothing for each element.
 *
 * @param <T> what the stream emits
 */
final class ObservedStream<T> extends FluxOperator<T, T> {

    /** Says how far a stream is. */
    interface Progress<T> {

        /**
         * An element is on its way to the subscriber.
         *
         * @param before bytes until now
         * @param element the element
         * @return bytes with it
         */
        long bytes(long before, T element);
    }

    private final Observing observing;
    private final Description description;
    private final Progress<? super T> progress;

    /**
     * What is known from the beginning.
     *
     * @param length negative if it is not
     */
    record Description(TransferOperation.Direction direction, int namespaceId, long offset, long length) {}

    private ObservedStream(Flux<T> stream, Observing observing, Description description, Progress<? super T> progress) {
        super(stream);
        this.observing = observing;
        this.description = description;
        this.progress = progress;
    }

    static <T> Flux<T> of(Flux<T> stream, Observing observing, Description description, Progress<? super T> progress) {
        return from(onAssembly(new ObservedStream<>(stream, observing, description, progress)));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        Observed<T> observed = new Observed<>(this, actual);
        ObservedOperation operation = observing.transfer(observed, actual.currentContext());
        if (operation == null) {
            source.subscribe(actual);
        } else {
            observed.begin(operation);
            source.subscribe(observed);
        }
    }

    /** One subscription. */
    private static final class Observed<T> implements CoreSubscriber<T>, Subscription, Scannable, TransferOperation {

        private final CoreSubscriber<? super T> actual;
        private final Observing observing;
        private final Description description;
        private final Progress<? super T> progress;
        private final int controllerId;
        private @Nullable ObservedOperation operation;
        private Context context;
        private @Nullable Subscription subscription;
        private volatile long bytes;

        Observed(ObservedStream<T> stream, CoreSubscriber<? super T> actual) {
            this.actual = actual;
            this.observing = stream.observing;
            this.description = stream.description;
            this.progress = stream.progress;
            this.controllerId = observing.controllerId();
            this.context = actual.currentContext();
        }

        void begin(ObservedOperation begun) {
            operation = begun;
            context = begun.context(context);
        }

        private ObservedOperation operation() {
            return Objects.requireNonNull(operation);
        }

        @Override
        public Context currentContext() {
            return context;
        }

        @Override
        public void onSubscribe(Subscription given) {
            subscription = given;
            actual.onSubscribe(this);
        }

        @Override
        public void onNext(T element) {
            long before = bytes;
            long after = progress.bytes(before, element);
            bytes = after;
            if (before == 0 && after > 0) {
                operation().event(OperationEvent.FIRST_DATA);
            }
            actual.onNext(element);
        }

        @Override
        public void onError(Throwable failure) {
            if (failure instanceof NvmeTransferException transfer) {
                bytes = transfer.report().bytesWritten();
            }
            operation().end(OperationOutcome.FAILED, failure);
            actual.onError(failure);
        }

        @Override
        public void onComplete() {
            operation().end(OperationOutcome.COMPLETED, null);
            actual.onComplete();
        }

        @Override
        public void request(long n) {
            Objects.requireNonNull(subscription).request(n);
        }

        @Override
        public void cancel() {
            operation().end(OperationOutcome.CANCELLED, null);
            Objects.requireNonNull(subscription).cancel();
        }

        @Override
        @SuppressWarnings("rawtypes") // as Reactor has it
        public @Nullable Object scanUnsafe(Attr key) {
            if (key == Attr.PARENT) {
                return subscription;
            }
            if (key == Attr.ACTUAL) {
                return actual;
            }
            return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
        }

        // ---- what the observer sees

        @Override
        public String subsystem() {
            return observing.subsystem();
        }

        @Override
        public TransportType transport() {
            return observing.transport();
        }

        @Override
        public TransportAddress address() {
            return observing.address();
        }

        @Override
        public Direction direction() {
            return description.direction();
        }

        @Override
        public int controllerId() {
            return controllerId;
        }

        @Override
        public int namespaceId() {
            return description.namespaceId();
        }

        @Override
        public long offset() {
            return description.offset();
        }

        @Override
        public OptionalLong length() {
            long length = description.length();
            return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
        }

        @Override
        public long bytes() {
            return bytes;
        }
    }
}
