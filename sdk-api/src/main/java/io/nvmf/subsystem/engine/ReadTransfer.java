package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Status;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.transport.ReceivedCommand;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Read on its way from the store to the host. */
final class ReadTransfer extends SendTransfer {

    private static final Logger LOG = LoggerFactory.getLogger(ReadTransfer.class);

    private final Namespace namespace;
    private final long offset;

    ReadTransfer(
            TargetQueue queue, ReceivedCommand command, int commandId, Namespace namespace, long offset, long length) {
        super(queue, command, commandId, length);
        this.namespace = namespace;
        this.offset = offset;
    }

    @Override
    Namespace namespace() {
        return namespace;
    }

    @Override
    public int unit() {
        return namespace.blockSize();
    }

    @Override
    void make(long at, int bytes) {
        BlockStore store = namespace.storeOf(offset + at, bytes);
        if (store == null) {
            answered(null, new RefusedException(namespace.refusal()));
        } else {
            StoreCall.await(queue, "read", store, store.read(offset + at, bytes), this);
        }
    }

    @Override
    Status failed(long at, int bytes, @Nullable ByteBuf made, @Nullable Throwable cause) {
        if (cause instanceof RefusedException refused) {
            return refused.status();
        }
        LOG.warn("{}: the store failed to read {}+{}: {}, {}", queue, offset + at, bytes, made, String.valueOf(cause));
        return TargetStatus.UNRECOVERED_READ_ERROR;
    }
}
