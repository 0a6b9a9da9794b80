package io.nvmf.tcp.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Controller to Host Data: a piece of the data that a command reads (NVMe/TCP Transport Specification, "Controller To
 * Host Data Transfer PDU (C2HData)").
 */
public final class C2hData {

    private C2hData() {}

    /**
     * Writes the fields behind the common header.
     *
     * @param pdu takes the PDU
     * @param index where it starts
     * @param commandId CCCID
     * @param offset DATAO, within the command's data, bytes
     * @param length DATAL, bytes
     */
    public static void encode(ByteBuf pdu, int index, int commandId, long offset, int length) {
        DataFields.encode(pdu, index, commandId, 0, offset, length);
    }

    /**
     * The command whose data this is.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return CCCID
     */
    public static int commandId(ByteBuf pdu, int index) {
        return DataFields.commandId(pdu, index);
    }

    /**
     * Where the data belongs.
     *
     * @param pdu holds the PDU, which has been checked
     * @param index where it starts
     * @return DATAO, within the command's data, bytes
     */
    public static int offset(ByteBuf pdu, int index) {
        return (int) DataFields.offset(pdu, index);
    }

    /**
     * How much data there is.
     *
     * @param pdu holds the PDU, which has been checked
     * @param index where it starts
     * @return DATAL, bytes
     */
    public static int length(ByteBuf pdu, int index) {
        return (int) DataFields.length(pdu, index);
    }

    /**
     * The command is not one that receives data.
     *
     * @param commandId CCCID
     * @return what to report
     */
    public static ProtocolViolation unexpected(int commandId) {
        return ProtocolViolation.field(
                DataFields.CCCID, "C2HData for command " + commandId + ", which receives no data");
    }

    /**
     * Checks length, range, order and LAST_PDU. Data comes in order and completely.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @param dataLength bytes that the PDU carries
     * @param due bytes that the command reads in all
     * @param next first byte that has not come yet
     * @throws ProtocolViolation about the first of them that is wrong
     */
    public static void check(ByteBuf pdu, int index, long dataLength, int due, int next) throws ProtocolViolation {
        int commandId = commandId(pdu, index);
        long offset = DataFields.offset(pdu, index);
        long length = DataFields.length(pdu, index);
        if (length != dataLength) {
            throw ProtocolViolation.field(
                    DataFields.DATA_LENGTH,
                    "DATAL is " + length + " in a C2HData PDU of " + dataLength + " data bytes");
        }
        if (length == 0) {
            // It would move nothing, and a controller could send any number of them for one command.
            throw ProtocolViolation.field(DataFields.DATA_LENGTH, "C2HData without data for command " + commandId);
        }
        long end = offset + length;
        if (end > due) {
            throw ProtocolViolation.range(
                    "C2HData for bytes " + offset + ".." + end + " of command " + commandId + ", which expects " + due);
        }
        if (offset != next) {
            throw ProtocolViolation.sequence(
                    "C2HData at offset " + offset + " of command " + commandId + ", where " + next + " is next");
        }
        boolean last = CommonHeader.isLast(pdu, index);
        if (last != (end == due)) {
            throw ProtocolViolation.sequence(
                    "C2HData up to " + end + " of " + due + " bytes of command " + commandId + " has LAST_PDU " + last);
        }
    }
}
