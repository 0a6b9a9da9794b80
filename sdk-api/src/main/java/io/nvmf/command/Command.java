package io.nvmf.command;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Require;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.CommandCapsule;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A command as the user of a queue states it: the fields of a submission queue entry that are the user's, and its data. The
 * command identifier and the data pointer are the queue's. Immutable but for the contents and ownership of its buffer.
 *
 * <p><b>Ownership.</b> Data to {@linkplain Builder#send send} belongs to the SDK from the moment the command is submitted, and is
 * released exactly once. A {@linkplain Builder#receiveInto destination} stays the caller's; the SDK retains it while the peer may
 * write into it. {@linkplain Builder#receive Received} data without a destination is allocated by the SDK before the command leaves
 * and belongs to whoever gets the {@link Completion}.
 */
public final class Command {

    private static final AtomicIntegerFieldUpdater<Command> GIVEN =
            AtomicIntegerFieldUpdater.newUpdater(Command.class, "given");

    private final int opcode;
    private final int nsid;
    private final int cdw2;
    private final int cdw3;
    private final int cdw10;
    private final int cdw11;
    private final int cdw12;
    private final int cdw13;
    private final int cdw14;
    private final int cdw15;
    private final CommandCapsule.Transfer transfer;
    private final @Nullable ByteBuf buffer;
    private final int dataLength;

    @SuppressWarnings("UnusedVariable") // through the updater
    private volatile int given;

    private Command(Builder builder) {
        this.opcode = builder.opcode;
        this.nsid = builder.nsid;
        this.cdw2 = builder.cdw2;
        this.cdw3 = builder.cdw3;
        this.cdw10 = builder.cdw10;
        this.cdw11 = builder.cdw11;
        this.cdw12 = builder.cdw12;
        this.cdw13 = builder.cdw13;
        this.cdw14 = builder.cdw14;
        this.cdw15 = builder.cdw15;
        this.transfer = builder.transfer;
        this.buffer = builder.buffer;
        this.dataLength = builder.dataLength;
    }

    /**
     * Starts a command.
     *
     * @param opcode 0..255
     * @return the builder
     */
    public static Builder opcode(int opcode) {
        return new Builder(opcode);
    }

    /**
     * Starts a command with the user's fields of an entry that was encoded elsewhere.
     *
     * @param entry the entry
     * @return the builder
     */
    public static Builder copyOf(SubmissionQueueEntry entry) {
        return new Builder(entry.opcode())
                .nsid(entry.nsid())
                .cdw2(entry.cdw2())
                .cdw3(entry.cdw3())
                .cdw10(entry.cdw10())
                .cdw11(entry.cdw11())
                .cdw12(entry.cdw12())
                .cdw13(entry.cdw13())
                .cdw14(entry.cdw14())
                .cdw15(entry.cdw15());
    }

    /**
     * The opcode.
     *
     * @return 0..255
     */
    public int opcode() {
        return opcode;
    }

    /**
     * The namespace identifier.
     *
     * @return unsigned 32 bits
     */
    public int nsid() {
        return nsid;
    }

    /**
     * Direction of the data.
     *
     * @return NONE without data
     */
    public CommandCapsule.Transfer transfer() {
        return transfer;
    }

    /**
     * The data to send, or the caller's destination.
     *
     * @return null without either
     */
    public @Nullable ByteBuf buffer() {
        return buffer;
    }

    /**
     * Claims the data to send for the SDK. Whoever gets true has the reference and releases it; so a command that is submitted
     * again, by a retry for instance, is refused instead of sending and releasing memory that is somebody else's by now.
     * Any thread.
     *
     * @return true once for a command that sends data, false ever after and for all others
     */
    public boolean claimData() {
        return transfer == CommandCapsule.Transfer.SEND && GIVEN.compareAndSet(this, 0, 1);
    }

    /**
     * Number of data bytes.
     *
     * @return bytes, 0 without data
     */
    public int dataLength() {
        return dataLength;
    }

    /**
     * Writes the entry; identifier, PSDT and SGL1 are left 0.
     *
     * @param target receives 64 bytes
     * @param index where to write
     */
    public void encode(ByteBuf target, int index) {
        target.setLongLE(index, (opcode & 0xFFL) | ((long) nsid << 32));
        target.setLongLE(index + SubmissionQueueEntry.CDW2, (cdw2 & 0xFFFFFFFFL) | ((long) cdw3 << 32));
        target.setLongLE(index + SubmissionQueueEntry.MPTR, 0);
        target.setLongLE(index + SubmissionQueueEntry.SGL1, 0);
        target.setLongLE(index + SubmissionQueueEntry.SGL1 + 8, 0);
        target.setLongLE(index + SubmissionQueueEntry.CDW10, (cdw10 & 0xFFFFFFFFL) | ((long) cdw11 << 32));
        target.setLongLE(index + SubmissionQueueEntry.CDW12, (cdw12 & 0xFFFFFFFFL) | ((long) cdw13 << 32));
        target.setLongLE(index + SubmissionQueueEntry.CDW14, (cdw14 & 0xFFFFFFFFL) | ((long) cdw15 << 32));
    }

    @Override
    public String toString() {
        return "Command[opcode=0x" + Integer.toHexString(opcode) + ", nsid=" + Integer.toUnsignedString(nsid) + ", "
                + transfer + ' ' + dataLength + " bytes]";
    }

    /** Collects the fields; not thread safe. */
    public static final class Builder {

        private final int opcode;
        private int nsid;
        private int cdw2;
        private int cdw3;
        private int cdw10;
        private int cdw11;
        private int cdw12;
        private int cdw13;
        private int cdw14;
        private int cdw15;
        private CommandCapsule.Transfer transfer = CommandCapsule.Transfer.NONE;
        private @Nullable ByteBuf buffer;
        private int dataLength;

        private Builder(int opcode) {
            this.opcode = Require.range("opcode", opcode, 0, 0xFF);
        }

        /**
         * Sets the namespace identifier.
         *
         * @param nsid unsigned 32 bits
         * @return this
         */
        public Builder nsid(int nsid) {
            this.nsid = nsid;
            return this;
        }

        /**
         * Sets command dword 2.
         *
         * @param cdw2 the dword
         * @return this
         */
        public Builder cdw2(int cdw2) {
            this.cdw2 = cdw2;
            return this;
        }

        /**
         * Sets command dword 3.
         *
         * @param cdw3 the dword
         * @return this
         */
        public Builder cdw3(int cdw3) {
            this.cdw3 = cdw3;
            return this;
        }

        /**
         * Sets command dword 10.
         *
         * @param cdw10 the dword
         * @return this
         */
        public Builder cdw10(int cdw10) {
            this.cdw10 = cdw10;
            return this;
        }

        /**
         * Sets command dword 11.
         *
         * @param cdw11 the dword
         * @return this
         */
        public Builder cdw11(int cdw11) {
            this.cdw11 = cdw11;
            return this;
        }

        /**
         * Sets command dword 12.
         *
         * @param cdw12 the dword
         * @return this
         */
        public Builder cdw12(int cdw12) {
            this.cdw12 = cdw12;
            return this;
        }

        /**
         * Sets command dword 13.
         *
         * @param cdw13 the dword
         * @return this
         */
        public Builder cdw13(int cdw13) {
            this.cdw13 = cdw13;
            return this;
        }

        /**
         * Sets command dword 14.
         *
         * @param cdw14 the dword
         * @return this
         */
        public Builder cdw14(int cdw14) {
            this.cdw14 = cdw14;
            return this;
        }

        /**
         * Sets command dword 15.
         *
         * @param cdw15 the dword
         * @return this
         */
        public Builder cdw15(int cdw15) {
            this.cdw15 = cdw15;
            return this;
        }

        /**
         * A command without data.
         *
         * @return the command
         */
        public Command build() {
            transfer = CommandCapsule.Transfer.NONE;
            buffer = null;
            dataLength = 0;
            return new Command(this);
        }

        /**
         * A command that sends data to the controller.
         *
         * @param data the readable bytes are sent; owned by the SDK once the command is submitted
         * @return the command
         */
        public Command send(ByteBuf data) {
            transfer = CommandCapsule.Transfer.SEND;
            buffer = data;
            dataLength = data.readableBytes();
            return new Command(this);
        }

        /**
         * A command that receives data into memory of the SDK, see {@link Completion#data()}.
         *
         * @param length number of bytes, at least 1
         * @return the command
         */
        public Command receive(int length) {
            Require.positive("length", length);
            transfer = CommandCapsule.Transfer.RECEIVE;
            buffer = null;
            dataLength = length;
            return new Command(this);
        }

        /**
         * A command that receives data into the caller's memory. The bytes go behind the writer index as it is when the
         * command is submitted; the writer index itself is not moved.
         *
         * @param destination stays the caller's
         * @param length number of bytes, 1..writable bytes
         * @return the command
         */
        public Command receiveInto(ByteBuf destination, int length) {
            Require.range("length", length, 1, destination.writableBytes());
            transfer = CommandCapsule.Transfer.RECEIVE;
            buffer = destination;
            dataLength = length;
            return new Command(this);
        }
    }
}
