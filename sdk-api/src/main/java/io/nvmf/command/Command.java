package io.nvmf.command;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.DatasetManagementCommand;
import io.nvmf.spec.FeatureCommand;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.IdentifyCommand;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.spec.Require;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.CommandCapsule;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A command as the user of a queue states it: the fields of a submission queue entry that are the user's, and its data.
 * The command identifier and the data pointer are the queue's. Immutable but for the contents and ownership of its
 * buffer.
 *
 * <p><b>Ownership.</b> Data to {@linkplain Builder#send send} belongs to the SDK from the moment the command is
 * submitted, and is released exactly once. A {@linkplain Builder#receiveInto destination} stays the caller's; the SDK
 * retains it while the peer may write into it. {@linkplain Builder#receive Received} data without a destination is
 * allocated by the SDK before the command leaves and belongs to whoever gets the {@link Completion}.
 */
public final class Command {

    private static final AtomicIntegerFieldUpdater<Command> GIVEN =
            AtomicIntegerFieldUpdater.newUpdater(Command.class, "given");

    // A byte and a boolean where an int and a reference would do: so these objects, one for each I/O, have 64 bytes.
    private final byte opcode;
    private final boolean sends;
    private final int nsid;
    private final int cdw2;
    private final int cdw3;
    private final int cdw10;
    private final int cdw11;
    private final int cdw12;
    private final int cdw13;
    private final int cdw14;
    private final int cdw15;
    private final @Nullable ByteBuf buffer;
    private final int dataLength;

    @SuppressWarnings("UnusedVariable") // through the updater
    private volatile int given;

    private Command(Builder builder, boolean sends, @Nullable ByteBuf buffer, int dataLength) {
        this.opcode = (byte) builder.opcode;
        this.nsid = builder.nsid;
        this.cdw2 = builder.cdw2;
        this.cdw3 = builder.cdw3;
        this.cdw10 = builder.cdw10;
        this.cdw11 = builder.cdw11;
        this.cdw12 = builder.cdw12;
        this.cdw13 = builder.cdw13;
        this.cdw14 = builder.cdw14;
        this.cdw15 = builder.cdw15;
        this.sends = sends;
        this.buffer = buffer;
        this.dataLength = dataLength;
    }

    /** A command for blocks, without a builder in between: there is one of these for each I/O. */
    private Command(
            int opcode,
            int nsid,
            long slba,
            int blocks,
            int flags,
            boolean sends,
            @Nullable ByteBuf buffer,
            int length) {
        this.opcode = (byte) opcode;
        this.nsid = nsid;
        this.cdw2 = 0;
        this.cdw3 = 0;
        this.cdw10 = ReadWriteCommand.cdw10(slba);
        this.cdw11 = ReadWriteCommand.cdw11(slba);
        this.cdw12 = ReadWriteCommand.cdw12(blocks, flags);
        this.cdw13 = 0;
        this.cdw14 = 0;
        this.cdw15 = 0;
        this.sends = sends;
        this.buffer = buffer;
        this.dataLength = length;
    }

    /**
     * Starts a command of any kind, such as a vendor specific one.
     *
     * @param opcode 0..255
     * @return the builder
     */
    public static Builder opcode(int opcode) {
        return new Builder(opcode);
    }

    /**
     * Starts a command of an I/O command set; {@link Builder#range(long, int) range} says for which blocks.
     *
     * @param opcode one of {@link NvmOpcode}
     * @param nsid namespace identifier
     * @return the builder
     */
    public static Builder nvm(int opcode, int nsid) {
        return new Builder(opcode).nsid(nsid);
    }

    /**
     * Read into memory of the SDK, see {@link Completion#data()}. Costs no {@link Builder}.
     *
     * @param nsid namespace identifier
     * @param slba first block, unsigned
     * @param blocks number of blocks, 1..65,536
     * @param length number of bytes that these are, at least 1
     * @return the command
     * @throws IllegalArgumentException if a number is out of range
     */
    public static Command read(int nsid, long slba, int blocks, int length) {
        Require.positive("length", length);
        return new Command(NvmOpcode.READ, nsid, slba, blocks, 0, false, null, length);
    }

    /**
     * Read into the caller's memory, like {@link Builder#receiveInto}. Costs no {@link Builder}.
     *
     * @param nsid namespace identifier
     * @param slba first block, unsigned
     * @param blocks number of blocks, 1..65,536
     * @param destination stays the caller's
     * @param length number of bytes that the blocks are, 1..writable bytes
     * @return the command
     * @throws IllegalArgumentException if a number is out of range
     */
    public static Command readInto(int nsid, long slba, int blocks, ByteBuf destination, int length) {
        Require.range("length", length, 1, destination.writableBytes());
        return new Command(NvmOpcode.READ, nsid, slba, blocks, 0, false, destination, length);
    }

    /**
     * Write. Costs no {@link Builder}.
     *
     * @param nsid namespace identifier
     * @param slba first block, unsigned
     * @param blocks number of blocks, 1..65,536
     * @param flags bits of command dword 12 such as {@link ReadWriteCommand#FUA}; bits 15:0 must be 0
     * @param data the readable bytes are sent; owned by the SDK once the command is submitted
     * @return the command
     * @throws IllegalArgumentException if the number or the flags are out of range
     */
    public static Command write(int nsid, long slba, int blocks, int flags, ByteBuf data) {
        return new Command(NvmOpcode.WRITE, nsid, slba, blocks, flags, true, data, data.readableBytes());
    }

    /**
     * Dataset Management that deallocates blocks.
     *
     * @param nsid namespace identifier
     * @param ranges what {@link DatasetManagementCommand#addRange} has written, 1..256 ranges; owned by the SDK once
     *     the command is submitted
     * @return the command
     * @throws IllegalArgumentException if these are not 1..256 whole ranges
     */
    public static Command deallocate(int nsid, ByteBuf ranges) {
        return nvm(NvmOpcode.DATASET_MANAGEMENT, nsid)
                .cdw10(DatasetManagementCommand.cdw10(ranges))
                .cdw11(DatasetManagementCommand.DEALLOCATE)
                .send(ranges);
    }

    /**
     * Identify, which receives 4,096 bytes.
     *
     * @param identify what to identify
     * @return the command
     * @throws IllegalArgumentException if a field is out of range
     */
    public static Command identify(IdentifyCommand identify) {
        return encodedBy(identify::encode).receive(IdentifyCommand.DATA_LENGTH);
    }

    /**
     * Get Log Page, which receives as many bytes as it asks for.
     *
     * @param page which part of which page
     * @return the command
     * @throws IllegalArgumentException if a field is out of range
     * @throws ArithmeticException if the length is no {@code int}
     */
    public static Command getLogPage(GetLogPageCommand page) {
        return encodedBy(page::encode).receive(Math.toIntExact(page.length()));
    }

    /**
     * Starts a Set Features or Get Features command.
     *
     * @param feature which feature and what about it
     * @return the builder, to which the data is added if the feature has any
     * @throws IllegalArgumentException if a field is out of range
     */
    public static Builder feature(FeatureCommand feature) {
        return encodedBy(feature::encode);
    }

    /**
     * Starts a command that a type of {@code io.nvmf.spec} writes, for example
     * {@code Command.encodedBy(PropertyCommand.get(Property.CAP)::encode)}.
     *
     * @param encoder writes the whole entry but for the command identifier and the data pointer
     * @return the builder
     */
    public static Builder encodedBy(Encoder encoder) {
        ByteBuf entry = Unpooled.buffer(SubmissionQueueEntry.LENGTH, SubmissionQueueEntry.LENGTH);
        entry.writeZero(SubmissionQueueEntry.LENGTH);
        encoder.encode(entry, 0);
        SubmissionQueueEntry written = new SubmissionQueueEntry().wrap(entry, 0);
        return new Builder(written.opcode())
                .nsid(written.nsid())
                .cdw2(written.cdw2())
                .cdw3(written.cdw3())
                .cdw10(written.cdw10())
                .cdw11(written.cdw11())
                .cdw12(written.cdw12())
                .cdw13(written.cdw13())
                .cdw14(written.cdw14())
                .cdw15(written.cdw15());
    }

    /** How the commands of {@code io.nvmf.spec} write themselves. */
    @FunctionalInterface
    public interface Encoder {

        /**
         * Writes the entry.
         *
         * @param buffer receives 64 bytes, zeroes so far
         * @param index absolute index of the entry
         */
        void encode(ByteBuf buffer, int index);
    }

    /**
     * The opcode.
     *
     * @return 0..255
     */
    public int opcode() {
        return opcode & 0xFF;
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
        if (sends) {
            return CommandCapsule.Transfer.SEND;
        }
        // What receives has a length of at least 1.
        return dataLength == 0 ? CommandCapsule.Transfer.NONE : CommandCapsule.Transfer.RECEIVE;
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
     * Claims the data to send for the SDK. Whoever gets true has the reference and releases it; so a command that is
     * submitted again, by a retry for instance, is refused instead of sending and releasing memory that is somebody
     * else's by now. Any thread.
     *
     * @return true once for a command that sends data, false ever after and for all others
     */
    public boolean claimData() {
        return sends && GIVEN.compareAndSet(this, 0, 1);
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
        return "Command[opcode=0x" + Integer.toHexString(opcode()) + ", nsid=" + Integer.toUnsignedString(nsid) + ", "
                + transfer() + ' ' + dataLength + " bytes]";
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
         * Sets the blocks of a command that has them like Read and Write: Compare, Write Zeroes, Verify and others.
         * That is SLBA and NLB, in command dwords 10 to 12.
         *
         * @param slba first block, unsigned
         * @param blocks number of blocks, 1..65,536
         * @return this
         * @throws IllegalArgumentException if the number is out of range
         */
        public Builder range(long slba, int blocks) {
            return range(slba, blocks, 0);
        }

        /**
         * Sets the blocks of a command that has them like Read and Write, and the flags beside their number.
         *
         * @param slba first block, unsigned
         * @param blocks number of blocks, 1..65,536
         * @param flags bits of command dword 12 such as {@link ReadWriteCommand#FUA}; bits 15:0 must be 0
         * @return this
         * @throws IllegalArgumentException if the number or the flags are out of range
         */
        public Builder range(long slba, int blocks, int flags) {
            cdw10 = ReadWriteCommand.cdw10(slba);
            cdw11 = ReadWriteCommand.cdw11(slba);
            cdw12 = ReadWriteCommand.cdw12(blocks, flags);
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
            return new Command(this, false, null, 0);
        }

        /**
         * A command that sends data to the controller.
         *
         * @param data the readable bytes are sent; owned by the SDK once the command is submitted
         * @return the command
         */
        public Command send(ByteBuf data) {
            return new Command(this, true, data, data.readableBytes());
        }

        /**
         * A command that receives data into memory of the SDK, see {@link Completion#data()}.
         *
         * @param length number of bytes, at least 1
         * @return the command
         */
        public Command receive(int length) {
            Require.positive("length", length);
            return new Command(this, false, null, length);
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
            return new Command(this, false, destination, length);
        }
    }
}
