package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.NvmeException;
import io.nvmf.host.queue.QueueSelector;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/**
 * The writing of a source as a cold publisher: each subscription subscribes to the source and writes
 * it, on queues of its own choice.
 */
final class WriteStream extends Flux<TransferProgress> {

    private final NvmCommands commands;
    private final QueueSelector queues;
    private final boolean volatileWriteCache;
    private final long offset;
    private final Publisher<? extends ByteBuf> source;
    private final WriteStreamOptions options;

    WriteStream(
            NvmCommands commands,
            QueueSelector queues,
            boolean volatileWriteCache,
            long offset,
            Publisher<? extends ByteBuf> source,
            WriteStreamOptions options) {
        this.commands = commands;
        this.queues = queues;
        this.volatileWriteCache = volatileWriteCache;
        this.offset = offset;
        this.source = source;
        this.options = options;
    }

    static Flux<TransferProgress> of(
            NvmCommands commands,
            QueueSelector queues,
            boolean volatileWriteCache,
            long offset,
            Publisher<? extends ByteBuf> source,
            WriteStreamOptions options) {
        NvmeException refusal = refuse(commands.geometry(), offset, options);
        return refusal != null
                ? Flux.error(refusal)
                : from(onAssembly(new WriteStream(commands, queues, volatileWriteCache, offset, source, options)));
    }

    private static @Nullable NvmeException refuse(NamespaceGeometry geometry, long offset, WriteStreamOptions options) {
        long expected = Math.max(0, options.expectedLength());
        NvmeException refusal = geometry.rangeViolation(offset, expected);
        if (refusal == null && options.unaligned() == WriteStreamOptions.Unaligned.REFUSE) {
            String remedy = "ask for unaligned(READ_MODIFY_WRITE) to have the rest of the blocks kept";
            refusal = geometry.alignmentViolation("offset", offset, remedy);
            if (refusal == null) {
                refusal = geometry.alignmentViolation("length", expected, remedy);
            }
        }
        return refusal;
    }

    @Override
    public void subscribe(CoreSubscriber<? super TransferProgress> actual) {
        long length = options.expectedLength() < 0 ? Long.MAX_VALUE : options.expectedLength();
        int most = commands.geometry().streamQueues(options.queues(), options.chunkSize(), options.window(), length);
        WriteStreamSubscription stream =
                new WriteStreamSubscription(actual, commands, queues, most, volatileWriteCache, offset, options);
        stream.start(actual);
        if (!stream.isCancelled()) {
            stream.input().subscribeTo(source);
        }
    }
}
