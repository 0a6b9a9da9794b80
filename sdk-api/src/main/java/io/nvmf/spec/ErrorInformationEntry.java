package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/**
 * One entry of the Error Information log page, 01h (NVMe Base Specification, "Error Information").
 *
 * @param errorCount number of the error, 0 for an entry that is not used
 * @param sqid queue of the command
 * @param commandId CID of the command
 * @param status status of the command
 * @param parameterLocation byte (7:0) and bit (10:8) of the parameter in the command, FFFFh if unknown
 * @param lba first LBA of the error
 * @param nsid namespace of the error, unsigned
 * @param transportType TRTYPE, 0 if the error has nothing to do with a transport
 * @param opcode opcode of the command
 * @param commandSpecific command specific information
 */
public record ErrorInformationEntry(
        long errorCount,
        int sqid,
        int commandId,
        Status status,
        int parameterLocation,
        long lba,
        int nsid,
        int transportType,
        int opcode,
        long commandSpecific) {
    /** Bytes of an entry. */
    public static final int LENGTH = 64;

    /**
     * Reads an entry.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the entry
     * @throws SpecificationViolationException if there are fewer than 64 bytes
     */
    public static ErrorInformationEntry decode(ByteBuf buffer, int index) {
        Wire.requireReadable(buffer, index, LENGTH, "Error information entry");
        return new ErrorInformationEntry(
                buffer.getLongLE(index),
                buffer.getUnsignedShortLE(index + 8),
                buffer.getUnsignedShortLE(index + 10),
                Status.of(buffer.getUnsignedShortLE(index + 12)),
                buffer.getUnsignedShortLE(index + 14),
                buffer.getLongLE(index + 16),
                buffer.getIntLE(index + 24),
                buffer.getUnsignedByte(index + 29),
                buffer.getUnsignedByte(index + 31),
                buffer.getLongLE(index + 32));
    }

    /**
     * Writes all 64 bytes.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     */
    public void encode(ByteBuf buffer, int index) {
        buffer.setZero(index, LENGTH);
        buffer.setLongLE(index, errorCount);
        buffer.setShortLE(index + 8, sqid);
        buffer.setShortLE(index + 10, commandId);
        buffer.setShortLE(index + 12, status.raw());
        buffer.setShortLE(index + 14, parameterLocation);
        buffer.setLongLE(index + 16, lba);
        buffer.setIntLE(index + 24, nsid);
        buffer.setByte(index + 29, transportType);
        buffer.setByte(index + 31, opcode);
        buffer.setLongLE(index + 32, commandSpecific);
    }
}
