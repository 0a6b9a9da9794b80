package io.nvmf.tcp.pdu;

import org.jspecify.annotations.Nullable;

/** The types of PDUs (NVMe/TCP Transport Specification, "PDU Types"): their number, header, flags and direction. */
public enum PduType {

    /** Initialize Connection Request. */
    IC_REQ("ICReq", 0x00, 128, 0, false),

    /** Initialize Connection Response. */
    IC_RESP("ICResp", 0x01, 128, 0, true),

    /** Host to Controller Terminate Connection Request. */
    H2C_TERM_REQ("H2CTermReq", 0x02, 24, 0, false),

    /** Controller to Host Terminate Connection Request. */
    C2H_TERM_REQ("C2HTermReq", 0x03, 24, 0, true),

    /** Command Capsule. */
    CAPSULE_CMD("CapsuleCmd", 0x04, 72, CommonHeader.HDGSTF | CommonHeader.DDGSTF, false),

    /** Response Capsule. */
    CAPSULE_RESP("CapsuleResp", 0x05, 24, CommonHeader.HDGSTF, true),

    /** Host to Controller Data. */
    H2C_DATA("H2CData", 0x06, 24, CommonHeader.HDGSTF | CommonHeader.DDGSTF | CommonHeader.LAST_PDU, false),

    /** Controller to Host Data. */
    C2H_DATA(
            "C2HData",
            0x07,
            24,
            CommonHeader.HDGSTF | CommonHeader.DDGSTF | CommonHeader.LAST_PDU | CommonHeader.SUCCESS,
            true),

    /** Ready to Transfer. */
    R2T("R2T", 0x09, 24, CommonHeader.HDGSTF, true);

    private static final @Nullable PduType[] BY_NUMBER = new PduType[16];

    static {
        for (PduType type : values()) {
            BY_NUMBER[type.number] = type;
        }
    }

    private final String text;
    private final int number;
    private final int headerLength;
    private final int legalFlags;
    private final boolean fromController;

    PduType(String text, int number, int headerLength, int legalFlags, boolean fromController) {
        this.text = text;
        this.number = number;
        this.headerLength = headerLength;
        this.legalFlags = legalFlags;
        this.fromController = fromController;
    }

    /**
     * The type with a number.
     *
     * @param number PDU-Type as on the wire
     * @return the type, or null for a number that the specification does not use
     */
    public static @Nullable PduType of(int number) {
        return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    }

    /**
     * PDU-Type on the wire.
     *
     * @return 0 to 9
     */
    public int number() {
        return number;
    }

    /**
     * HLEN: bytes of the header without its digest.
     *
     * @return 24, 72 or 128
     */
    public int headerLength() {
        return headerLength;
    }

    /**
     * The flags that may be set.
     *
     * @return a sum of {@link CommonHeader#HDGSTF} and the other flags
     */
    public int legalFlags() {
        return legalFlags;
    }

    /**
     * Who sends it.
     *
     * @return true for the controller, false for the host
     */
    public boolean isFromController() {
        return fromController;
    }

    /**
     * Whether it has a header digest, where those are on.
     *
     * @return false for ICReq, ICResp and the termination requests
     */
    public boolean mayCarryHeaderDigest() {
        return (legalFlags & CommonHeader.HDGSTF) != 0;
    }

    /**
     * Whether data may follow the header, and so padding and a data digest.
     *
     * @return true for CapsuleCmd, H2CData and C2HData
     */
    public boolean mayCarryData() {
        return (legalFlags & CommonHeader.DDGSTF) != 0;
    }

    /**
     * Whether it begins a connection.
     *
     * @return true for ICReq and ICResp
     */
    public boolean isInitialization() {
        return this == IC_REQ || this == IC_RESP;
    }

    /**
     * Whether it ends the connection.
     *
     * @return true for H2CTermReq and C2HTermReq
     */
    public boolean isTermReq() {
        return this == H2C_TERM_REQ || this == C2H_TERM_REQ;
    }

    /** The name that the specification uses. */
    @Override
    public String toString() {
        return text;
    }
}
