package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.TransferException;
import io.nvmf.transport.support.MessageCommand;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** A CapsuleCmd PDU that the controller has received, with the in-capsule data it brought. Event loop only. */
final class TcpReceivedCommand extends MessageCommand {

    private static final Status DAMAGED = Status.of(StatusCode.TRANSIENT_TRANSPORT_ERROR);
    private static final Status NO_MEMORY = Status.of(StatusCode.INTERNAL_ERROR);

    /** The connection as received commands see it. */
    interface Source extends H2cTransfer.Source {

        /**
         * Sends data of a command as C2HData and consumes the buffer.
         *
         * @param last whether it is the end of the command's data
         * @return whether success went with it
         */
        boolean sendData(int commandId, long offset, ByteBuf data, boolean last);

        /** In-capsule data that was accounted for is not needed any more. */
        void giveInCapsule(int bytes);

        /** The entry is not needed any more. */
        void recycle(SubmissionQueueEntry entry);
    }

    private final Source source;
    private @Nullable ByteBuf inCapsule;
    private boolean damaged;
    private boolean accounted;
    private boolean withoutMemory;
    private int openR2ts;

    TcpReceivedCommand(Source source, SubmissionQueueEntry entry, int inCapsuleLength) {
        super(entry, inCapsuleLength);
        this.source = source;
    }

    H2cTransfer.Source source() {
        return source;
    }

    /** R2Ts whose data is not complete. */
    int openR2ts() {
        return openR2ts;
    }

    void openR2ts(int change) {
        openR2ts += change;
    }

    /** The memory of the in-capsule data is taken, and has to be given back. */
    void accounted() {
        accounted = true;
    }

    /** Where the in-capsule data goes. */
    void home(ByteBuf home) {
        inCapsule = home;
    }

    /** There is none for the in-capsule data, which is dropped. */
    void withoutMemory() {
        withoutMemory = true;
    }

    /** The in-capsule data is complete. */
    void inCapsuleDataReceived(boolean intact) {
        damaged = !intact;
        ByteBuf data = inCapsule;
        if (data != null) {
            data.writerIndex(inCapsuleLength());
        }
    }

    @Override
    public SubmissionQueueEntry entry() {
        if (isReleased()) {
            throw new IllegalStateException("command " + commandId() + " has been released");
        }
        return super.entry();
    }

    @Override
    public Status validate(boolean strict) {
        Status status = super.validate(strict);
        if (status.isSuccess() && withoutMemory) {
            return NO_MEMORY;
        }
        return status.isSuccess() && damaged ? DAMAGED : status;
    }

    @Override
    public Mono<ByteBuf> receive(long offset, int length) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
                actual.onSubscribe(new H2cTransfer(actual, TcpReceivedCommand.this, offset, length));
            }
        };
    }

    @Override
    protected boolean sendData(long offset, ByteBuf data, boolean last) {
        return source.sendData(commandId(), offset, data, last);
    }

    @Override
    protected void giveBack() {
        source.recycle(super.entry());
        ByteBuf data = inCapsule;
        if (data != null) {
            inCapsule = null;
            data.release();
        }
        if (accounted) {
            accounted = false;
            source.giveInCapsule(inCapsuleLength());
        }
    }

    @Override
    public @Nullable RuntimeException refusal(long offset, int length) {
        if (isReleased()) {
            return new IllegalStateException("command " + commandId() + " has been released");
        }
        RuntimeException refusal = super.refusal(offset, length);
        if (refusal != null) {
            return refusal;
        }
        if (withoutMemory) {
            return new IllegalStateException("there was no memory for the data of command " + commandId());
        }
        return damaged ? TransferException.damaged(inCapsuleLength()) : null;
    }

    @Override
    public @Nullable ByteBuf inCapsuleData(long offset, int length) {
        ByteBuf data = inCapsuleData();
        return data != null && refusal(offset, length) == null ? data.retainedSlice((int) offset, length) : null;
    }

    /** The data that came with the command, or null if it is to be fetched. */
    @Nullable
    ByteBuf inCapsuleData() {
        return describesInCapsuleData() ? inCapsule : null;
    }
}
