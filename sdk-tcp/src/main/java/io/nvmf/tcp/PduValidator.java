package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;

/**
 * Checks the common header of a received PDU, in the order that decides which of several errors is reported. All arithmetic
 * on lengths is done in 64 bits: PLEN is the peer's.
 */
final class PduValidator {

    private PduValidator() {}

    /**
     * Checks the common header of a PDU that came after the initialisation.
     *
     * @param controller whether this side is the controller
     * @param parameters what the initialisation agreed upon
     * @param pdu holds the common header
     * @param index where it starts
     * @return number of data bytes the PDU carries
     * @throws ProtocolViolation on the first check that fails
     */
    static long validate(boolean controller, ConnectionParameters parameters, ByteBuf pdu, int index)
            throws ProtocolViolation {
        int type = Pdu.type(pdu, index);
        long length = Pdu.length(pdu, index);
        checkType(controller, type);
        if (Pdu.isTermReq(type)
                && (length < Pdu.TERM_REQ_LENGTH || length > Pdu.TERM_REQ_LENGTH + Pdu.MAX_OFFENDING_HEADER)) {
            throw ProtocolViolation.unanswerable(
                    Pdu.PLEN, "the PLEN of a termination request is " + length + ", outside 24..152");
        }
        int fullHeader = Pdu.headerLength(type) + (Pdu.isTermReq(type) ? 0 : parameters.headerDigestLength());
        checkFlags(parameters, type, Pdu.flags(pdu, index), length, fullHeader);
        if (Pdu.headerLength(pdu, index) != Pdu.headerLength(type)) {
            throw ProtocolViolation.field(
                    Pdu.HLEN,
                    "the HLEN of PDU type " + type + " is " + Pdu.headerLength(pdu, index) + " instead of "
                            + Pdu.headerLength(type));
        }
        checkDataOffset(parameters, type, Pdu.dataOffset(pdu, index), fullHeader, length);
        return dataLength(parameters, type, Pdu.dataOffset(pdu, index), fullHeader, length);
    }

    private static void checkType(boolean controller, int type) throws ProtocolViolation {
        boolean legal = controller
                ? type == Pdu.CAPSULE_CMD || type == Pdu.H2C_DATA || type == Pdu.H2C_TERM_REQ
                : type == Pdu.CAPSULE_RESP || type == Pdu.C2H_DATA || type == Pdu.R2T || type == Pdu.C2H_TERM_REQ;
        if (!legal) {
            throw ProtocolViolation.field(
                    Pdu.TYPE,
                    "PDU type " + type + " is not one that a " + (controller ? "host" : "controller") + " sends now");
        }
    }

    private static void checkFlags(ConnectionParameters parameters, int type, int flags, long length, int fullHeader)
            throws ProtocolViolation {
        int legal = switch (type) {
            case Pdu.CAPSULE_CMD -> Pdu.HDGSTF | Pdu.DDGSTF;
            case Pdu.CAPSULE_RESP, Pdu.R2T -> Pdu.HDGSTF;
            case Pdu.H2C_DATA -> Pdu.HDGSTF | Pdu.DDGSTF | Pdu.LAST_PDU;
            case Pdu.C2H_DATA -> Pdu.HDGSTF | Pdu.DDGSTF | Pdu.LAST_PDU | Pdu.SUCCESS;
            default -> 0;
        };
        boolean headerDigest = parameters.headerDigest() && !Pdu.isTermReq(type);
        boolean mayHaveDigest = parameters.dataDigest() && Pdu.mayCarryData(type);
        // A PLEN that does not even hold the header says nothing of data; it is reported itself.
        boolean dataDigest = mayHaveDigest && (length < fullHeader ? (flags & Pdu.DDGSTF) != 0 : length > fullHeader);
        if ((flags & ~legal) != 0
                || ((flags & Pdu.HDGSTF) != 0) != headerDigest
                || ((flags & Pdu.DDGSTF) != 0) != dataDigest
                || (flags & (Pdu.SUCCESS | Pdu.LAST_PDU)) == Pdu.SUCCESS) {
            throw ProtocolViolation.field(
                    Pdu.FLAGS,
                    "the flags of PDU type " + type + " are 0x" + Integer.toHexString(flags)
                            + " where header digests are "
                            + (headerDigest ? "on" : "off") + " and a data digest is "
                            + (dataDigest ? "due" : "not due"));
        }
    }

    private static void checkDataOffset(
            ConnectionParameters parameters, int type, int dataOffset, int fullHeader, long length)
            throws ProtocolViolation {
        if (!Pdu.mayCarryData(type)) {
            if (dataOffset != 0) {
                throw ProtocolViolation.field(
                        Pdu.PDO, "the PDO of PDU type " + type + ", which has no data, is " + dataOffset);
            }
            return;
        }
        if (dataOffset == 0 && length <= fullHeader) {
            return;
        }
        if (length < fullHeader && dataOffset == Pdu.roundUp(fullHeader, parameters.receiveAlignment())) {
            // Where data begins after a header of this length: PLEN is what is wrong.
            return;
        }
        if (dataOffset < fullHeader || dataOffset > length || dataOffset % parameters.receiveAlignment() != 0) {
            throw ProtocolViolation.field(
                    Pdu.PDO,
                    "the PDO of PDU type " + type + " is " + dataOffset + ", not a multiple of "
                            + parameters.receiveAlignment() + " in " + fullHeader + ".." + length);
        }
    }

    private static long dataLength(
            ConnectionParameters parameters, int type, int dataOffset, int fullHeader, long length)
            throws ProtocolViolation {
        if (length < fullHeader) {
            throw ProtocolViolation.field(
                    Pdu.PLEN, "the PLEN of PDU type " + type + " is " + length + ", less than its header");
        }
        if (length == fullHeader || Pdu.isTermReq(type)) {
            return 0;
        }
        if (!Pdu.mayCarryData(type)) {
            throw ProtocolViolation.field(
                    Pdu.PLEN, "the PLEN of PDU type " + type + ", which has no data, is " + length);
        }
        long data = length - dataOffset;
        if (parameters.dataDigest()) {
            if (data <= Pdu.DIGEST) {
                throw ProtocolViolation.field(
                        Pdu.PLEN, "the PLEN of PDU type " + type + " is " + length + ", too little for a data digest");
            }
            data -= Pdu.DIGEST;
        }
        return data;
    }
}
