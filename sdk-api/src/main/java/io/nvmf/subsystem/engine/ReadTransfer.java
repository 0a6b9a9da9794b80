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

    private final BlockStore store;
    private final long offset;

    ReadTransfer(
            TargetQueue queue, ReceivedCommand command, int commandId, BlockStore store, long offset, long length) {
        super(queue, command, commandId, length);
        this.store = store;
        this.offset = offset;
    }

    @Override
    public int unit() {
        return store.blockSize();
    }

    @Override
    void make(long at, int bytes) {
        StoreCall.await(queue, "read", store, store.read(offset + at, bytes), this);
    }

    @Override
    Status failed(long at, int bytes, @Nullable ByteBuf made, @Nullable Throwable cause) {
        LOG.warn("the store failed to read {}+{}: {}, {}", offset + at, bytes, made, String.valueOf(cause));
        return TargetStatus.UNRECOVERED_READ_ERROR;
    }
}
