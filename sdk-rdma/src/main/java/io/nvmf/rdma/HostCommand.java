package io.nvmf.rdma;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaCompletion;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.TransferException;
import org.jspecify.annotations.Nullable;

/**
 * The data of one command identifier at the host, reused from command to command: in the capsule, where the message
 * holds it until it is sent, or in a window, which the controller reaches until the response. Event loop only.
 */
final class HostCommand implements RdmaCompletion {

    private final HostRdmaQueuePair queuePair;
    private @Nullable CommandCapsule capsule;
    private @Nullable RdmaWindow window;

    /** What the window shows instead of the capsule's memory. */
    private @Nullable ByteBuf copy;

    /** The memory is the caller's again, who has given the data up; only with a copy. */
    private boolean discarded;

    HostCommand(HostRdmaQueuePair queuePair) {
        this.queuePair = queuePair;
    }

    /** Begins with data within the capsule. */
    void startInCapsule(CommandCapsule owner) {
        capsule = owner;
    }

    /** Begins with data in a window. */
    void startKeyed(CommandCapsule owner, RdmaWindow opened, @Nullable ByteBuf bounced) {
        capsule = owner;
        window = opened;
        copy = bounced;
        discarded = false;
    }

    boolean isActive() {
        return capsule != null;
    }

    /** Whether the data is in a window. */
    boolean isKeyed() {
        return window != null;
    }

    boolean isOf(CommandCapsule other) {
        return capsule == other;
    }

    /** Whether the controller may have invalidated this key with the response. */
    boolean hasKey(int key) {
        RdmaWindow open = window;
        return open != null && open.key() == key;
    }

    /** Takes the memory out of the controller's reach; false if only the end of the connection does. */
    boolean closeWindow() {
        RdmaWindow open = window;
        return open == null || open.close();
    }

    /** Whether the memory may be given back before the transfer ends: nobody but this side touches it. */
    boolean discard() {
        if (copy == null) {
            return false;
        }
        discarded = true;
        return true;
    }

    /** The message with the data in it is sent, or flushed. */
    @Override
    public void completed(@Nullable RdmaException failure) {
        queuePair.inCapsuleSent(this, failure);
    }

    /**
     * The transfer is over, and the memory out of reach.
     *
     * @param success whether the data has moved, as far as this side knows
     */
    void finish(boolean success) {
        CommandCapsule owner = capsule;
        if (owner == null) {
            return;
        }
        int length = owner.dataLength();
        ByteBuf home = owner.data();
        ByteBuf from = copy;
        if (success && from != null && home != null && !discarded && receives(owner)) {
            home.setBytes(owner.dataIndex(), from, 0, length);
        }
        forget();
        owner.transferComplete(success ? length : 0, null);
    }

    /** The transfer ends because the queue pair does, and the memory is out of reach. */
    void abort() {
        CommandCapsule owner = capsule;
        if (owner != null) {
            forget();
            owner.transferComplete(0, TransferException.aborted(0));
        }
    }

    private void forget() {
        ByteBuf from = copy;
        capsule = null;
        window = null;
        copy = null;
        if (from != null) {
            queuePair.bounce().give(from.capacity());
            from.release();
        }
    }

    private static boolean receives(CommandCapsule owner) {
        return owner.transfer() == CommandCapsule.Transfer.RECEIVE;
    }
}
