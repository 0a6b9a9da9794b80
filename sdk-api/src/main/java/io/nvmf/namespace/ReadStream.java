package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.NvmeException;
import io.nvmf.host.queue.QueueSelector;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/** A range of a namespace as a cold publisher: each subscription reads it anew, on queues of its own choice. */
final class ReadStream extends Flux<ByteBuf> {

    private final NvmCommands commands;
    private final QueueSelector queues;
    private final long offset;
    private final long length;
    private final ReadStreamOptions options;

    ReadStream(NvmCommands commands, QueueSelector queues, long offset, long length, ReadStreamOptions options) {
        this.commands = commands;
        this.queues = queues;
        this.offset = offset;
        this.length = length;
        this.options = options;
    }

    static Flux<ByteBuf> of(
            NvmCommands commands, QueueSelector queues, long offset, long length, ReadStreamOptions options) {
        NvmeException refusal = refuse(commands.geometry(), offset, length, options);
        if (refusal != null) {
            return Flux.error(refusal);
        }
        return length == 0 ? Flux.empty() : from(onAssembly(new ReadStream(commands, queues, offset, length, options)));
    }

    private static @Nullable NvmeException refuse(
            NamespaceGeometry geometry, long offset, long length, ReadStreamOptions options) {
        NvmeException refusal = geometry.rangeViolation(offset, length);
        if (refusal == null && options.unaligned() == ReadStreamOptions.Unaligned.REFUSE) {
            String remedy = "ask for unaligned(ALLOW) to have the rest of the blocks trimmed";
            refusal = geometry.alignmentViolation("offset", offset, remedy);
            if (refusal == null) {
                refusal = geometry.alignmentViolation("length", length, remedy);
            }
        }
        return refusal;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        int most = commands.geometry().streamQueues(options.queues(), options.chunkSize(), options.window(), length);
        new ReadStreamSubscription(actual, commands, queues, most, offset, length, options).start(actual);
    }
}
