package io.nvmf.tcp.pdu;

/**
 * Why a side ends a connection (NVMe/TCP Transport Specification, "Fatal Error Status", FES): what a termination
 * request says. Whoever receives one may see other values too, so {@link #text(int)} takes any.
 */
public enum FatalErrorStatus {

    /** A header field is invalid; FEI is the offset of the lowest bad one. */
    INVALID_HEADER_FIELD(1, "invalid PDU header field"),

    /** A PDU came out of sequence. */
    SEQUENCE_ERROR(2, "PDU sequence error"),

    /** The header digest does not match; FEI is the digest received. */
    HEADER_DIGEST_ERROR(3, "header digest error"),

    /** Data is outside the range of its buffer. */
    DATA_TRANSFER_OUT_OF_RANGE(4, "data transfer out of range"),

    /**
     * From a host: more R2Ts than MAXR2T allows. From a controller, with the same code: more data than a limit allows.
     */
    LIMIT_EXCEEDED(5, "R2T or data transfer limit exceeded"),

    /** A parameter of ICReq or ICResp is not supported; FEI is its offset. */
    UNSUPPORTED_PARAMETER(6, "unsupported parameter");

    private final int code;
    private final String text;

    FatalErrorStatus(int code, String text) {
        this.code = code;
        this.text = text;
    }

    /**
     * The value on the wire.
     *
     * @return 1 to 6
     */
    public int code() {
        return code;
    }

    /**
     * What a received value means.
     *
     * @param code FES, 0 to 65,535
     * @return words for a person; the number itself for a value that is not in the specification
     */
    public static String text(int code) {
        for (FatalErrorStatus status : values()) {
            if (status.code == code) {
                return status.text;
            }
        }
        return "fatal error status " + code;
    }
}
