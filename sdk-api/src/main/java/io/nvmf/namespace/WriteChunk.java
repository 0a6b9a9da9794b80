package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.BlockExtent;
import io.nvmf.host.queue.Discarded;
import io.nvmf.host.queue.Repetition;
import io.nvmf.transport.ResponseCapsule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One Write command of a write stream and what is known of it; used again when everything up to it is written. */
final class WriteChunk extends StreamCommand {

    /** What is known of the blocks. */
    enum State {
        /** Submitted and not answered. */
        IN_FLIGHT,
        /** Answered with success. */
        WRITTEN,
        /** Never sent. */
        NOT_SENT,
        /** Answered with an error, or sent and never to be answered. */
        IN_DOUBT
    }

    private final WriteStreamSubscription stream;
    private long offset;
    private int bytes;
    private State state = State.NOT_SENT;

    /** Kept until no further command follows; each command gets a reference of its own. */
    private @Nullable ByteBuf data;

    WriteChunk(WriteStreamSubscription stream) {
        super(stream);
        this.stream = stream;
    }

    void begin(long offset, ByteBuf data) {
        this.offset = offset;
        this.bytes = data.readableBytes();
        this.data = data;
        this.state = State.IN_FLIGHT;
    }

    /** First byte in the namespace; whole blocks. */
    long offset() {
        return offset;
    }

    int bytes() {
        return bytes;
    }

    State state() {
        return state;
    }

    /** The queue was told to cancel, and nothing more will be heard. */
    void cancelled() {
        if (state == State.IN_FLIGHT) {
            state = State.IN_DOUBT;
        }
    }

    @Override
    Command make() {
        return stream.write(offset, Objects.requireNonNull(data).retain());
    }

    @Override
    public Repetition repetition() {
        return Repetition.AFTER_QUIESCE;
    }

    @Override
    public BlockExtent extent() {
        return stream.extent(offset, bytes);
    }

    @Override
    @Nullable
    RuntimeException failure(Command command, ResponseCapsule response, int moved) {
        return stream.failure(command, response, moved);
    }

    @Override
    void answered(Command command, ResponseCapsule response, @Nullable ByteBuf received, int moved) {
        release();
        if (state == State.IN_FLIGHT) {
            RuntimeException failure = failure(command, response, moved);
            state = failure == null ? State.WRITTEN : State.IN_DOUBT;
            stream.ended(this, failure);
        }
    }

    @Override
    void unanswered(RuntimeException failure, CommandOutcome outcome) {
        release();
        if (state == State.IN_FLIGHT) {
            state = outcome == CommandOutcome.NOT_SENT ? State.NOT_SENT : State.IN_DOUBT;
            stream.ended(this, failure);
        }
    }

    @Override
    void takenBack() {
        release();
        if (state == State.IN_FLIGHT) {
            state = State.NOT_SENT;
            stream.takenBack(this);
        }
    }

    @Override
    protected void orphaned() {
        super.orphaned();
        release();
    }

    private void release() {
        ByteBuf held = data;
        data = null;
        if (held != null) {
            Discarded.release(held);
        }
    }
}
