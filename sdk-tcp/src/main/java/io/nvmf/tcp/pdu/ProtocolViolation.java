package io.nvmf.tcp.pdu;

/**
 * The peer broke the protocol: what the termination request says about it (NVMe/TCP Transport Specification, "Fatal
 * Error Status" and "Fatal Error Information"), and a sentence for a person. Has no stack trace. Never leaves the
 * transport.
 */
public final class ProtocolViolation extends Exception {

    private static final long serialVersionUID = 1L;

    private final FatalErrorStatus status;
    private final long information;
    private final boolean answered;

    private ProtocolViolation(FatalErrorStatus status, long information, boolean answered, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.information = information;
        this.answered = answered;
    }

    /**
     * A field of the header is invalid.
     *
     * @param offset of the field from the start of the PDU, bytes
     * @param detail what is wrong, with the value
     * @return a violation with status {@link FatalErrorStatus#INVALID_HEADER_FIELD}
     */
    public static ProtocolViolation field(int offset, String detail) {
        return new ProtocolViolation(FatalErrorStatus.INVALID_HEADER_FIELD, offset, true, detail);
    }

    /**
     * A PDU came at the wrong time.
     *
     * @param detail what is wrong, with the values
     * @return a violation with status {@link FatalErrorStatus#SEQUENCE_ERROR}
     */
    public static ProtocolViolation sequence(String detail) {
        return new ProtocolViolation(FatalErrorStatus.SEQUENCE_ERROR, 0, true, detail);
    }

    /**
     * The digest of a header does not match.
     *
     * @param received the digest in the PDU
     * @param detail what is wrong, with the values
     * @return a violation with status {@link FatalErrorStatus#HEADER_DIGEST_ERROR}
     */
    public static ProtocolViolation headerDigest(int received, String detail) {
        return new ProtocolViolation(
                FatalErrorStatus.HEADER_DIGEST_ERROR, Integer.toUnsignedLong(received), true, detail);
    }

    /**
     * Data is outside the range that the transfer has.
     *
     * @param detail what is wrong, with the values
     * @return a violation with status {@link FatalErrorStatus#DATA_TRANSFER_OUT_OF_RANGE}
     */
    public static ProtocolViolation range(String detail) {
        return new ProtocolViolation(FatalErrorStatus.DATA_TRANSFER_OUT_OF_RANGE, 0, true, detail);
    }

    /**
     * More R2Ts, or more data, than agreed upon.
     *
     * @param detail what is wrong, with the values
     * @return a violation with status {@link FatalErrorStatus#LIMIT_EXCEEDED}
     */
    public static ProtocolViolation limit(String detail) {
        return new ProtocolViolation(FatalErrorStatus.LIMIT_EXCEEDED, 0, true, detail);
    }

    /**
     * A parameter of ICReq or ICResp is legal and not supported here.
     *
     * @param offset of the parameter from the start of the PDU, bytes
     * @param detail what is wrong, with the value
     * @return a violation with status {@link FatalErrorStatus#UNSUPPORTED_PARAMETER}
     */
    public static ProtocolViolation parameter(int offset, String detail) {
        return new ProtocolViolation(FatalErrorStatus.UNSUPPORTED_PARAMETER, offset, true, detail);
    }

    /**
     * A broken termination request: the connection is closed without an answer.
     *
     * @param offset of the bad field from the start of the PDU, bytes
     * @param detail what is wrong, with the value
     * @return a violation that is not {@linkplain #isAnswered() answered}
     */
    public static ProtocolViolation unanswerable(int offset, String detail) {
        return new ProtocolViolation(FatalErrorStatus.INVALID_HEADER_FIELD, offset, false, detail);
    }

    /**
     * FES of the termination request.
     *
     * @return the kind of error
     */
    public FatalErrorStatus status() {
        return status;
    }

    /**
     * FEI of the termination request.
     *
     * @return an offset in bytes, a digest, or 0; unsigned 32 bits
     */
    public long information() {
        return information;
    }

    /**
     * Whether the peer is told with a termination request.
     *
     * @return false if this is about a termination request itself
     */
    public boolean isAnswered() {
        return answered;
    }

    /**
     * What is wrong.
     *
     * @return a sentence for a person
     */
    public String detail() {
        String detail = getMessage();
        return detail == null ? "" : detail;
    }
}
