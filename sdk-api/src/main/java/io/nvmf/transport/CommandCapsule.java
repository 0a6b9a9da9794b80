package io.nvmf.transport;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Require;
import io.nvmf.spec.SubmissionQueueEntry;
import org.jspecify.annotations.Nullable;

/**
 * A command on its way from host to controller: a submission queue entry and at most one data buffer with its
 * direction.
 *
 * <p>The host layer extends this class with its command slots, so that capsule, slot and call-backs are one object and
 * a command costs no allocation here. The transport calls {@link #wanted}, {@link #encode}, {@link #transmitted},
 * {@link #withdrawn} and {@link #transferComplete} on the queue pair's event loop; nobody else does.
 *
 * <p><b>Cancel wins or holds.</b> The capsule becomes bytes only if it is {@link #wanted} at that very moment. So
 * whoever made it unwanted, on any thread, knows that it never leaves, or that it was converted before and its memory
 * is held.
 *
 * <p><b>Data.</b> The capsule owns one reference to its buffer until {@link #transferComplete} has been called; the
 * transport neither releases nor retains that reference, but may retain slices while bytes are on their way. A buffer
 * of length 0 is the same as none: its call-back never fires. The range of the buffer is fixed by {@link #attachData}
 * as index and length, so the transport never touches reader or writer index.
 *
 * <p>Not thread safe: built by one thread, then used on the event loop only.
 */
public abstract class CommandCapsule {

    /** Direction of the attached data. */
    public enum Transfer {
        /** No data. */
        NONE,
        /** Host to controller. */
        SEND,
        /** Controller to host. */
        RECEIVE
    }

    private int commandId;
    private Transfer transfer = Transfer.NONE;
    private @Nullable ByteBuf data;
    private int dataIndex;
    private int dataLength;

    /** For subclasses. */
    protected CommandCapsule() {}

    /**
     * A capsule holding a copy of a submission queue entry, whose call-backs do nothing.
     *
     * @param source holds the 64-byte entry
     * @param index where the entry starts
     * @return the capsule; its command identifier is the one in the entry
     */
    public static CommandCapsule copyOf(ByteBuf source, int index) {
        return new CopiedCommandCapsule(source, index);
    }

    /**
     * Writes the 64-byte submission queue entry. The transport calls this once when the capsule is converted and
     * overwrites the command identifier, the PSDT bits (SGL; the FUSE bits are kept) and SGL1 afterwards.
     *
     * @param target receives {@link SubmissionQueueEntry#LENGTH} bytes
     * @param index where to write
     */
    public abstract void encode(ByteBuf target, int index);

    /**
     * Whether the capsule is still to leave. The transport asks immediately before it converts the capsule to bytes,
     * with nothing in between that may wait. After false the capsule is never converted: its transfer is aborted as by
     * {@link HostQueuePair#withdraw}, and {@link #withdrawn} follows.
     *
     * @return true by default; must neither block nor throw
     */
    public boolean wanted() {
        return true;
    }

    /**
     * The capsule was not {@linkplain #wanted wanted} any more and never leaves. The last call of the transport for
     * this submission, after {@link #transferComplete} where there is data: the capsule may be submitted again from
     * here on.
     */
    public void withdrawn() {}

    /** The capsule's bytes have been handed to the connection. Called at most once, on the event loop. */
    public void transmitted() {}

    /**
     * The controller asks for some of the data (a Ready to Transfer, R2T). Called on the event loop, once for each
     * request, by transports in which the controller asks; not for data that leaves with its command. Nothing depends
     * on this call.
     *
     * @param bytes how many, positive
     */
    public void dataRequested(long bytes) {}

    /**
     * The data transfer ended. Called exactly once per non-empty buffer, on the event loop; before the response where
     * data is received, before or after it where data is sent. From here on neither the transport nor the peer touches
     * the buffer. May come after the end of the queue pair, see {@link QueuePair}.
     *
     * @param bytes number of bytes moved; may be less than the length even without an error. A transport that does not
     *     count them says the whole length if the command succeeded, and 0 otherwise; what the controller did not write
     *     then holds what it held before
     * @param error null when the transfer ended regularly
     */
    public void transferComplete(long bytes, @Nullable TransferException error) {}

    /**
     * Attaches the data buffer. The capsule takes over the caller's reference.
     *
     * @param direction SEND or RECEIVE
     * @param buffer the memory; from its reader index for SEND, from its writer index for RECEIVE
     * @param length number of bytes; at most the readable or writable bytes. 0 attaches nothing and leaves the buffer
     *     with the caller
     * @throws IllegalStateException if data is attached already (the buffer stays with the caller)
     * @throws IllegalArgumentException if the buffer is too short
     */
    public final void attachData(Transfer direction, ByteBuf buffer, int length) {
        if (transfer != Transfer.NONE) {
            throw new IllegalStateException("the capsule has " + dataLength + " bytes of data attached already");
        }
        if (direction == Transfer.NONE) {
            throw new IllegalArgumentException("direction NONE cannot carry data");
        }
        int available = direction == Transfer.SEND ? buffer.readableBytes() : buffer.writableBytes();
        Require.range("length", length, 0, available);
        if (length == 0) {
            return;
        }
        transfer = direction;
        data = buffer;
        dataIndex = direction == Transfer.SEND ? buffer.readerIndex() : buffer.writerIndex();
        dataLength = length;
    }

    /**
     * Detaches the data buffer, handing the capsule's reference to the caller; for owners that reuse capsules.
     *
     * @return the buffer, or null if there is none
     */
    protected final @Nullable ByteBuf detachData() {
        ByteBuf detached = data;
        data = null;
        transfer = Transfer.NONE;
        dataIndex = 0;
        dataLength = 0;
        return detached;
    }

    /**
     * The command identifier.
     *
     * @return 0..65,534
     */
    public final int commandId() {
        return commandId;
    }

    /**
     * Sets the command identifier; before transmission only.
     *
     * @param commandId 0..65,534 (FFFFh must not be used)
     */
    public final void commandId(int commandId) {
        this.commandId = Require.range("commandId", commandId, 0, 0xFFFE);
    }

    /**
     * Direction of the data.
     *
     * @return NONE without data
     */
    public final Transfer transfer() {
        return transfer;
    }

    /**
     * The data buffer.
     *
     * @return null without data
     */
    public final @Nullable ByteBuf data() {
        return data;
    }

    /**
     * Absolute index of the first data byte in {@link #data()}.
     *
     * @return the index
     */
    public final int dataIndex() {
        return dataIndex;
    }

    /**
     * Number of data bytes.
     *
     * @return the length in bytes, 0 without data
     */
    public final int dataLength() {
        return dataLength;
    }
}
