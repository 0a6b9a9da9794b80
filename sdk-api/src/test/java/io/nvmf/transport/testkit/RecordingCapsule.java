package io.nvmf.transport.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.TransferException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A command capsule that writes down, in order, what the transport does to it; releases its data when the transfer
 * ends.
 */
public class RecordingCapsule extends CommandCapsule {

    /** The end of a data transfer. */
    public record TransferEnd(long bytes, @Nullable TransferException error) {}

    private final int opcode;
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final List<TransferEnd> transferEnds = new CopyOnWriteArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Runnable onTransmitted = () -> {};
    private volatile Runnable onTransferComplete = () -> {};
    private volatile Runnable onWithdrawn = () -> {};
    private volatile boolean unwanted;

    @SuppressWarnings("this-escape") // commandId is final and keeps the number only
    public RecordingCapsule(int opcode, int commandId) {
        this.opcode = opcode;
        commandId(commandId);
    }

    /** With data to send; the capsule takes over the buffer. */
    public static RecordingCapsule send(int commandId, ByteBuf data) {
        RecordingCapsule capsule = new RecordingCapsule(0x01, commandId);
        capsule.attachData(Transfer.SEND, data, data.readableBytes());
        return capsule;
    }

    /** With a destination of exactly the buffer's writable bytes; the capsule takes over the buffer. */
    public static RecordingCapsule receive(int commandId, ByteBuf destination) {
        RecordingCapsule capsule = new RecordingCapsule(0x02, commandId);
        capsule.attachData(Transfer.RECEIVE, destination, destination.writableBytes());
        return capsule;
    }

    public RecordingCapsule onTransmitted(Runnable action) {
        onTransmitted = action;
        return this;
    }

    public RecordingCapsule onTransferComplete(Runnable action) {
        onTransferComplete = action;
        return this;
    }

    public RecordingCapsule onWithdrawn(Runnable action) {
        onWithdrawn = action;
        return this;
    }

    /** Nobody wants the command any more; any thread. */
    public void unwanted() {
        unwanted = true;
    }

    @Override
    public boolean wanted() {
        return !unwanted;
    }

    @Override
    public void withdrawn() {
        events.add("withdrawn");
        onWithdrawn.run();
    }

    @Override
    public void encode(ByteBuf target, int index) {
        events.add("encode");
        target.setZero(index, SubmissionQueueEntry.LENGTH);
        target.setByte(index + SubmissionQueueEntry.OPCODE, opcode);
        target.setIntLE(index + SubmissionQueueEntry.CDW10, commandId());
    }

    @Override
    public void transmitted() {
        events.add("transmitted");
        onTransmitted.run();
    }

    @Override
    public void transferComplete(long bytes, @Nullable TransferException error) {
        events.add("transferComplete");
        transferEnds.add(new TransferEnd(bytes, error));
        try {
            beforeRelease();
        } finally {
            ByteBuf data = detachData();
            if (data != null) {
                data.release();
            }
            onTransferComplete.run();
            ended.countDown();
        }
    }

    /** The last moment at which {@link #data()} is there. */
    protected void beforeRelease() {}

    /** Notes an event of the test's own in the order of the others. */
    public void note(String event) {
        events.add(event);
    }

    /** What has happened so far. */
    public List<String> events() {
        return List.copyOf(events);
    }

    /** How often and how the transfer has ended so far. */
    public List<TransferEnd> transferEnds() {
        return List.copyOf(transferEnds);
    }

    /** The one end of the transfer; fails if there is none or more than one. */
    public TransferEnd transferEnd() {
        assertThat(transferEnds)
                .describedAs("ends of the transfer of command %d", commandId())
                .hasSize(1);
        return transferEnds.get(0);
    }

    /** Waits for the end of the transfer; fails if it does not come. */
    public TransferEnd awaitTransferEnd() {
        try {
            if (!ended.await(CapsuleRecorder.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the transfer of command " + commandId() + " did not end; so far: " + events);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for the end of a transfer", e);
        }
        return transferEnd();
    }

    public boolean isTransmitted() {
        return events.contains("transmitted");
    }
}
