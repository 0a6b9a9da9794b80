package io.nvmf.tcp.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Host to Controller Data: a piece of the data that an {@link R2t} asked for (NVMe/TCP Transport Specification, "Host
 * To Controller Data Transfer PDU (H2CData)").
 */
public final class H2cData {

    private H2cData() {}

    /**
     * Writes the fields behind the common header.
     *
     * @param pdu takes the PDU
     * @param index where it starts
     * @param commandId CCCID
     * @param tag TTAG of the R2T
     * @param offset DATAO, within the command's data, bytes
     * @param length DATAL, bytes
     */
    public static void encode(ByteBuf pdu, int index, int commandId, int tag, int offset, int length) {
        DataFields.encode(pdu, index, commandId, tag, offset, length);
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
     * The R2T that asked for the data.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return TTAG
     */
    public static int tag(ByteBuf pdu, int index) {
        return DataFields.tag(pdu, index);
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
     * Checks DATAL against the limit of the connection. Comes before the tag is looked up.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @param maxH2CData MAXH2CDATA, bytes
     * @throws ProtocolViolation if it is more
     */
    public static void checkLimit(ByteBuf pdu, int index, int maxH2CData) throws ProtocolViolation {
        long length = DataFields.length(pdu, index);
        if (length > maxH2CData) {
            throw ProtocolViolation.limit("H2CData of " + length + " bytes, MAXH2CDATA is " + maxH2CData);
        }
    }

    /**
     * No R2T with this tag is open.
     *
     * @param tag TTAG
     * @return what to report
     */
    public static ProtocolViolation unexpected(int tag) {
        return ProtocolViolation.field(DataFields.TTAG, "H2CData with transfer tag " + tag + ", which is not in use");
    }

    /**
     * Checks command, length, range, order and LAST_PDU. The data that an R2T asks for comes in order and completely.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @param dataLength bytes that the PDU carries
     * @param commandId the command that the R2T was for
     * @param from first byte that the R2T asked for, within the command's data
     * @param requested bytes that the R2T asked for
     * @param progress bytes of them that are here
     * @throws ProtocolViolation about the first of them that is wrong
     */
    public static void check(
            ByteBuf pdu, int index, long dataLength, int commandId, long from, int requested, int progress)
            throws ProtocolViolation {
        int named = commandId(pdu, index);
        if (named != commandId) {
            throw ProtocolViolation.field(
                    DataFields.CCCID,
                    "H2CData for command " + named + " with transfer tag " + tag(pdu, index) + " of command "
                            + commandId);
        }
        long offset = DataFields.offset(pdu, index);
        long length = DataFields.length(pdu, index);
        if (length != dataLength) {
            throw ProtocolViolation.field(
                    DataFields.DATA_LENGTH,
                    "DATAL is " + length + " in an H2CData PDU of " + dataLength + " data bytes");
        }
        if (length == 0) {
            // It would move nothing, and a host could send any number of them for one R2T.
            throw ProtocolViolation.field(DataFields.DATA_LENGTH, "H2CData without data for command " + commandId);
        }
        long end = from + requested;
        if (offset < from || offset + length > end) {
            throw ProtocolViolation.range("H2CData for bytes " + offset + ".." + (offset + length)
                    + ", the R2T asked for " + from + ".." + end);
        }
        long next = from + progress;
        if (offset != next) {
            throw ProtocolViolation.sequence("H2CData at offset " + offset + ", where " + next + " is next");
        }
        boolean last = CommonHeader.isLast(pdu, index);
        if (last != (offset + length == end)) {
            throw ProtocolViolation.sequence(
                    "H2CData up to " + (offset + length) + " of " + end + " has LAST_PDU " + last);
        }
    }
}
