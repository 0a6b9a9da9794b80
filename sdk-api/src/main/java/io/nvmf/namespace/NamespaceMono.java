package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.command.NvmeException;
import io.nvmf.host.queue.HostQueue;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * The single commands of a namespace as publishers.
 *
 * @param <T> what the subscriber gets
 */
abstract class NamespaceMono<T> extends Mono<T> {

    private final NvmCommands commands;
    private final HostQueue queue;

    private NamespaceMono(NvmCommands commands, HostQueue queue) {
        this.commands = commands;
        this.queue = queue;
    }

    static Mono<ByteBuf> read(NvmCommands commands, HostQueue queue, long lba, int blocks) {
        return onAssembly(new NamespaceMono<>(commands, queue) {
            @Override
            NamespaceRequest<ByteBuf> request(
                    CoreSubscriber<? super ByteBuf> actual, NvmCommands commands, HostQueue queue) {
                return new Read(actual, commands, queue, lba, blocks);
            }
        });
    }

    static Mono<Void> readInto(NvmCommands commands, HostQueue queue, long lba, int blocks, ByteBuf destination) {
        return onAssembly(new NamespaceMono<>(commands, queue) {
            @Override
            NamespaceRequest<Void> request(CoreSubscriber<? super Void> actual, NvmCommands commands, HostQueue queue) {
                return new ReadInto(actual, commands, queue, lba, blocks, destination);
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
        });
    }

    static Mono<Void> flush(NvmCommands commands, HostQueue queue) {
        return onAssembly(new NamespaceMono<>(commands, queue) {
            @Override
            NamespaceRequest<Void> request(CoreSubscriber<? super Void> actual, NvmCommands commands, HostQueue queue) {
                return new Flush(actual, commands, queue);
            }
        });
    }

    static Mono<Void> write(
            NvmCommands commands,
            HostQueue queue,
            long lba,
            int blocks,
            ByteBuf data,
            boolean forceUnitAccess,
            @Nullable NvmeException refusal) {
        return onAssembly(new WriteMono(commands, queue, lba, blocks, data, forceUnitAccess, refusal));
    }

    abstract NamespaceRequest<T> request(CoreSubscriber<? super T> actual, NvmCommands commands, HostQueue queue);

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        NamespaceRequest<T> request = request(actual, commands, queue);
        actual.onSubscribe(request);
        request.subscribed();
    }

    private static final class Read extends NamespaceRequest<ByteBuf> {

        private final long lba;
        private final int blocks;

        Read(CoreSubscriber<? super ByteBuf> actual, NvmCommands commands, HostQueue queue, long lba, int blocks) {
            super(actual, commands, queue);
            this.lba = lba;
            this.blocks = blocks;
        }

        @Override
        boolean startsOnDemand() {
            return true;
        }

        @Override
        protected Command command() {
            return commands.read(lba, blocks);
        }

        @Override
        protected void succeeded(Completion completion) {
            actual.onNext(Objects.requireNonNull(completion.data()));
        }
    }

    private static final class ReadInto extends NamespaceRequest<Void> {

        private final long lba;
        private final int blocks;
        private final ByteBuf destination;

        /** The queue has the command, and with it the reference to the destination. */
        private boolean handedOver;

        ReadInto(
                CoreSubscriber<? super Void> actual,
                NvmCommands commands,
                HostQueue queue,
                long lba,
                int blocks,
                ByteBuf destination) {
            super(actual, commands, queue);
            this.lba = lba;
            this.blocks = blocks;
            this.destination = destination;
        }

        @Override
        protected Command command() {
            Command command = commands.readInto(lba, blocks, destination);
            handedOver = true;
            return command;
        }

        @Override
        protected void releaseUnsent() {
            if (!handedOver) {
                handedOver = true;
                destination.release();
            }
        }

        @Override
        protected void succeeded(Completion completion) {
            destination.writerIndex(destination.writerIndex() + completion.bytesTransferred());
        }
    }

    private static final class Flush extends NamespaceRequest<Void> {

        Flush(CoreSubscriber<? super Void> actual, NvmCommands commands, HostQueue queue) {
            super(actual, commands, queue);
        }

        @Override
        protected Command command() {
            return commands.flush();
        }

        @Override
        protected void succeeded(Completion completion) {}
    }

    private static final class Write extends NamespaceRequest<Void> {

        private final WriteMono source;
        private boolean handedOver;

        Write(CoreSubscriber<? super Void> actual, NvmCommands commands, HostQueue queue, WriteMono source) {
            super(actual, commands, queue);
            this.source = source;
        }

        @Override
        protected Command command() {
            handedOver = true;
            return commands.write(source.lba, source.blocks, source.forceUnitAccess, source.data);
        }

        @Override
        protected void releaseUnsent() {
            if (!handedOver) {
                handedOver = true;
                source.data.release();
            }
        }

        @Override
        protected void succeeded(Completion completion) {}
    }

    /** A write gives its data away with its first subscription, even when it is refused. */
    private static final class WriteMono extends NamespaceMono<Void> {

        private static final AtomicIntegerFieldUpdater<WriteMono> SUBSCRIBED =
                AtomicIntegerFieldUpdater.newUpdater(WriteMono.class, "subscribed");

        private final long lba;
        private final int blocks;
        private final ByteBuf data;
        private final boolean forceUnitAccess;
        private final @Nullable NvmeException refusal;

        @SuppressWarnings("UnusedVariable") // through the updater
        private volatile int subscribed;

        WriteMono(
                NvmCommands commands,
                HostQueue queue,
                long lba,
                int blocks,
                ByteBuf data,
                boolean forceUnitAccess,
                @Nullable NvmeException refusal) {
            super(commands, queue);
            this.lba = lba;
            this.blocks = blocks;
            this.data = data;
            this.forceUnitAccess = forceUnitAccess;
            this.refusal = refusal;
        }

        @Override
        NamespaceRequest<Void> request(CoreSubscriber<? super Void> actual, NvmCommands commands, HostQueue queue) {
            return new Write(actual, commands, queue, this);
        }

        @Override
        public void subscribe(CoreSubscriber<? super Void> actual) {
            if (!SUBSCRIBED.compareAndSet(this, 0, 1)) {
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
    }
}
