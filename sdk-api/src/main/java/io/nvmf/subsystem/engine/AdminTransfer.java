package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Status;
import io.nvmf.transport.ReceivedCommand;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The data of an admin command on its way to the host, made when there is memory for it. */
final class AdminTransfer extends SendTransfer {

    private static final Logger LOG = LoggerFactory.getLogger(AdminTransfer.class);

    private final Source source;

    /** Makes the data. */
    interface Source {

        /**
         * Whether a part is made of a piece of that many bytes only, beginning at an offset: for data that is not all
         * alike.
         */
        int piece(long at);

        /**
         * Makes a part.
         *
         * @param at where it begins
         * @param bytes how long it is
         * @throws RefusedException if the command is refused after all
         */
        ByteBuf make(long at, int bytes) throws RefusedException;
    }

    AdminTransfer(TargetQueue queue, ReceivedCommand command, int commandId, long length, Source source) {
        super(queue, command, commandId, length);
        this.source = source;
    }

    @Override
    @Nullable
    Namespace namespace() {
        return null;
    }

    @Override
    public int needed() {
        return Math.min(super.needed(), source.piece(sent()));
    }

    @Override
    public int unit() {
        return Integer.BYTES;
    }

    @Override
    void make(long at, int bytes) {
        ByteBuf made = null;
        Throwable failure = null;
        try {
            made = source.make(at, bytes);
        } catch (RefusedException e) {
            failure = e;
        }
        answered(made, failure);
    }

    @Override
    Status failed(long at, int bytes, @Nullable ByteBuf made, @Nullable Throwable cause) {
        if (cause instanceof RefusedException refused) {
            return refused.status();
        }
        LOG.warn("{}: the data of an admin command could not be made", queue, cause);
        return TargetStatus.INTERNAL_ERROR;
    }
}
