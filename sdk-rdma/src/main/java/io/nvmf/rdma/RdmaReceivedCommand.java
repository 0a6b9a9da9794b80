package io.nvmf.rdma;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.spec.SglDescriptor;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.SendOutcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * A command at the controller: its entry, the data that came within the capsule, and where the rest of it lies at the
 * host. It knows the reads that are under way for it, because its response must not overtake one: with the response the
 * host takes its memory back. Event loop only.
 */
final class RdmaReceivedCommand implements ReceivedCommand {

    private static final SendOutcome INVALID_FIELD =
            new SendOutcome.Rejected(Status.of(StatusCode.INVALID_FIELD, true));
    private static final Status NO_MEMORY = Status.of(StatusCode.INTERNAL_ERROR);

    private final ControllerRdmaQueuePair queuePair;
    private final SubmissionQueueEntry entry;
    private final int commandId;
    private final int identifier;
    private final long dataLength;
    private final long address;
    private final int key;
    private final int inCapsuleLength;
    private @Nullable ByteBuf inCapsule;
    private final boolean accounted;
    private long sent;
    private boolean released;

    /** Its response has been given to the queue pair: nothing more is read for it. */
    private boolean answered;

    private int readsUnderWay;
    /** What waits for the reads under way; null if nothing does. */
    private @Nullable List<Runnable> afterReads;

    /**
     * Takes a command over.
     *
     * @param queuePair where it came from
     * @param entry the submission queue entry, its own
     * @param inCapsuleLength bytes of data that came along
     * @param inCapsule these bytes; null if there are none, or no memory for them
     * @param accounted whether they have been accounted for
     */
    RdmaReceivedCommand(
            ControllerRdmaQueuePair queuePair,
            SubmissionQueueEntry entry,
            int inCapsuleLength,
            @Nullable ByteBuf inCapsule,
            boolean accounted) {
        this.queuePair = queuePair;
        this.entry = entry;
        this.commandId = entry.commandId();
        this.identifier = SglDescriptor.identifier(entry.buffer(), entry.sglAt());
        this.dataLength = SglDescriptor.length(entry.buffer(), entry.sglAt());
        this.address = SglDescriptor.address(entry.buffer(), entry.sglAt());
        this.key = KeyedSgl.isKeyed(identifier) ? SglDescriptor.key(entry.buffer(), entry.sglAt()) : 0;
        this.inCapsuleLength = inCapsuleLength;
        this.inCapsule = inCapsule;
        this.accounted = accounted;
    }

    int commandId() {
        return commandId;
    }

    ControllerRdmaQueuePair queuePair() {
        return queuePair;
    }

    /** Where a byte of the data lies at the host. */
    long addressOf(long offset) {
        return address + offset;
    }

    int key() {
        return key;
    }

    /** The key that the response is asked to invalidate, or {@link RdmaConnection#NO_KEY}. */
    int keyToInvalidate() {
        return identifier == SglDescriptor.KEYED_DATA_BLOCK_INVALIDATE && dataLength > 0 ? key : RdmaConnection.NO_KEY;
    }

    @Override
    public SubmissionQueueEntry entry() {
        if (released) {
            throw new IllegalStateException("command " + commandId + " has been released");
        }
        return entry;
    }

    @Override
    public Status validate(boolean strict) {
        Status status = KeyedSgl.validate(entry(), inCapsuleLength, strict);
        return status.isSuccess() && inCapsuleLength > 0 && inCapsule == null ? NO_MEMORY : status;
    }

    @Override
    public long dataLength() {
        return dataLength;
    }

    // ---- from the host

    @Override
    public Mono<ByteBuf> receive(long offset, int length) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
                actual.onSubscribe(new RemoteRead(actual, RdmaReceivedCommand.this, offset, length));
            }
        };
    }

    @Override
    public @Nullable ByteBuf inCapsuleData(long offset, int length) {
        ByteBuf data = inCapsuleData();
        return data != null && refusal(offset, length) == null ? data.retainedSlice((int) offset, length) : null;
    }

    /** The data that came with the command, or null if it is to be read. */
    @Nullable
    ByteBuf inCapsuleData() {
        return identifier == SglDescriptor.DATA_BLOCK_OFFSET ? inCapsule : null;
    }

    /** Why a range cannot be received; null if it can. */
    @Nullable
    RuntimeException refusal(long offset, int length) {
        if (released) {
            return new IllegalStateException("command " + commandId + " has been released");
        }
        long available = 0;
        if (identifier == SglDescriptor.DATA_BLOCK_OFFSET) {
            available = Math.min(dataLength, inCapsuleLength);
        } else if (KeyedSgl.isKeyed(identifier)) {
            available = dataLength;
        }
        if (offset < 0 || length < 1 || offset > available - length) {
            return new IllegalArgumentException("the range of " + length + " bytes at offset " + offset
                    + " is not within the " + available + " bytes of command " + commandId);
        }
        return inCapsuleLength > 0 && inCapsule == null
                ? new IllegalStateException("there was no memory for the data of command " + commandId)
                : null;
    }

    /** A read leaves. */
    void readStarted() {
        readsUnderWay++;
    }

    /** A read is over, or was flushed. */
    void readDone() {
        readsUnderWay--;
        List<Runnable> waiting = afterReads;
        if (readsUnderWay == 0 && waiting != null) {
            afterReads = null;
            waiting.forEach(Runnable::run);
        }
    }

    /** Whether nothing more may be read, because the host has, or will have, its memory back. */
    boolean isAnswered() {
        return answered;
    }

    /**
     * The response is there: reads that have not left never do.
     *
     * @return whether the response may leave at once, as no read is under way
     */
    boolean answer() {
        answered = true;
        queuePair.reads().abortWaiting(this);
        return readsUnderWay == 0;
    }

    /** Runs this when the reads that have left are over. */
    void afterReads(Runnable goOn) {
        List<Runnable> waiting = afterReads;
        if (waiting == null) {
            waiting = new ArrayList<>(1);
            afterReads = waiting;
        }
        waiting.add(goOn);
    }

    // ---- to the host

    @Override
    public SendOutcome send(long offset, ByteBuf data) {
        int length = data.readableBytes();
        if (released
                || !KeyedSgl.isKeyed(identifier)
                || offset != sent
                || length > dataLength - offset
                || length == 0 && dataLength > 0) {
            data.release();
            return INVALID_FIELD;
        }
        sent += length;
        if (length == 0) {
            data.release();
            return SendOutcome.COMPLETE;
        }
        queuePair.write(data, addressOf(offset), key);
        return sent == dataLength ? SendOutcome.COMPLETE : SendOutcome.MORE;
    }

    @Override
    public void release() {
        if (released) {
            return;
        }
        released = true;
        queuePair.recycle(entry);
        ByteBuf data = inCapsule;
        if (data != null) {
            inCapsule = null;
            data.release();
        }
        if (accounted) {
            queuePair.giveInCapsule(inCapsuleLength);
        }
    }
}
