package io.nvmf.tcp.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Ready to Transfer: the controller asks for a piece of the data that a command writes (NVMe/TCP Transport
 * Specification, "Ready To Transfer PDU (R2T)").
 */
public final class R2t {

    private R2t() {}

    /**
     * Writes the fields behind the common header.
     *
     * @param pdu takes the PDU
     * @param index where it starts
     * @param commandId CCCID
     * @param tag TTAG, which comes back in the H2CData
     * @param offset R2TO, within the command's data, bytes
     * @param length R2TL, bytes
     */
    public static void encode(ByteBuf pdu, int index, int commandId, int tag, long offset, int length) {
        DataFields.encode(pdu, index, commandId, tag, offset, length);
    }

    /**
     * The command whose data is asked for.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return CCCID
     */
    public static int commandId(ByteBuf pdu, int index) {
        return DataFields.commandId(pdu, index);
    }

    /**
     * What the H2CData has to name.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return TTAG
     */
    public static int tag(ByteBuf pdu, int index) {
        return DataFields.tag(pdu, index);
    }

    /**
     * Where the piece begins.
     *
     * @param pdu holds the PDU, which has been checked
     * @param index where it starts
     * @return R2TO, within the command's data, bytes
     */
    public static int offset(ByteBuf pdu, int index) {
        return (int) DataFields.offset(pdu, index);
    }

    /**
     * How much data is asked for.
     *
     * @param pdu holds the PDU, which has been checked
     * @param index where it starts
     * @return R2TL, bytes
     */
    public static int length(ByteBuf pdu, int index) {
        return (int) DataFields.length(pdu, index);
    }

    /**
     * The command is not one that has data to send.
     *
     * @param commandId CCCID
     * @return what to report
     */
    public static ProtocolViolation unexpected(int commandId) {
        return ProtocolViolation.field(
                DataFields.CCCID, "R2T for command " + commandId + ", which has no data to send");
    }

    /**
     * Checks length, order, range and the number of R2Ts. A controller asks in order, and for every byte once.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @param available bytes that the command has to send in all
     * @param next first byte that has not been asked for
     * @param open R2Ts of the command whose data has not been sent
     * @param maxR2t MAXR2T, 0's based
     * @throws ProtocolViolation about the first of them that is wrong
     */
    public static void check(ByteBuf pdu, int index, int available, int next, int open, long maxR2t)
            throws ProtocolViolation {
        int commandId = commandId(pdu, index);
        long offset = DataFields.offset(pdu, index);
        long length = DataFields.length(pdu, index);
        if (length == 0) {
            throw ProtocolViolation.field(DataFields.DATA_LENGTH, "R2T of length 0 for command " + commandId);
        }
        if (offset != next) {
            throw ProtocolViolation.sequence(
                    "R2T at offset " + offset + " of command " + commandId + ", where " + next + " is next");
        }
        if (offset + length > available) {
            throw ProtocolViolation.range("R2T for bytes " + offset + ".." + (offset + length) + " of command "
                    + commandId + ", which sends " + available);
        }
        if (open > maxR2t) {
            throw ProtocolViolation.limit(
                    "R2T number " + (open + 1L) + " open for command " + commandId + ", MAXR2T allows " + (maxR2t + 1));
        }
    }
}
