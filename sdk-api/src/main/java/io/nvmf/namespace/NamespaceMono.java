package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import io.nvmf.command.Command;
import io.nvmf.command.NvmeException;
import io.nvmf.host.queue.BlockExtent;
import io.nvmf.host.queue.CallDeadline;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.host.queue.Repetition;
import io.nvmf.transport.ResponseCapsule;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * The single commands of a namespace as publishers. Each subscription dispatches the command to a queue of its own
 * choice.
 *
 * @param <T> what the subscriber gets
 */
abstract class NamespaceMono<T> extends Mono<T> {

    // Below, from() lets Reactor restore thread-locals where that is automatic, for subscribers that are not its own,
    // too.

    final NvmCommands commands;
    final QueueSelector queues;

    private NamespaceMono(NvmCommands commands, QueueSelector queues) {
        this.commands = commands;
        this.queues = queues;
    }

    static Mono<ByteBuf> read(NvmCommands commands, QueueSelector queues, long lba, int blocks) {
        return from(onAssembly(new ReadMono(commands, queues, lba, blocks)));
    }

    static Mono<Void> readInto(NvmCommands commands, QueueSelector queues, long lba, int blocks, ByteBuf destination) {
        return from(onAssembly(new ReadIntoMono(commands, queues, lba, blocks, destination)));
    }

    static Mono<Void> flush(NvmCommands commands, QueueSelector queues) {
        return from(onAssembly(new FlushMono(commands, queues)));
    }

    static Mono<Void> write(
            NvmCommands commands,
            QueueSelector queues,
            long lba,
            int blocks,
            ByteBuf data,
            boolean forceUnitAccess,
            @Nullable NvmeException refusal) {
        return from(onAssembly(new WriteMono(commands, queues, lba, blocks, data, forceUnitAccess, refusal)));
    }

    abstract NamespaceRequest<T, ?> request(CoreSubscriber<? super T> actual);

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        CallDeadline deadline = commands.deadline();
        CoreSubscriber<? super T> receiver = deadline == null ? actual : deadline.watch(actual);
        NamespaceRequest<T, ?> request = request(receiver);
        receiver.onSubscribe(request);
        request.subscribed();
    }

    private static final class ReadMono extends NamespaceMono<ByteBuf> {

        private final long lba;
        private final int blocks;

        ReadMono(NvmCommands commands, QueueSelector queues, long lba, int blocks) {
            super(commands, queues);
            this.lba = lba;
            this.blocks = blocks;
        }

        @Override
        NamespaceRequest<ByteBuf, ?> request(CoreSubscriber<? super ByteBuf> actual) {
            return new Read(actual, this);
        }
    }

    private static final class Read extends NamespaceRequest<ByteBuf, ReadMono> {

        Read(CoreSubscriber<? super ByteBuf> actual, ReadMono source) {
            super(actual, source);
        }

        @Override
        boolean startsOnDemand() {
            return true;
        }

        @Override
        protected Command command() {
            return source.commands.read(source.lba, source.blocks);
        }

        @Override
        protected void succeeded(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
            actual.onNext(Objects.requireNonNull(data));
        }
    }

    private static final class ReadIntoMono extends NamespaceMono<Void> {

        private final long lba;
        private final int blocks;
        private final ByteBuf destination;

        ReadIntoMono(NvmCommands commands, QueueSelector queues, long lba, int blocks, ByteBuf destination) {
            super(commands, queues);
            this.lba = lba;
            this.blocks = blocks;
            this.destination = destination;
        }

        @Override
        NamespaceRequest<Void, ?> request(CoreSubscriber<? super Void> actual) {
            return new ReadInto(actual, this);
        }

        /** From here on the destination cannot be anybody else's before the command is over. */
        @Override
        public void subscribe(CoreSubscriber<? super Void> actual) {
            try {
                destination.retain();
            } catch (IllegalReferenceCountException released) {
                Operators.error(actual, released);
                return;
            }
            super.subscribe(actual);
        }
    }

    private static final class ReadInto extends NamespaceRequest<Void, ReadIntoMono> {

        /** Whether the reference of this has been released; each command gets one of its own. */
        private boolean released;

        ReadInto(CoreSubscriber<? super Void> actual, ReadIntoMono source) {
            super(actual, source);
        }

        @Override
        protected Command command() {
            source.destination.retain();
            try {
                return source.commands.readInto(source.lba, source.blocks, source.destination);
            } catch (Throwable unmade) {
                source.destination.release();
                throw unmade;
            }
        }

        @Override
        protected void release() {
            if (!released) {
                released = true;
                source.destination.release();
            }
        }

        @Override
        protected void succeeded(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
            ByteBuf destination = source.destination;
            destination.writerIndex(destination.writerIndex() + bytes);
        }
    }

    private static final class FlushMono extends NamespaceMono<Void> {

        FlushMono(NvmCommands commands, QueueSelector queues) {
            super(commands, queues);
        }

        @Override
        NamespaceRequest<Void, ?> request(CoreSubscriber<? super Void> actual) {
            return new Flush(actual, this);
        }
    }

    private static final class Flush extends NamespaceRequest<Void, FlushMono> {

        Flush(CoreSubscriber<? super Void> actual, FlushMono source) {
            super(actual, source);
        }

        @Override
        protected Command command() {
            return source.commands.flush();
        }

        @Override
        protected void succeeded(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {}
    }

    /** A write gives its data away with its first subscription, even when it is refused. */
    private static final class WriteMono extends NamespaceMono<Void> {

        private static final AtomicIntegerFieldUpdater<WriteMono> OWNER =
                AtomicIntegerFieldUpdater.newUpdater(WriteMono.class, "owner");

        /** The data is the caller's, who has not subscribed yet. */
        private static final int CALLER = 0;

        /** The data is the one subscription's; each command gets a reference of its own. */
        private static final int SUBSCRIPTION = 1;

        /** No further command follows, so the subscription has released its reference. */
        private static final int RELEASED = 2;

        private final long lba;
        private final int blocks;
        private final ByteBuf data;
        private final boolean forceUnitAccess;
        private final @Nullable NvmeException refusal;

        /** Whose the data is; here and not in the subscription, which would be 8 bytes larger. */
        private volatile int owner = CALLER;

        WriteMono(
                NvmCommands commands,
                QueueSelector queues,
                long lba,
                int blocks,
                ByteBuf data,
                boolean forceUnitAccess,
                @Nullable NvmeException refusal) {
            super(commands, queues);
            this.lba = lba;
            this.blocks = blocks;
            this.data = data;
            this.forceUnitAccess = forceUnitAccess;
            this.refusal = refusal;
        }

        @Override
        NamespaceRequest<Void, ?> request(CoreSubscriber<? super Void> actual) {
            return new Write(actual, this);
        }

        @Override
        public void subscribe(CoreSubscriber<? super Void> actual) {
            if (!OWNER.compareAndSet(this, CALLER, SUBSCRIPTION)) {
                Operators.error(
                        actual,
                        new IllegalStateException("the data of this write was given away with the first subscription"));
            } else if (refusal != null) {
                data.release();
                Operators.error(actual, refusal);
            } else {
                super.subscribe(actual);
            }
        }

        void release() {
            if (owner != RELEASED) {
                OWNER.lazySet(this, RELEASED);
                data.release();
            }
        }
    }

    private static final class Write extends NamespaceRequest<Void, WriteMono> {

        Write(CoreSubscriber<? super Void> actual, WriteMono source) {
            super(actual, source);
        }

        @Override
        protected Command command() {
            return source.commands.write(source.lba, source.blocks, source.forceUnitAccess, source.data.retain());
        }

        @Override
        public Repetition repetition() {
            return Repetition.AFTER_QUIESCE;
        }

        @Override
        public BlockExtent extent() {
            return new BlockExtent(source.commands.geometry().nsid(), source.lba, source.lba + source.blocks);
        }

        @Override
        protected void release() {
            source.release();
        }

        @Override
        protected void succeeded(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {}
    }
}
