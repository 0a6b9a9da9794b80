package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/** Where the data of a command goes, as bits 1:0 of its opcode (FCTYPE for Fabrics commands) say. */
public enum DataDirection {
    /** No data. */
    NONE,
    /** The host sends, as for a write. */
    HOST_TO_CONTROLLER,
    /** The controller sends, as for a read. */
    CONTROLLER_TO_HOST,
    /** Both ways; no command of the fabrics transports uses it. */
    BIDIRECTIONAL;

    private static final DataDirection[] BY_BITS = values();

    /**
     * Direction by the low bits of an opcode or FCTYPE.
     *
     * @param opcodeOrType opcode of a command that is not a Fabrics command, or FCTYPE of one that is
     * @return the direction
     */
    public static DataDirection ofBits(int opcodeOrType) {
        return BY_BITS[opcodeOrType & 3];
    }

    /**
     * Direction of a whole command.
     *
     * @param buffer holds the submission queue entry
     * @param index absolute index of the entry
     * @return the direction
     */
    public static DataDirection of(ByteBuf buffer, int index) {
        int opcode = SubmissionQueueEntry.opcode(buffer, index);
        return ofBits(
                opcode == FabricsCommandType.FABRICS_OPCODE
                        ? SubmissionQueueEntry.fabricsCommandType(buffer, index)
                        : opcode);
    }
}
